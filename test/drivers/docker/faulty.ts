// Takes a driver through install and upgrade as a run does, and asks the floor's own questions about
// what became of it: which checks go red, and whose fault they say it is.

import { judgeConverged, judgeDone, judgeIdentity } from '../../../src/checks/floor-deploy.ts';
import { judgeApplied, judgeNoOrphans } from '../../../src/checks/floor-upgrade.ts';
import type { OperationFacts } from '../../../src/checks/facts.ts';
import type { Orchestrator } from '../../../src/drivers/docker/orchestrator.ts';
import { endedOf } from '../../../src/lifecycle/failure.ts';
import type { Deployment } from '../../../src/ports/app-driver.ts';
import { makeDockerSubject, type DockerSubjectOptions } from './subject.ts';

const signal = new AbortController().signal;

export type Settling = { readonly settleMs: number; readonly timeoutMs: number };

export async function openFaulty(orchestrator: Orchestrator, options: DockerSubjectOptions) {
  const subject = await makeDockerSubject(orchestrator, options);
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

/** `meanwhile` runs beside the wait for the app. */
export async function perform(
  { deployment, subject }: Faulty,
  operation: 'install' | 'upgrade',
  settling: Settling,
  meanwhile: () => Promise<void> = () => Promise.resolve(),
) {
  const release = operation === 'install' ? subject.base : subject.head;
  const before = operation === 'install' ? undefined : await deployment.observe();
  const gathered: { convergence?: OperationFacts['convergence'] } = {};
  const result = await work().then(
    () => ({ kind: 'value', value: undefined }) as const,
    (error: unknown) => ({ kind: 'threw', error }) as const,
  );
  const { appFault, ...ended } = endedOf(result, settling.timeoutMs);
  const { convergence } = gathered;
  const failed = convergence !== undefined && convergence.state !== 'converged';
  const after = result.kind === 'value' ? await deployment.observe() : undefined;
  const facts: OperationFacts = {
    ...{ operation, stage: 'head', hooks: [] },
    ended: failed ? { outcome: 'failed', message: convergence.message } : ended,
    appFault: appFault || failed,
    ...(convergence === undefined ? {} : { convergence }),
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
    ...(after === undefined ? {} : { rendering: await rendered(deployment, release, operation) }),
  };
  return { ...answersTo(facts), cause: causeOf(facts), message: facts.ended.message ?? '' };

  async function work(): Promise<void> {
    if (operation === 'install') await deployment.install(release, 'base', signal);
    else await deployment.upgrade(release, signal);
    const other = meanwhile();
    try {
      gathered.convergence = await deployment.settled({ ...settling, signal });
    } finally {
      await other;
    }
  }
}

const rendered = (
  deployment: Deployment,
  release: Faulty['subject']['base'],
  operation: 'install' | 'upgrade',
) => deployment.render(release, operation === 'install' ? 'base' : 'head');

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
