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
export type { ReportFormat } from './cli/report-formats.ts';
export type { VerifiedRun } from './cli/verify-runs.ts';
export type { Finding } from './evidence/verify-finding.ts';
export type { RunResult } from './lifecycle/planned-run.ts';
export type { Recovered } from './lifecycle/recover.ts';
export type {
  Boundary,
  ExpectedCheck,
  JournalRecord,
  ObjectRef,
  RecordData,
  RecordType,
  ReleaseIdentity,
  Skip,
  Stage,
} from './evidence/record.ts';
export type { CheckState, OperationState, RunState } from './evidence/run-state.ts';
export type { Verdict } from './evidence/verdict.ts';
export type {
  BaseCandidate,
  OperationName,
  OverlayFile,
  Plan,
  PlannedOperation,
} from './scenario/plan.ts';
export type { Manifest } from './scenario/manifest.ts';
export type {
  Check,
  OverlayAssert,
  OverlayContext,
  OverlayRequest,
  OverlayResponse,
} from './ports/overlays.ts';
export { WorldError, type WorldErrorCode } from './ports/world-error.ts';
