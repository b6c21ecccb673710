// Kind `http-endpoint`: answers by method and path, models in the form of OpenAI's completions, and the faults of a
// service. A model says backwards what it was asked, so that an answer shows that the question arrived.

import { canonicalJson } from '../evidence/canonical.ts';
import type { Expectation } from '../evidence/expectation.ts';
import { pointerStep } from '../evidence/pointer.ts';
import type { FixtureReader } from '../ports/fixtures.ts';
import type { HttpRequest } from '../ports/http.ts';
import type { Json, JsonObject } from '../ports/json.ts';
import type { ServerReply, ServerRequest } from '../ports/servers.ts';
import type { FixtureInputs } from '../scenario/fixture-inputs.ts';
import type { Kind } from './fixture-kind.ts';
import { addressIn, listening, nonceHeader, probeNonce, startServer } from './fixture-server.ts';

type Endpoint = FixtureInputs['http-endpoint'];
type Route = Endpoint['routes'][number];
type Fault = Endpoint['faults'][number];

const completions = '/v1/chat/completions';
const lookTimeoutMs = 30_000;

export const httpEndpointKind: Kind<Endpoint> = {
  ...listening,
  apply: async (writer, inputs, place, { target }) => {
    const started = await startServer(writer, { target, place }, (request) => {
      const [path = ''] = request.path.split('?');
      return withFault(
        answerTo(inputs, request, path),
        inputs.faults.find((each) => each.path === path),
      );
    });
    return { ...started, wrote: [] };
  },
  probe: async (reader, inputs, place, applied) => {
    const url = addressIn(applied);
    const nonce = probeNonce(place);
    const observed: Record<string, Json> = {};
    const expect: Expectation[] = [];
    for (const { name, path, method, body, wanted } of questionsOf(inputs, nonce)) {
      const fault = inputs.faults.find((each) => each.path === path);
      const reply = await ask(
        reader,
        { url: `${url}${path}`, method, ...(body === undefined ? {} : { body }) },
        { nonce, delayMs: fault?.delayMs ?? 0 },
      );
      observed[name] = reply;
      expect.push(...expectationsOf(pointerStep(name), fault, wanted));
    }
    const log = applied.live?.log?.() ?? [];
    observed['logged'] = log.filter((each) => each['nonce'] === nonce).length;
    expect.push({ at: '/logged', op: 'equals', value: Object.keys(observed).length - 1 });
    return { observed, expect };
  },
};

function answerTo({ routes, models }: Endpoint, request: ServerRequest, path: string): ServerReply {
  const route = routes.find((each) => each.path === path && each.method === request.method);
  if (route !== undefined) return routed(route);
  if (models.length > 0 && path === completions && request.method === 'POST')
    return completion(models, request.body);
  if (models.length > 0 && path === '/v1/models' && request.method === 'GET')
    return json(200, { object: 'list', data: models.map((id) => ({ id, object: 'model' })) });
  return json(404, { error: { message: `${request.method} ${path} is not answered here` } });
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

const json = (status: number, value: Json): ServerReply => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: bytesOf(canonicalJson(value)),
});

function routed({ status, headers, body, method }: Route): ServerReply {
  if (body === undefined || method === 'HEAD') return { status, headers };
  const plain = typeof body === 'string';
  const type = { 'content-type': plain ? 'text/plain; charset=utf-8' : 'application/json' };
  const bytes = bytesOf(plain ? body : canonicalJson(body));
  return { status, headers: { ...type, ...headers }, body: bytes };
}

type Asked = { readonly model?: unknown; readonly messages?: unknown };

function completion(models: readonly string[], body: string): ServerReply {
  const asked = parsed(body);
  const question = Array.isArray(asked?.messages) ? textIn(asked.messages.at(-1)) : undefined;
  if (asked === undefined || question === undefined)
    return json(400, { error: { message: 'there is no question' } });
  const { model } = asked;
  if (typeof model !== 'string' || !models.includes(model))
    return json(404, { error: { message: 'there is no such model', code: 'model_not_found' } });
  const message = { role: 'assistant', content: Array.from(question).reverse().join('') };
  return json(200, {
    ...{ id: 'chatcmpl-1', object: 'chat.completion', model },
    choices: [{ index: 0, message, finish_reason: 'stop' }],
  });
}

