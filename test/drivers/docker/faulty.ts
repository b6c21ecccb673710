// Takes a driver through install and upgrade as a run does, and asks the floor's own questions about
// what became of it: which checks go red, and whose fault they say it is.

import { judgeConverged, judgeDone, judgeIdentity } from '../../../src/checks/floor-deploy.ts';
import { judgeApplied, judgeNoOrphans } from '../../../src/checks/floor-upgrade.ts';
import type { OperationFacts } from '../../../src/checks/facts.ts';
import type { Orchestrator } from '../../../src/drivers/docker/orchestrator.ts';
import { type Ended, endedOf } from '../../../src/lifecycle/failure.ts';
import { makeDockerSubject, type DockerSubject, type DockerSubjectOptions } from './subject.ts';

const signal = new AbortController().signal;

export type Settling = { readonly settleMs: number; readonly timeoutMs: number };

export const openFaulty = async (orchestrator: Orchestrator, options: DockerSubjectOptions) =>
  openFaultyOn(await makeDockerSubject(orchestrator, options));

export async function openFaultyOn(subject: DockerSubject) {
  const opened = await subject.open();
  const driver = subject.driver();
  const deployment = await driver.open(opened.context);
  return {
    ...{ subject, driver, deployment, context: opened.context, resources: opened.resources },
    /** What had to be forced or could not be removed, and what is left. */
    remove: async (): Promise<readonly string[]> => {
      const removed = await driver.remove(opened.resources(), { signal, graceMs: 2000 });
      const left = await driver.find(opened.context.run, opened.resources());
      await subject.dispose();
      return [
        ...removed
          .filter(({ outcome }) => outcome !== 'removed')
          .map(({ kind, name, outcome }) => `${outcome} ${kind} ${name}`),
        ...left.map(({ kind, name }) => `left ${kind} ${name}`),
      ];
    },
  };
}

export type Faulty = Awaited<ReturnType<typeof openFaulty>>;

type Operation = 'install' | 'upgrade';

/** `meanwhile` runs beside the wait for the app. */
export async function perform(
  app: Faulty,
  operation: Operation,
  settling: Settling,
  meanwhile: () => Promise<void> = () => Promise.resolve(),
) {
  const { deployment, subject } = app;
  const release = operation === 'install' ? subject.base : subject.head;
  const before = operation === 'install' ? {} : { before: await deployment.observe() };
  const gathered: { convergence?: OperationFacts['convergence'] } = {};
  const work = async (): Promise<void> => {
    await send(app, operation);
    const other = meanwhile();
    try {
      gathered.convergence = await deployment.settled({ ...settling, signal });
    } finally {
      await other;
    }
  };
  const result = await work().then(
    () => ({ kind: 'value', value: undefined }) as const,
    (error: unknown) => ({ kind: 'threw', error }) as const,
  );
  const looked = async () => ({
    after: await deployment.observe(),
    rendering: await deployment.render(release, operation === 'install' ? 'base' : 'head'),
  });
  const facts = {
    ...{ operation, stage: 'head' as const, hooks: [], ...before },
    ...endOf(endedOf(result, settling.timeoutMs), gathered.convergence),
    ...(result.kind === 'value' ? await looked() : {}),
  };
  return { ...answersTo(facts), cause: causeOf(facts), message: facts.ended.message ?? '' };
}

function send({ deployment, subject }: Faulty, operation: Operation): Promise<void> {
  return operation === 'install'
    ? deployment.install(subject.base, 'base', signal)
    : deployment.upgrade(subject.head, signal);
}

/** As a run has it: what did not come up is the app's failure, though nothing threw. */
function endOf({ appFault, ...ended }: Ended, convergence: OperationFacts['convergence']) {
  if (convergence === undefined) return { ended, appFault };
  return convergence.state === 'converged'
    ? { ended, appFault, convergence }
    : {
        ended: { outcome: 'failed' as const, message: convergence.message },
        appFault: true,
        convergence,
      };
}

const answersTo = (facts: OperationFacts) => ({
  done: judgeDone(facts).verdict,
  converged: judgeConverged(facts).verdict,
  identity: judgeIdentity(facts).verdict,
  ...(facts.operation === 'upgrade'
    ? { applied: judgeApplied(facts).verdict, orphans: judgeNoOrphans(facts).verdict }
    : {}),
});

const causeOf = ({ convergence, ended }: OperationFacts): string | undefined =>
  convergence?.state === 'failed' ? convergence.cause : (ended.cause ?? convergence?.state);
