import type { AskContext, GateAnswer } from './ask.ts';
import { askCommand } from './ask-command.ts';
import { askCoverage } from './ask-coverage.ts';
import { askFindings } from './ask-findings.ts';
import { askHttp } from './ask-http.ts';
import { askNetworkPolicy } from './ask-network-policy.ts';
import { askScenario } from './ask-scenario.ts';
import { askSigning } from './ask-signing.ts';
import { askSpecTests } from './ask-spec-tests.ts';
import { askSse } from './ask-sse.ts';
import type { GateCheck } from './check-schema.ts';

/** Asks a check of any kind. Throws the WorldErrors of the testbed. */
export function askOf(check: GateCheck, context: AskContext): Promise<GateAnswer> {
  switch (check.kind) {
    case 'http':
      return askHttp(check, context);
    case 'sse':
      return askSse(check, context);
    case 'command':
      return askCommand(check, context);
    case 'scenario':
      return askScenario(check, context);
    case 'findings-regression':
      return askFindings(check, context);
    case 'coverage':
      return askCoverage(check, context);
    case 'spec-tests':
      return askSpecTests(check, context);
    case 'signing':
      return askSigning(check, context);
    case 'network-policy':
      return askNetworkPolicy(check, context);
  }
}
