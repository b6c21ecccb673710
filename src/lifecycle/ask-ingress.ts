// Asks the app through the worker's proxy, and around that what tells whose answer it was: the proxy for hosts
// that nobody has, and the task itself.

import type { IngressFacts, ProxyAnswer, Unanswered } from '../checks/facts.ts';
import { sha256Hex } from '../evidence/canonical.ts';
import type { IngressRoute } from '../ports/app-driver.ts';
import type { HttpRequest, HttpResponse } from '../ports/http.ts';
import { WorldError } from '../ports/world-error.ts';
import type { World } from './world.ts';

type Limits = Pick<HttpRequest, 'timeoutMs' | 'signal'>;
type Asker = Pick<World, 'http' | 'ids'>;

/** Length of the body follows from it, and is another one where the proxy repeats the host. */
const leftOut: ReadonlySet<string> = new Set(['content-length']);
const strangerBytes = 8;

export async function answerOrError(
  { http }: Pick<World, 'http'>,
  request: HttpRequest,
): Promise<HttpResponse | Unanswered> {
  try {
    return await http.request(request);
  } catch (error) {
    if (!(error instanceof WorldError)) throw error;
    const { message, code } = error;
    return code === 'untrusted' ? { error: message, untrusted: true } : { error: message };
  }
}

/** `path` with its slash. The answer is the app's, whatever it is worth. */
export async function askIngress(
  world: Asker,
  { proxy, task }: IngressRoute,
  { host, path, ...limits }: Limits & { readonly host: string; readonly path: string },
): Promise<{ readonly answer: HttpResponse | Unanswered; readonly ingress: IngressFacts }> {
  const ask = (name: string): Promise<HttpResponse | Unanswered> =>
    answerOrError(world, { ...limits, url: `https://${name}${path}`, through: proxy });
  const askStranger = async (): Promise<ProxyAnswer | Unanswered> => {
    const stranger = strangerOf(host, world.ids.nonce(strangerBytes));
    return portrayed(await ask(stranger), stranger);
  };
  // One before and one after: what both have in common, a time of day too, the one between has as well.
  const before = await askStranger();
  const answer = await ask(host);
  const after = await askStranger();
  const ingress: IngressFacts = { app: portrayed(answer, host), strangers: [before, after] };
  if (task === undefined) return { answer, ingress };
  const inside = await answerOrError(world, {
    ...{ ...limits, url: `${task}${path}` },
    // As the proxy would say it: an app that encrypted nothing would send its visitors to itself.
    headers: { host, 'x-forwarded-host': host, 'x-forwarded-proto': 'https' },
  });
  const seen = 'error' in inside ? inside : { status: inside.status };
  return { answer, ingress: { ...ingress, task: seen } };
}

/** In the zone of the app's own host. */
const strangerOf = (host: string, nonce: string): string =>
  [`nobody-${nonce}`, ...host.split('.').slice(1)].join('.');

function portrayed(answer: HttpResponse | Unanswered, host: string): ProxyAnswer | Unanswered {
  if ('error' in answer) return answer;
  const digest = (text: string): string => sha256Hex(text.replaceAll(host, '<host>'));
  return {
    status: answer.status,
    bodySha256: digest(new TextDecoder().decode(answer.body)),
    headers: Object.fromEntries(
      Object.entries(answer.headers)
        .filter(([name]) => !leftOut.has(name))
        .map(([name, value]) => [name, digest(value).slice(0, 16)]),
    ),
  };
}
