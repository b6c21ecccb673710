// Deploys the apps that the app needs beside it, before anything of the app is there. Each is a session of
// its own, whose installation is the same as the app's; what keeps it from coming up is never the app's fault.

import {
  judgeConverged,
  judgeIdentity,
  judgeServing,
  judgeStable,
} from '../checks/floor-deploy.ts';
import type { OperationFacts } from '../checks/facts.ts';
import type { JsonObject } from '../ports/json.ts';
import { WorldError } from '../ports/world-error.ts';
import { collectLogs } from './collect-logs.ts';
import { quietly } from './quietly.ts';
import type { Dependency, Effect, Gathered, Session } from './session.ts';

/** In order; the first that does not come up ends the installation with an error. */
export async function deployDependencies(
  session: Session,
  install: (session: Session) => Effect,
  signal: AbortSignal,
): Promise<void> {
  for (const dependency of session.dependencies) {
    const { as, session: own } = dependency;
    const gathered: Gathered = {};
    try {
      await install(own)(gathered, signal);
      const trouble = troubleOf(own, gathered);
      if (trouble !== undefined) throw notToBeHad(as, trouble);
    } catch (error) {
      if (!(error instanceof WorldError) || error.code === 'cancelled') throw error;
      throw error.code === 'dependency' ? error : notToBeHad(as, error.message, error.hint);
    } finally {
      if (gathered.after !== undefined)
        await own.recorder.observe('install', 'after', asJson(gathered.after), 'head');
      await collectLogs(own, 'install');
    }
  }
}

const notToBeHad = (as: string, why: string, hint?: string): WorldError =>
  new WorldError(
    'dependency',
    `dependency ${as} is not to be had: ${why}`,
    hint === undefined ? {} : { hint },
  );

const factsOf = (gathered: Gathered): OperationFacts => ({
  ...{ operation: 'install', stage: 'head', hooks: [], appFault: false },
  ...gathered,
  ended: { outcome: 'done' },
});

/** Port types are JSON by construction; this only tells the compiler. */
const asJson = (value: object): never => value as never;

/** What the floor would say of it, were it the app. */
function troubleOf({ manifest }: Session, gathered: Gathered): string | undefined {
  const asked = [
    judgeConverged,
    judgeIdentity,
    ...('none' in manifest.health ? [] : [judgeServing]),
  ];
  return asked.map((judge) => judge(factsOf(gathered))).find(({ verdict }) => verdict !== 'passed')
    ?.message;
}

/** By name, what hooks and checks are told: where each is, for them and for the app, and what it was given. */
export function dependencyFacts({ dependencies }: Session): Readonly<Record<string, JsonObject>> {
  return Object.fromEntries(
    dependencies.flatMap((each) => {
      const { deployment } = each.session.memory;
      return deployment === undefined ? [] : [[each.as, told(each, deployment)] as const];
    }),
  );
}

function told(
  { given, session: { plan, env } }: Dependency,
  deployment: NonNullable<Session['memory']['deployment']>,
): JsonObject {
  const [url, innerUrl] = [deployment.url(), deployment.innerUrl?.()];
  const domain = deployment.domain?.();
  return {
    ...{ app: plan.app, instance: plan.instance },
    ...(domain === undefined ? {} : { domain }),
    ...(url === undefined ? {} : { url }),
    ...(innerUrl === undefined ? {} : { innerUrl }),
    env: Object.fromEntries(given.map((name) => [name, env[name] ?? ''])),
  };
}

const lookBudgetMs = 30_000;

/** One that changed by itself may be why the app fails, of which no check can know: so it is said. */
export async function watchDependencies(session: Session, operation: string): Promise<void> {
  for (const { as, session: own } of session.dependencies) {
    const { deployment, snapshot } = own.memory;
    if (deployment === undefined || snapshot === undefined) continue;
    const later = await quietly(session.world, lookBudgetMs, () => deployment.observe());
    const seen = later === undefined ? {} : { later };
    const { verdict, message } = judgeStable({ ...factsOf({ after: snapshot }), ...seen });
    if (verdict === 'passed') continue;
    await session.recorder.note(
      'dependency-changed',
      `dependency ${as} is not what it was: seen after ${operation}: ${message}`,
      { severity: 'warning' },
    );
    if (later !== undefined) own.memory.snapshot = later;
  }
}

/** What they printed since they came up. Nobody asks them any more. */
export async function closeDependencies({ dependencies }: Session): Promise<void> {
  for (const { session } of dependencies) {
    await collectLogs(session, 'remove');
    delete session.memory.deployment;
  }
}
