// The process in which one provider answers. It is started from its own text and imports nothing of
// Seatrial. It runs exactly the text it was handed, which is the one that was approved: the file is
// not read again, and no other file can be imported.

import { writeSync } from 'node:fs';
import { register } from 'node:module';
import { inspect } from 'node:util';
import type { ProviderOrder, ProviderRequest } from './provider-frames.ts';

type Call = (
  name: string,
  args: unknown,
  kwargs: unknown,
  context: {
    /** Milliseconds since 1970 at which the attempt is given up. */
    readonly deadline: number;
    readonly capabilities: readonly string[];
    /** Aborted when the attempt was given up. */
    readonly signal: AbortSignal;
  },
) => unknown;
type Undo = (signal: AbortSignal) => unknown;
type Fields = Readonly<Record<string, unknown>>;

const limits = { depth: 100, answer: 1 << 20, message: 2000 };
const undos = new Map<number, Undo>();
const open = new Map<number, AbortController>();

function send(fields: Fields): void {
  sendLine(JSON.stringify(fields));
}

function sendLine(text: string): void {
  const line = Buffer.from(`${text}\n`);
  for (let at = 0; at < line.length;) {
    try {
      at += writeSync(3, line, at);
    } catch (error) {
      if ((error as { code?: string }).code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}

const cut = (text: string): string =>
  text.length > limits.message ? `${text.slice(0, limits.message)}…` : text;

/** One line about what was thrown, which may be anything. */
function say(error: unknown): string {
  try {
    const told = error instanceof Error ? `${error.name}: ${error.message}` : inspect(error);
    return cut(told.replace(/\s+/g, ' ').trim()) || 'it threw without a message';
  } catch {
    return 'it threw something that cannot be shown';
  }
}

/** Nothing that JSON would turn into something else: what was not said must not be answered. */
function isJson(value: unknown, depth = 0): boolean {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  return typeof value === 'object' && depth <= limits.depth && isJsonCompound(value, depth);
}

function isJsonCompound(value: object, depth: number): boolean {
  // A hole of an array is undefined here, and no JSON value.
  if (Array.isArray(value)) return Array.from(value).every((item) => isJson(item, depth + 1));
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return false;
  // Readers take such a key for the prototype, or drop it.
  if (Object.hasOwn(value, '__proto__')) return false;
  return Object.values(value).every((item) => isJson(item, depth + 1));
}

const isPlain = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const hasOnly = (value: Fields, allowed: readonly string[]): boolean =>
  Object.keys(value).every((key) => allowed.includes(key));

class Malformed extends Error {
  override readonly name = 'Malformed';
}

/** The line for an answer; throws `Malformed` for one of the wrong shape. */
function encode(id: number, answer: unknown): string {
  if (!isPlain(answer) || typeof answer['ok'] !== 'boolean')
    throw new Malformed('its answer is not {ok: true, value, …} or {ok: false, kind, message}');
  const text = JSON.stringify(answer['ok'] ? doneOf(id, answer) : failedOf(id, answer));
  if (text.length > limits.answer) throw new Malformed('its answer is larger than 1 MiB');
  return text;
}

function failedOf(id: number, answer: Fields): Fields {
  const { kind, message } = answer;
  const isWhole = typeof kind === 'string' && typeof message === 'string';
  if (!isWhole || !hasOnly(answer, ['ok', 'kind', 'message']))
    throw new Malformed('a failure is {ok: false, kind, message}, both of them texts');
  return { type: 'failed', id, kind: cut(kind), message: cut(message) };
}

function doneOf(id: number, answer: Fields): Fields {
  const { value, tokens, undo } = answer;
  if (!hasOnly(answer, ['ok', 'value', 'tokens', 'undo']))
    throw new Malformed('an answer has ok, value, tokens, undo and nothing else');
  if (!isJson(value)) throw new Malformed('its value is no JSON value');
  if (tokens !== undefined && !(Number.isSafeInteger(tokens) && Number(tokens) >= 0))
    throw new Malformed('its tokens are no whole number');
  if (undo !== undefined && typeof undo !== 'function')
    throw new Malformed('its undo is no function');
  return {
    type: 'done',
    id,
    value,
    undo: undo !== undefined,
    ...(tokens === undefined ? {} : { tokens }),
  };
}

/** Answers once: what comes after the request was cancelled is discarded. */
async function serve(
  id: number,
  work: (signal: AbortSignal) => Promise<() => void>,
): Promise<void> {
  const given = new AbortController();
  open.set(id, given);
  const answer = await work(given.signal);
  if (open.delete(id)) answer();
}

function call(id: number, body: Call, request: ProviderRequest & { type: 'call' }): Promise<void> {
  const { name, args, kwargs, remainingMs, capabilities } = request;
  return serve(id, async (signal) => {
    try {
      const context = { deadline: Date.now() + remainingMs, capabilities, signal };
      const answer = await body(name, args, kwargs, context);
      const line = encode(id, answer);
      return () => {
        const { undo } = answer as { undo?: Undo };
        if (undo !== undefined) undos.set(id, undo);
        sendLine(line);
      };
    } catch (error) {
      const message = error instanceof Malformed ? error.message : say(error);
      return () => {
        send({ type: 'failed', id, kind: 'CallError', message });
      };
    }
  });
}

function takeBack(id: number, of: number): Promise<void> {
  const undo = undos.get(of);
  undos.delete(of);
  return serve(id, async (signal) => {
    let ok = false;
    try {
      ok = (await undo?.(signal)) === true;
    } catch (error) {
      process.stderr.write(`undo failed: ${say(error)}\n`);
    }
    return () => {
      send({ type: 'undone', id, ok });
    };
  });
}

function cancel(id: number): void {
  const given = open.get(id);
  if (given === undefined) return;
  open.delete(id);
  send({ type: 'cancelled', id });
  given.abort();
}

/** Only the approved text and what Node itself brings. */
const loader = `import { isBuiltin } from 'node:module';
let order;
export function initialize(data) { order = data; }
export async function resolve(specifier, context, next) {
  if (specifier === order.url) return { url: order.url, shortCircuit: true };
  if (isBuiltin(specifier)) return next(specifier, context);
  throw new Error('a provider is one file and imports only what Node brings, not ' + specifier);
}
export async function load(url, context, next) {
  return url === order.url
    ? { format: 'module', source: order.source, shortCircuit: true }
    : next(url, context);
}`;

async function load(order: ProviderOrder): Promise<Call | undefined> {
  try {
    register(`data:text/javascript,${encodeURIComponent(loader)}`, { data: order });
    const module = (await import(order.url)) as Fields;
    const { call: body, functions, capabilities = [], plugins = {}, isMock = false } = module;
    if (typeof body !== 'function') throw new Malformed('it exports no function `call`');
    const about = { functions, capabilities, plugins, isMock };
    if (!isJson({ ...about, functions: functions ?? [] }))
      throw new Malformed('functions, capabilities, plugins or isMock are no JSON values');
    send({ type: 'loaded', about });
    return body as Call;
  } catch (error) {
    send({ type: 'load-failed', message: error instanceof Malformed ? error.message : say(error) });
    return undefined;
  }
}

function start(order: ProviderOrder): (request: ProviderRequest) => void {
  const loading = load(order);
  return (request) => {
    void loading.then((body) => {
      if (body === undefined) return undefined;
      if (request.type === 'cancel') {
        cancel(request.id);
        return undefined;
      }
      return request.type === 'call'
        ? call(request.id, body, request)
        : takeBack(request.id, request.of);
    });
  };
}

let rest = '';
let handle: ((request: ProviderRequest) => void) | undefined;
process.stdin.setEncoding('utf8');
process.stdin.on('data', (text: string) => {
  const lines = (rest + text).split('\n');
  rest = lines.pop() ?? '';
  for (const line of lines) {
    if (handle === undefined) handle = start(JSON.parse(line) as ProviderOrder);
    else handle(JSON.parse(line) as ProviderRequest);
  }
});
// Nobody asks any more: whatever the module left running ends with it.
process.stdin.on('end', () => process.exit(0));
