// What the library offers. The only file that re-exports.

export {
  plan,
  readRun,
  recover,
  report,
  run,
  verify,
  type PlanOptions,
  type RunOptions,
} from './cli/library.ts';
export { reportFormatNames, type ReportFormat } from './cli/report-formats.ts';
export type { VerifiedRun } from './cli/verify-runs.ts';
export type { Finding } from './evidence/verify-finding.ts';
export type { RunResult } from './lifecycle/planned-run.ts';
export type { Recovered } from './lifecycle/recover.ts';
export {
  journalFormat,
  type AskedRun,
  type Bound,
  type Boundary,
  type ExpectedCheck,
  type JournalRecord,
  type ObjectRef,
  type RecordData,
  type RecordType,
  type ReleaseIdentity,
  type Skip,
  type Stage,
  type OperationOutcome,
  type RunOutcome,
  type UndoOutcome,
} from './evidence/record.ts';
export type {
  CheckState,
  OperationState,
  ResourceState,
  RunState,
  UndoState,
} from './evidence/run-state.ts';
export type { Verdict } from './evidence/verdict.ts';
export type {
  BaseCandidate,
  DependencyPlan,
  GrantedAuthority,
  OperationName,
  OverlayFile,
  Plan,
  PlannedHook,
  PlannedLocalCode,
  PlannedOperation,
} from './scenario/plan.ts';
export type { EnvValue, HookName, Manifest, Probe } from './scenario/manifest.ts';
export type {
  DriverKind,
  Resource,
  ResourceKind,
  ServiceState,
  Snapshot,
} from './ports/app-driver.ts';
export type { Json, JsonObject } from './ports/json.ts';
export type { Release, ReleaseOrigin } from './ports/release.ts';
export type {
  OpenedSubject,
  PackAction,
  PackAnswer,
  PackCollector,
  PackCommand,
  PackContext,
  PackFile,
  PackObserver,
  PackPlaces,
  PackPorts,
  PackResult,
  PackSubject,
  SubjectConditions,
  SubjectIdentity,
  Surface,
} from './ports/pack.ts';
export type {
  Check,
  OverlayAssert,
  OverlayContext,
  OverlayFacts,
  OverlayMarker,
  OverlayRequest,
  OverlayResponse,
} from './ports/overlays.ts';
export { WorldError, type WorldErrorCode } from './ports/world-error.ts';
export { metricValue } from './gates/metrics.ts';
export { sseParser, type SseEvent, type SseParser } from './gates/sse-parse.ts';
export { valueAtPointer } from './gates/json-pointer.ts';
export {
  isBelow,
  percent,
  type Coverage,
  type CoverageReading,
  type Fraction,
} from './gates/coverage.ts';
export { readCoverage, type CoveragePaths } from './gates/coverage-formats.ts';