function parsed(text: string): Asked | undefined {
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Content is a text, or parts of which some are texts. */
function textIn(message: unknown): string | undefined {
  if (typeof message !== 'object' || message === null || !('content' in message)) return undefined;
  const { content } = message;
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return undefined;
  return (content as readonly unknown[])
    .map((part) =>
      typeof part === 'object' && part !== null && 'text' in part ? String(part.text) : '',
    )
    .join('');
}

/** No JSON, whatever the type says. */
const malformedBody = '{"choices": [';

function withFault(reply: ServerReply, fault: Fault | undefined): ServerReply {
  const { status, delayMs, malformed } = fault ?? {};
  return {
    ...reply,
    ...(status === undefined ? {} : { status }),
    ...(delayMs === undefined ? {} : { delayMs }),
    ...(malformed === undefined
      ? {}
      : { headers: { 'content-type': 'application/json' }, body: bytesOf(malformedBody) }),
  };
}

type Question = {
  readonly name: string;
  readonly path: string;
  readonly method: string;
  readonly body?: string;
  /** Status, and what the answer holds; the second only where it is known. */
  readonly wanted: { readonly status: number; readonly holds?: string };
};

/** One for everything that is answered, and one that is not, so that an endpoint without routes is asked too. */
function questionsOf({ routes, models, faults }: Endpoint, nonce: string): readonly Question[] {
  const planned = routes.map(({ method, path, status }) => ({
    ...{ name: `${method} ${path}`, path, method, wanted: { status } },
  }));
  const asked = models.map((model) => ({
    ...{ name: `model ${model}`, path: completions, method: 'POST' },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: nonce }] }),
    wanted: { status: 200, holds: Array.from(nonce).reverse().join('') },
  }));
  const known = new Set([...planned, ...asked].map(({ path }) => path));
  const wrong = faults
    .filter(({ path }) => !known.has(path))
    .map(({ path }) => ({
      ...{ name: `fault ${path}`, path, method: 'GET' },
      wanted: { status: path === '/v1/models' && models.length > 0 ? 200 : 404 },
    }));
  const other = { name: 'unknown', path: '/seatrial-probe', method: 'GET' };
  return [...planned, ...asked, ...wrong, { ...other, wanted: { status: 404 } }];
}

async function ask(
  { http }: FixtureReader,
  asked: Pick<HttpRequest, 'url' | 'method' | 'body'>,
  { nonce, delayMs }: { readonly nonce: string; readonly delayMs: number },
): Promise<JsonObject> {
  const { status, headers, body, durationMs } = await http.request({
    ...asked,
    headers: { [nonceHeader]: nonce, 'content-type': 'application/json' },
    timeoutMs: delayMs + lookTimeoutMs,
  });
  const text = new TextDecoder().decode(body);
  return {
    ...{ status, text: text.slice(0, 2048), echoed: headers[nonceHeader] === nonce },
    // A clock that rounds must not make a wait look short.
    waited: durationMs + 1 >= delayMs,
  };
}

function expectationsOf(
  at: string,
  fault: Fault | undefined,
  { status, holds }: Question['wanted'],
): readonly Expectation[] {
  return [
    { at: `${at}/echoed`, op: 'equals', value: true },
    { at: `${at}/status`, op: 'equals', value: fault?.status ?? status },
    { at: `${at}/waited`, op: 'equals', value: true },
    ...(fault?.malformed === undefined
      ? []
      : [{ at: `${at}/text`, op: 'equals', value: malformedBody } as const]),
    ...(holds === undefined || fault?.malformed === true
      ? []
      : [{ at: `${at}/text`, op: 'contains', value: holds } as const]),
  ];
}
