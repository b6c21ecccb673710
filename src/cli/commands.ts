// Every command, in the order in which help lists them.

import type { Command } from './command.ts';
import { aetherCheck } from './commands/aether-check.ts';
import { aetherDialect } from './commands/aether-dialect.ts';
import { aetherExplain } from './commands/aether-explain.ts';
import { aetherFormat } from './commands/aether-format.ts';
import { aetherLsp } from './commands/aether-lsp.ts';
import { aetherMigrate } from './commands/aether-migrate.ts';
import { aetherRisk } from './commands/aether-risk.ts';
import { aetherRun } from './commands/aether-run.ts';
import { aetherSign } from './commands/aether-sign.ts';
import { aetherVerify } from './commands/aether-verify.ts';
import { aetherWatch } from './commands/aether-watch.ts';
import { aether } from './commands/aether.ts';
import { auditCheck } from './commands/audit-check.ts';
import { auditExplain } from './commands/audit-explain.ts';
import { auditExport } from './commands/audit-export.ts';
import { auditStatus } from './commands/audit-status.ts';
import { canariesRun } from './commands/canaries-run.ts';
import { makeCompletion } from './commands/completion.ts';
import { findingsBaseline } from './commands/findings-baseline.ts';
import { findingsClassify } from './commands/findings-classify.ts';
import { findingsExport } from './commands/findings-export.ts';
import { findingsFlakes } from './commands/findings-flakes.ts';
import { findingsImport } from './commands/findings-import.ts';
import { findingsMerge } from './commands/findings-merge.ts';
import { findingsRegress } from './commands/findings-regress.ts';
import { findingsSuppress } from './commands/findings-suppress.ts';
import { findingsTrends } from './commands/findings-trends.ts';
import { fixturesCheck } from './commands/fixtures-check.ts';
import { fixturesGc } from './commands/fixtures-gc.ts';
import { fixturesList } from './commands/fixtures-list.ts';
import { fixturesPrepare } from './commands/fixtures-prepare.ts';
import { gatesAttest } from './commands/gates-attest.ts';
import { gatesCoverage } from './commands/gates-coverage.ts';
import { gatesExplain } from './commands/gates-explain.ts';
import { gatesList } from './commands/gates-list.ts';
import { gatesReport } from './commands/gates-report.ts';
import { gates, gatesRun } from './commands/gates-run.ts';
import { gatesRunbook } from './commands/gates-runbook.ts';
import { gatesVerify } from './commands/gates-verify.ts';
import { gatesWatch } from './commands/gates-watch.ts';
import { init } from './commands/init.ts';
import { keysList } from './commands/keys-list.ts';
import { keysNew } from './commands/keys-new.ts';
import { keysRevoke } from './commands/keys-revoke.ts';
import { logs } from './commands/logs.ts';
import { plan } from './commands/plan.ts';
import { manifestImport } from './commands/manifest-import.ts';
import { recipeLint } from './commands/recipe-lint.ts';
import { recover } from './commands/recover.ts';
import { report } from './commands/report.ts';
import { run } from './commands/run.ts';
import { runs } from './commands/runs.ts';
import { schema } from './commands/schema.ts';
import { show } from './commands/show.ts';
import { trustCheck } from './commands/trust-check.ts';
import { trustDigest } from './commands/trust-digest.ts';
import { verify } from './commands/verify.ts';

export const commands: readonly Command[] = [
  init,
  plan,
  run,
  show,
  report,
  runs,
  logs,
  verify,
  recover,
  keysNew,
  keysList,
  keysRevoke,
  canariesRun,
  fixturesCheck,
  fixturesPrepare,
  fixturesList,
  fixturesGc,
  auditStatus,
  auditCheck,
  auditExplain,
  auditExport,
  aether,
  aetherCheck,
  aetherWatch,
  aetherRun,
  aetherFormat,
  aetherMigrate,
  aetherSign,
  aetherVerify,
  aetherRisk,
  aetherDialect,
  aetherExplain,
  aetherLsp,
  findingsImport,
  findingsClassify,
  findingsSuppress,
  findingsBaseline,
  findingsRegress,
  findingsTrends,
  findingsFlakes,
  findingsExport,
  findingsMerge,
  gates,
  gatesRun,
  gatesList,
  gatesExplain,
  gatesReport,
  gatesAttest,
  gatesVerify,
  gatesCoverage,
  gatesRunbook,
  gatesWatch,
  manifestImport,
  recipeLint,
  trustDigest,
  trustCheck,
  schema,
  makeCompletion(() => commands),
];
