// The checks of the whole run, asked after the removal.

import type { Answer } from '../checks/answer.ts';
import {
  judgeDeploymentOnce,
  judgeExpectedKept,
  judgeRedactorAlive,
  judgeSecretsAbsent,
} from '../checks/run-checks.ts';
import type { ExpectedCheck, JournalRecord } from '../evidence/record.ts';
import type { Session } from './session.ts';

export type LastGreen = { readonly run: string; readonly expected: readonly ExpectedCheck[] };

export async function askRunChecks(
  session: Session,
  facts: {
    readonly records: readonly JournalRecord[];
    readonly lastGreen: LastGreen | undefined;
  },
): Promise<void> {
  const { plan, recorder, secrets, memory } = session;
  const questions: Readonly<Record<string, () => Answer | Promise<Answer>>> = {
    'run.deployment.once': () =>
      judgeDeploymentOnce({
        created: count(facts.records, 'resource.created', 'deployment'),
        installs: facts.records.filter(isInstall).length,
        dependencies: session.dependencies.length,
        lasting: memory.lasting,
      }),
    'run.expected.kept': () => {
      if (facts.lastGreen === undefined) throw new Error('expected only with a last green run');
      return judgeExpectedKept({ expected: plan.expected, lastGreen: facts.lastGreen });
    },
    'run.secrets.redactor-alive': () => judgeRedactorAlive(secrets.probeRedactor()),
    'run.secrets.absent': async () => {
      const kept = await session.scanBundle();
      return judgeSecretsAbsent({
        hits: [...memory.logHits, ...kept.hits],
        planted: secrets.planted.map(({ name }) => name),
        held: [...memory.held],
        scannedBytes: kept.bytes + memory.logBytes,
        unscanned: kept.unscanned,
      });
    },
  };
  for (const check of plan.expected) {
    const question = questions[check.id];
    if (check.after !== 'run' || check.skip !== undefined || question === undefined) continue;
    const answer = await question();
    await recorder.ask(check, 'run', () => answer);
  }
}

const isInstall = (record: JournalRecord): boolean =>
  record.type === 'operation.started' && record.data.operation === 'install';

const count = (records: readonly JournalRecord[], type: string, kind: string): number =>
  records.filter(
    (record) => record.type === type && 'kind' in record.data && record.data.kind === kind,
  ).length;
