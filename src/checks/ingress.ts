// Whose answer came through the worker's proxy: the app's, the proxy's own, or another app's. Source: the
// specification of the lifecycle engine, section A.4.

import type { IngressFacts, ProxyAnswer, Unanswered } from './facts.ts';

export type ServingTrouble = {
  readonly verdict: 'failed' | 'error' | 'inconclusive';
  readonly message: string;
};

const failed = (message: string): ServingTrouble => ({ verdict: 'failed', message });
/** A proxy that is not to be had is the testbed's. */
const errored = (message: string): ServingTrouble => ({ verdict: 'error', message });
const inconclusive = (message: string): ServingTrouble => ({ verdict: 'inconclusive', message });

/** `bad`: what is wrong with the app's answer, whoever gave it. Undefined when it is good and the app's. */
export function ingressTrouble(
  { app, strangers, task }: IngressFacts,
  bad: ServingTrouble | undefined,
): ServingTrouble | undefined {
  if ('error' in app) return withoutAnswer(app, strangers);
  return ofTheProxy(app, strangers) ?? bad ?? unfixed(strangers) ?? besideTheTask(app, task);
}

type Strangers = IngressFacts['strangers'];

/** A certificate is the proxy's to show for the app. A proxy that answers for nobody tells nothing of the app. */
function withoutAnswer(app: Unanswered, strangers: Strangers): ServingTrouble {
  const silent = strangers.every((each) => 'error' in each && each.untrusted !== true);
  return silent && app.untrusted !== true
    ? errored(`the proxy answers for no host: ${app.error}`)
    : failed(app.error);
}

/** Two of them tell what of it changes from one request to the next. */
function ofTheProxy(app: ProxyAnswer, [one, other]: Strangers): ServingTrouble | undefined {
  if ('error' in one || 'error' in other) return undefined;
  if (app.status !== one.status || one.status !== other.status) return undefined;
  const moving = new Set(
    [...Object.keys(one.headers), ...Object.keys(other.headers)].filter(
      (name) => one.headers[name] !== other.headers[name],
    ),
  );
  if (steady(app, moving) !== steady(one, moving)) return undefined;
  const status = `status ${String(app.status)}`;
  if (one.bodySha256 !== other.bodySha256)
    return inconclusive(
      `${status} with the headers that the proxy gives to hosts which nobody has; its own page changes, and this may be it`,
    );
  return app.bodySha256 === one.bodySha256
    ? failed(`${status}, word for word what the proxy itself says for a host that nobody has`)
    : undefined;
}

const steady = ({ headers }: ProxyAnswer, moving: ReadonlySet<string>): string =>
  JSON.stringify(
    Object.entries(headers)
      .filter(([name]) => !moving.has(name))
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );

/** Without the proxy's own answer nobody can say that this is none. */
function unfixed([one, other]: Strangers): ServingTrouble | undefined {
  for (const each of [one, other])
    if ('error' in each)
      return errored(
        `what the proxy itself says for a host that nobody has is unknown: ${each.error}`,
      );
  if ('error' in one || 'error' in other || one.status === other.status) return undefined;
  return errored(
    `the proxy says status ${String(one.status)} for one host that nobody has, and ${String(other.status)} for the next`,
  );
}

function besideTheTask(app: ProxyAnswer, task: IngressFacts['task']): ServingTrouble | undefined {
  // An app that encrypts for itself has a certificate of its own making, which nobody but the proxy is told to take.
  if (task === undefined || ('error' in task && task.untrusted === true)) return undefined;
  const status = String(app.status);
  if ('error' in task)
    return failed(
      `status ${status} comes through the proxy, and nothing answers in the task: ${task.error}`,
    );
  return classOf(task.status) === classOf(app.status)
    ? undefined
    : inconclusive(
        `status ${status} comes through the proxy and ${String(task.status)} from the task: another app may answer for this one`,
      );
}

const classOf = (status: number): number => Math.floor(status / 100);
