// Asks the app over HTTP until it gives three good answers in a row, or its time is over.

import type { ServingAnswer, ServingFacts } from '../checks/facts.ts';
import { badAnswer, servingGoodMin } from '../checks/floor-deploy.ts';
import { WorldError } from '../ports/world-error.ts';
import type { Snapshot } from '../ports/app-driver.ts';
import { deploymentOf, type Session } from './session.ts';

const attemptsKept = 5;
const pauseMs = 100;
const requestTimeoutMs = 10_000;
const excerptLength = 400;

/** Undefined when the app has no HTTP. */
export async function serve(
  session: Session,
  after: Snapshot,
  signal: AbortSignal,
): Promise<ServingFacts | undefined> {
  const { health } = session.manifest;
  const deployment = deploymentOf(session);
  const base = deployment.url();
  if ('none' in health || base === undefined) return undefined;
  const { status, contains, redirectsTo } = health;
  const wanted = { status, redirectsTo, ...(contains === undefined ? {} : { contains }) };
  const url = `${base}${health.path}`;
  const host = health.host ?? deployment.domain?.();
  const question = { url, base, wanted, ...(host === undefined ? {} : { host }) };
  const polled = await poll(session, question, signal);
  return { url, wanted, ...polled, ownListener: after.listeners.every(({ own }) => own) };
}

type Question = {
  readonly url: string;
  readonly base: string;
  /** What the app believes its host to be: it may redirect there. */
  readonly host?: string;
  readonly wanted: ServingFacts['wanted'];
};

async function poll(
  session: Session,
  question: Question,
  signal: AbortSignal,
): Promise<Pick<ServingFacts, 'attempts' | 'goodInARow'>> {
  const { clock } = session.world;
  const deadline = clock.monotonicMs() + session.manifest.timeouts.http * 1000;
  const attempts: ServingFacts['attempts'][number][] = [];
  let goodInARow = 0;
  do {
    if (attempts.length > 0 && goodInARow === 0)
      await clock.sleep(pauseMs, signal).catch(() => undefined);
    const attempt = await ask(session, question, signal);
    attempts.push(attempt);
    goodInARow = isGood(attempt, question.wanted) ? goodInARow + 1 : 0;
  } while (goodInARow < servingGoodMin && clock.monotonicMs() < deadline && !signal.aborted);
  return { attempts: attempts.slice(-attemptsKept), goodInARow };
}

const isGood = (
  attempt: ServingFacts['attempts'][number],
  wanted: ServingFacts['wanted'],
): boolean => !('error' in attempt) && badAnswer(attempt, wanted) === undefined;

async function ask(
  { world }: Session,
  { url, base, host, wanted: { contains } }: Question,
  signal: AbortSignal,
): Promise<ServingAnswer | { error: string }> {
  try {
    const answer = await world.http.request({
      ...{ url, timeoutMs: requestTimeoutMs, signal },
      ...(host === undefined ? {} : { headers: { host } }),
    });
    const text = new TextDecoder().decode(answer.body);
    const location = foreignHost(answer.headers['location'], base, host);
    return {
      status: answer.status,
      bytes: answer.body.length,
      ...(location === undefined ? {} : { location }),
      excerpt: text.slice(0, excerptLength),
      contains: contains === undefined || text.includes(contains),
    };
  } catch (error) {
    if (error instanceof WorldError) return { error: error.message };
    throw error;
  }
}

/** Host of a redirect that leaves the app; undefined for one that stays. */
function foreignHost(
  location: string | undefined,
  base: string,
  own: string | undefined,
): string | undefined {
  if (location === undefined) return undefined;
  const target = URL.canParse(location, base) ? new URL(location, base) : undefined;
  if (target === undefined) return 'an address that cannot be read';
  return target.host === new URL(base).host || target.host === own ? undefined : target.host;
}
