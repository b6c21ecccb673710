// Asks the app over HTTP until it gives three good answers in a row, or its time is over.

import type { ServingAnswer, ServingAttempt, ServingFacts, Unanswered } from '../checks/facts.ts';
import { servingGoodMin, troubleOf } from '../checks/floor-deploy.ts';
import type { Deployment, IngressRoute, Snapshot } from '../ports/app-driver.ts';
import type { HttpResponse } from '../ports/http.ts';
import { answerOrError, askIngress } from './ask-ingress.ts';
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
  const question = questionOf(session);
  if (question === undefined) return undefined;
  const polled = await poll(session, question, signal);
  const { base, path, wanted } = question;
  return {
    ...{ url: `${base}${path}`, wanted, ...polled },
    ownListener: after.listeners.every(({ own }) => own),
  };
}

function questionOf(session: Session): Question | undefined {
  const { health } = session.manifest;
  if ('none' in health) return undefined;
  const { status, contains, redirectsTo, path } = health;
  const wanted = { status, redirectsTo, ...(contains === undefined ? {} : { contains }) };
  const way = wayTo(deploymentOf(session), health.host);
  return way === undefined ? undefined : { ...way, path, wanted };
}

/** Through the proxy where the driver has a way there; `named`: by the manifest. */
function wayTo(
  deployment: Deployment,
  named: string | undefined,
): Pick<Question, 'base' | 'host' | 'ingress'> | undefined {
  const host = named ?? deployment.domain?.();
  const route = deployment.ingress?.();
  if (route !== undefined && host !== undefined)
    return { base: `https://${host}`, host, ingress: { ...route, host } };
  const base = deployment.url();
  return base === undefined ? undefined : { base, ...(host === undefined ? {} : { host }) };
}

type Question = {
  readonly base: string;
  readonly path: string;
  /** What the app believes its host to be: it may redirect there. */
  readonly host?: string;
  /** Through the proxy, by the app's host; absent: at `base` itself. */
  readonly ingress?: IngressRoute & { readonly host: string };
  readonly wanted: ServingFacts['wanted'];
};

async function poll(
  session: Session,
  question: Question,
  signal: AbortSignal,
): Promise<Pick<ServingFacts, 'attempts' | 'goodInARow'>> {
  const { clock } = session.world;
  const deadline = clock.monotonicMs() + session.manifest.timeouts.http * 1000;
  const attempts: ServingAttempt[] = [];
  let goodInARow = 0;
  do {
    if (attempts.length > 0 && goodInARow === 0)
      await clock.sleep(pauseMs, signal).catch(() => undefined);
    const attempt = await ask(session, question, signal);
    attempts.push(attempt);
    goodInARow = troubleOf(attempt, question.wanted) === undefined ? goodInARow + 1 : 0;
  } while (goodInARow < servingGoodMin && clock.monotonicMs() < deadline && !signal.aborted);
  return { attempts: attempts.slice(-attemptsKept), goodInARow };
}

async function ask(
  { world }: Session,
  question: Question,
  signal: AbortSignal,
): Promise<ServingAttempt> {
  const limits = { timeoutMs: requestTimeoutMs, signal };
  const { base, path, host, ingress: route } = question;
  if (route !== undefined) {
    const asked = { ...limits, host: route.host, path };
    const { answer, ingress } = await askIngress(world, route, asked);
    return { ...summary(answer, question), ingress };
  }
  const headers = host === undefined ? {} : { headers: { host } };
  return summary(
    await answerOrError(world, { url: `${base}${path}`, ...limits, ...headers }),
    question,
  );
}

function summary(
  answer: HttpResponse | Unanswered,
  { base, host, wanted: { contains } }: Question,
): ServingAnswer | Unanswered {
  if ('error' in answer) return answer;
  const text = new TextDecoder().decode(answer.body);
  const location = foreignHost(answer.headers['location'], base, host);
  return {
    status: answer.status,
    bytes: answer.body.length,
    ...(location === undefined ? {} : { location }),
    excerpt: text.slice(0, excerptLength),
    contains: contains === undefined || text.includes(contains),
  };
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
