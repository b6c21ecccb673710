// The process in which the checks of one module run. It is started from its own text and imports
// nothing of Seatrial, so that it starts as fast as Node does. What makes up an answer is taken hold
// of before the module is loaded, which may change any global. A module can still falsify its own
// checks, as easily as by returning; the reader of the answers sees to it that it reaches no others.

import assert from 'node:assert/strict';
import { createHmac, createSecretKey } from 'node:crypto';
import { readFileSync, writeSync } from 'node:fs';
import { register } from 'node:module';
import { inspect } from 'node:util';
import type { ModuleOrder } from './module-frames.ts';

type Fields = Readonly<Record<string, string | number | boolean>>;
type Running = {
  readonly id: string;
  http: boolean;
  driver: boolean;
  readonly names: Set<string>;
  /** Ends the check when something escaped it. */
  readonly interrupt: (message: string) => void;
};
type Answer = { readonly verdict: string; readonly message: string };

const limits = { each: 1 << 20, total: 8 << 20, count: 200, message: 2000, failure: 1 << 16 };
const stringify = JSON.stringify;
const hmac = createHmac;
const write = writeSync;
const show = inspect;
const now = performance.now.bind(performance);
const exit = process.exit.bind(process);
const ask = globalThis.fetch;
const wait = Atomics.wait;
const turn = setImmediate;
const { hasOwn, keys: keysOf } = Object;
const later = Promise;
// The static method does not use its `this`.
// eslint-disable-next-line @typescript-eslint/unbound-method
const bytesOf = Buffer.from;
const { apply } = Reflect;
const { update, digest } = Object.getPrototypeOf(createHmac('sha256', '')) as {
  update: (text: string) => unknown;
  digest: (encoding: string) => string;
};

const order = JSON.parse(readFileSync(0, 'utf8')) as ModuleOrder;
const key = createSecretKey(order.key, 'hex');
const facts = freeze(order.facts) as { readonly url?: string; readonly snapshots: unknown };
/** What all contexts inherit. */
const shared = Object.freeze({ ...facts, assert });
let sent = 0;
let held = '';
let running: Running | undefined;
let evidenceBytes = 0;
let evidenceCount = 0;

/** Sets a frame aside until the next `send`, which comes before the next check is called. */
function hold(type: string, fields: Fields): void {
  let text = `{"type":"${type}"`;
  // Only primitive values are handed over: no toJSON that a module plants can say something else.
  for (const name of keysOf(fields)) text += `,"${name}":${stringify(fields[name])}`;
  held = held === '' ? `${text}}` : `${held},${text}}`;
}

/** A line of its own even where a check left one unfinished. */
function send(type: string, fields: Fields): void {
  hold(type, fields);
  const text = `{"n":${String(sent)},"frames":[${held}]}`;
  sent += 1;
  held = '';
  const made = hmac('sha256', key);
  apply(update, made, [text]);
  const line = bytesOf(`\n${apply(digest, made, ['hex'])} ${text}\n`);
  for (let at = 0; at < line.length;) {
    try {
      at += write(3, line, at);
    } catch (error) {
      if ((error as { code?: string }).code !== 'EAGAIN') throw error;
      wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}

const cut = (text: string, length: number): string =>
  text.length > length ? `${text.slice(0, length)}…` : text;

/** One line: what was thrown, with the cause that Node's fetch hides. */
function say(error: unknown): string {
  return cut(
    safely(() => sayError(error))
      .replace(/\s+/g, ' ')
      .trim(),
    limits.message,
  );
}

function sayError(error: unknown): string {
  if (!(error instanceof Error)) return show(error);
  const cause = error.cause instanceof Error ? ` (${error.cause.message})` : '';
  const name = error.name === 'AssertionError' ? '' : `${error.name}: `;
  return `${name}${error.message}${cause}` || error.name;
}

/** With the difference an assertion found, and without this program's own lines of the stack. */
function showFully(error: unknown): string {
  const text = safely(() => show(error, { depth: 6 })).replace(/\n +at .*\[eval1\].*/g, '');
  return cut(text, limits.failure);
}

function safely(work: () => string): string {
  try {
    return work();
  } catch {
    return 'threw something that cannot be shown';
  }
}

const mediaTypes: Readonly<Record<string, string>> = {
  json: 'application/json',
  html: 'text/html',
  xml: 'application/xml',
  png: 'image/png',
  txt: 'text/plain',
  log: 'text/plain',
};

function keep(check: Running, name: unknown, value: unknown): void {
  if (running !== check) throw new Error('evidence() came after the check had ended');
  if (typeof name !== 'string' || !/^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$/.test(name))
    throw new TypeError('evidence() needs a name of letters, digits, dots, dashes');
  if (check.names.has(name)) throw new Error(`there is evidence named ${name} already`);
  const [bytes, natural] = encode(value);
  evidenceBytes += bytes.length;
  evidenceCount += 1;
  if (bytes.length > limits.each) throw new RangeError(`evidence ${name} is larger than 1 MiB`);
  if (evidenceBytes > limits.total || evidenceCount > limits.count)
    throw new RangeError('this file keeps more than 8 MiB or 200 pieces of evidence');
  attach(check, name, natural, bytes);
}

function attach(check: Running, name: string, natural: string, bytes: Buffer): void {
  check.names.add(name);
  const extension = name.slice(name.lastIndexOf('.') + 1);
  const mediaType = hasOwn(mediaTypes, extension) ? mediaTypes[extension] : natural;
  send('evidence', {
    id: check.id,
    name,
    mediaType: mediaType ?? natural,
    base64: bytes.toString('base64'),
  });
}

function encode(value: unknown): [Buffer, string] {
  if (typeof value === 'string') return [bytesOf(value), 'text/plain'];
  if (value instanceof Uint8Array)
    return [bytesOf(value.buffer, value.byteOffset, value.byteLength), 'application/octet-stream'];
  const text = stringify(value, undefined, 2) as string | undefined;
  if (text === undefined) throw new TypeError('evidence() needs a text, bytes or a JSON value');
  return [bytesOf(text), 'application/json'];
}

/** The URL of a path of the app, or an error for anything that is not the app's. */
function resolve(path: string): string {
  if (facts.url === undefined) throw new Error('this app has no HTTP');
  const base = new URL(`${facts.url}/`);
  const wanted = new URL(path.startsWith('/') ? `${facts.url}${path}` : path, base);
  if (wanted.origin !== base.origin || !`${wanted.pathname}/`.startsWith(base.pathname))
    throw new Error(`${wanted.href} is not below ${facts.url}`);
  return wanted.href;
}

function freeze<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const part of Object.values(value)) freeze(part);
  return Object.freeze(value);
}

