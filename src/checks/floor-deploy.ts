// Floor checks of every operation that leaves the app running: install, upgrade, restore, rebuild.

import type { Rendering, Snapshot } from '../ports/app-driver.ts';
import type { JsonObject } from '../ports/json.ts';
import { errored, failed, inconclusive, notRun, passed, type Answer } from './answer.ts';
import { differences } from './difference.ts';
import type { OperationFacts, ServingAnswer, ServingAttempt, ServingFacts } from './facts.ts';
import { ingressTrouble, type ServingTrouble } from './ingress.ts';

/** `floor.<op>.done`: the operation ended without failure or testbed error. */
export function judgeDone({ operation, ended, appFault, hooks }: OperationFacts): Answer {
  const evidence = { ended: { ...ended }, hooks: hooks.map((hook) => ({ ...hook })) as never };
  if (ended.outcome === 'done') return passed('driver', `${operation} ended well`, evidence);
  const message = `${operation} ${ended.outcome}: ${ended.message ?? ended.cause ?? 'no reason given'}`;
  if (ended.outcome === 'interrupted') return notRun(message);
  return appFault ? failed('driver', message, evidence) : errored('driver', message, evidence);
}

/** `floor.*.converged`: everything came up and stayed up for the settle time. */
export function judgeConverged({ convergence }: OperationFacts): Answer {
  if (convergence === undefined) return notRun('the operation ended before anything could come up');
  const evidence = { convergence: { ...convergence } as JsonObject };
  if (convergence.state === 'converged')
    return passed('driver', 'all services are up and stayed unchanged', evidence);
  const cause = convergence.state === 'failed' ? convergence.cause : convergence.state;
  return failed('driver', `${cause}: ${convergence.message}`, evidence);
}

/** Services as a rendering wants them and as a snapshot saw them. */
function compared(
  rendering: Rendering,
  snapshot: Snapshot,
): { wanted: JsonObject; seen: JsonObject } {
  const seen = Object.entries(snapshot.services).map(([name, { spec }]) => [name, spec] as const);
  return { wanted: { ...rendering.services }, seen: Object.fromEntries(seen) };
}

/** `floor.*.identity`: what runs equals an independent rendering of the stage, by content. */
export function judgeIdentity({ rendering, after, convergence }: OperationFacts): Answer {
  if (rendering === undefined || after === undefined) return notRun('nothing was observed');
  const { wanted, seen } = compared(rendering, after);
  if (Object.keys(wanted).length === 0)
    return inconclusive('driver', 'the release renders to no service at all', { wanted, seen });
  const idle = Object.keys(wanted).filter(
    (name) =>
      after.services[name]?.units.some(({ running }) => running) !== true &&
      !isOver(name, convergence),
  );
  const paths = differences(wanted, seen);
  const evidence = { wanted, seen, differences: paths };
  if (idle.length > 0)
    return failed('driver', `nothing runs of ${idle.join(', ')}, so it has no identity`, evidence);
  return paths.length === 0
    ? passed('driver', 'what runs is, by content, the release that should run', evidence)
    : failed('driver', `what runs differs from the release at ${paths.join(', ')}`, evidence);
}

/** One that has done what it was for, or was not to run at all: what came up says so. */
const isOver = (name: string, convergence: OperationFacts['convergence']): boolean =>
  convergence?.state === 'converged' &&
  convergence.notes.some(
    (note) => note === `completed: ${name}` || note.startsWith(`scaled-to-zero: ${name} `),
  );

/** `floor.*.serving`: the app itself answers over HTTP, three good answers in a row. */
export function judgeServing({ serving }: OperationFacts): Answer {
  if (serving === undefined) return notRun('the app was not asked');
  const evidence = { serving: serving as unknown as JsonObject };
  if (!serving.ownListener)
    return failed('http', 'the port is held by a process that is not the current app', evidence);
  if (serving.goodInARow >= servingGoodMin)
    return passed('http', `${serving.url} ${praise(serving)}`, evidence);
  const { verdict, message } = explain(serving);
  return verdicts[verdict]('http', `${serving.url}: ${message}`, evidence);
}

export const servingGoodMin = 3;
const verdicts = { failed, error: errored, inconclusive } as const;

function praise({ attempts }: ServingFacts): string {
  const good = `gave ${String(servingGoodMin)} good answers in a row`;
  const ingress = attempts.at(-1)?.ingress;
  if (ingress === undefined) return good;
  const inside = ingress.task !== undefined && 'status' in ingress.task;
  return `${good} through the proxy, none of them the proxy's own${inside ? ', as the task does' : ''}`;
}

function explain({ attempts, wanted }: ServingFacts): ServingTrouble {
  const last = attempts.at(-1);
  if (last === undefined) return { verdict: 'failed', message: 'no attempt was made' };
  return troubleOf(last, wanted) ?? { verdict: 'failed', message: 'answers were not stable' };
}

/** Why an attempt does not count, or undefined when it does. */
export function troubleOf(
  attempt: ServingAttempt,
  wanted: ServingFacts['wanted'],
): ServingTrouble | undefined {
  const message = 'error' in attempt ? attempt.error : badAnswer(attempt, wanted);
  const bad = message === undefined ? undefined : ({ verdict: 'failed', message } as const);
  return attempt.ingress === undefined ? bad : ingressTrouble(attempt.ingress, bad);
}

/** Why an answer does not count, or undefined when it does. */
function badAnswer(
  { status, bytes, location, contains }: ServingAnswer,
  wanted: ServingFacts['wanted'],
): string | undefined {
  if (!wanted.status.includes(status))
    return `status ${String(status)}, wanted ${wanted.status.join(' or ')}`;
  if (bytes === 0 && status !== 204 && (status < 300 || status > 399))
    return `status ${String(status)} with an empty body`;
  if (!contains) return `the body does not contain ${JSON.stringify(wanted.contains)}`;
  if (location !== undefined && !wanted.redirectsTo.includes(location))
    return `redirects to ${location}, which is neither the app nor in health.redirectsTo`;
  return undefined;
}

/** `floor.*.stable`: after all checks, units and specs are as right after the operation. */
export function judgeStable({ after, later }: OperationFacts): Answer {
  if (after === undefined || later === undefined) return notRun('nothing was observed twice');
  const [was, is] = [comparable(after), comparable(later)];
  const paths = differences(was, is);
  const evidence = { was, is, differences: paths };
  return paths.length === 0
    ? passed('driver', 'nothing changed while the checks were asked', evidence)
    : failed('driver', `changed while checks were asked: ${paths.join(', ')}`, evidence);
}

function comparable({ services, volumes }: Snapshot): JsonObject {
  return {
    services,
    volumes: volumes.map(({ name, id }) => ({ name, id })),
  };
}
