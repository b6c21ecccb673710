import type { Ask, AskContext, GateAnswer } from './ask.ts';
import { askAudit } from './ask-audit.ts';
import { askCommand } from './ask-command.ts';
import { askCoverage } from './ask-coverage.ts';
import { askFindings } from './ask-findings.ts';
import { askHttp } from './ask-http.ts';
import { askNetworkPolicy } from './ask-network-policy.ts';
import { askScenario } from './ask-scenario.ts';
import { askSigning } from './ask-signing.ts';
import { askSpecTests } from './ask-spec-tests.ts';
import { askSse } from './ask-sse.ts';
import type { CheckKind, GateCheck } from './check-schema.ts';

const asks: { readonly [Kind in CheckKind]: Ask<Kind> } = {
  http: askHttp,
  sse: askSse,
  command: askCommand,
  scenario: askScenario,
  audit: askAudit,
  'findings-regression': askFindings,
  coverage: askCoverage,
  'spec-tests': askSpecTests,
  signing: askSigning,
  'network-policy': askNetworkPolicy,
};

/** Asks a check of any kind. Throws the WorldErrors of the testbed. */
export const askOf = (check: GateCheck, context: AskContext): Promise<GateAnswer> =>
  (asks[check.kind] as Ask<CheckKind>)(check, context);