function makeContext(check: Running): object {
  return Object.freeze({
    __proto__: shared,
    get snapshots() {
      check.driver = true;
      return facts.snapshots;
    },
    fetch: async (path: string, request: RequestInit = {}) => {
      const response = await ask(resolve(path), { ...request, redirect: 'manual' });
      check.http = true;
      return response;
    },
    evidence: (name: unknown, value: unknown) => {
      keep(check, name, value);
    },
  });
}

async function answer(check: Running, body: unknown): Promise<Answer> {
  if (body === undefined)
    return { verdict: 'not-run', message: 'the module does not export it any more' };
  if (typeof body !== 'function')
    return { verdict: 'error', message: `the export is no function but ${typeof body}` };
  try {
    await (body as (context: object) => unknown)(makeContext(check));
    return { verdict: 'passed', message: 'the check returned' };
  } catch (error) {
    if (running === check && !check.names.has('failure.txt'))
      attach(check, 'failure.txt', 'text/plain', bytesOf(showFully(error)));
    return { verdict: 'failed', message: say(error) };
  }
}

/** A rejection nobody handled is reported one turn later and still belongs to this check. */
async function answerLater(
  check: Running,
  body: unknown,
  settle: (answer: Answer) => void,
): Promise<void> {
  turn(settle, await answer(check, body));
}

async function runCheck(id: string, body: unknown): Promise<void> {
  send('start', { id });
  const started = now();
  let settle: (answer: Answer) => void = () => undefined;
  const settled = new later<Answer>((resolve) => {
    settle = resolve;
  });
  const check: Running = {
    id,
    http: false,
    driver: false,
    names: new Set(),
    interrupt: (message) => {
      settle({ verdict: 'error', message });
    },
  };
  running = check;
  void answerLater(check, body, settle);
  const { verdict, message } = await settled;
  running = undefined;
  hold('end', {
    id,
    verdict,
    message: cut(message, limits.message) || 'no message',
    durationMs: now() - started,
    http: check.http,
    driver: check.driver,
  });
}

function onEscape(kind: string): (error: unknown) => void {
  return (error) => {
    running?.interrupt(`${kind} outside the check's own promise: ${say(error)}`);
  };
}

/** Hands the stripped text of TypeScript modules to the importer, which knows only JavaScript. */
const loader = `let sources;
export function initialize(data) { sources = data; }
export async function load(url, context, next) {
  return Object.hasOwn(sources, url)
    ? { format: 'module', source: sources[url], shortCircuit: true }
    : next(url, context);
}`;

async function main(): Promise<void> {
  process.on('unhandledRejection', onEscape('a rejection'));
  process.on('uncaughtException', onEscape('an exception'));
  if (Object.keys(order.sources).length > 0)
    register(`data:text/javascript,${encodeURIComponent(loader)}`, { data: order.sources });
  const exported = await load(order.url);
  if (exported === undefined) return;
  send('loaded', {});
  for (const { id, name } of order.checks)
    await runCheck(id, hasOwn(exported, name) ? exported[name] : undefined);
  send('done', {});
}

async function load(url: string): Promise<Readonly<Record<string, unknown>> | undefined> {
  try {
    return { ...((await import(url)) as Record<string, unknown>) };
  } catch (error) {
    send('load-failed', { message: say(error) });
    return undefined;
  }
}

await main();
// Timers and sockets that checks left behind would keep the process.
exit(0);
