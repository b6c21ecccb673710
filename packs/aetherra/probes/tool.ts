// What probes have in common: they ask, look, and print one JSON object of facts. What the facts must
// be stands in gates.yaml; a probe that cannot look at all ends with an error.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export type Facts = Readonly<Record<string, unknown>>;
export type Answer = {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Empty where the body is no JSON object. */
  readonly json: Readonly<Record<string, unknown>>;
};
type Asked = {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
};

/** Address of the target, the first argument of every probe. */
export const target = process.argv[2] ?? '';

export const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, ms));

const absolute = (address: string): string =>
  address.startsWith('/') ? `${target}${address}` : address;

const sent = (headers: Readonly<Record<string, string>>, body: unknown) =>
  body === undefined
    ? { headers }
    : {
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      };

const streamMs = 20_000;

export async function call(
  method: string,
  address: string,
  { headers = {}, body, timeoutMs = 8000 }: Asked = {},
): Promise<Answer> {
  const response = await fetch(absolute(address), {
    method,
    ...sent(headers, body),
    redirect: 'manual',
    signal: AbortSignal.timeout(timeoutMs),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: objectOf(text) };
}

/** A status of 0 stands for an answer that did not come. */
export async function callOrNothing(
  method: string,
  address: string,
  asked: Asked = {},
): Promise<Pick<Answer, 'status' | 'json' | 'text'>> {
  try {
    return await call(method, address, asked);
  } catch {
    return { status: 0, json: {}, text: '' };
  }
}

export function objectOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** The value at a path of names, undefined where there is none. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  let found: unknown = value;
  for (const name of path) found = (found as Record<string | number, unknown> | null)?.[name];
  return found;
}

const controlToken = process.env['AETHERRA_HUB_CONTROL_TOKEN'] ?? '';

/** Runs a kernel task to its end; its state and result. */
export async function runTask(
  type: string,
  data: unknown,
  { url = target, waitMs = 8000 } = {},
): Promise<{ readonly state: unknown; readonly result: Readonly<Record<string, unknown>> }> {
  const headers = { authorization: `Bearer ${controlToken}` };
  const put = await call('POST', `${url}/api/kernel/tasks`, { headers, body: { type, data } });
  if (put.status !== 202) throw new Error(`the task was answered with ${String(put.status)}`);
  const until = performance.now() + waitMs;
  for (;;) {
    const address = `${url}/api/kernel/tasks/${String(put.json['task_id'])}`;
    const { json } = await call('GET', address, { headers });
    const isOver = json['state'] !== 'queued' && json['state'] !== 'running';
    if (isOver || performance.now() > until)
      return { state: json['state'], result: (json['result'] ?? {}) as Record<string, unknown> };
    await pause(15);
  }
}

export type SseFrame = {
  readonly id: number;
  readonly event: string;
  readonly raw: string;
  readonly data: Readonly<Record<string, unknown>>;
};
export type Stream = {
  readonly status: number;
  readonly headers: Headers;
  readonly frames: readonly SseFrame[];
  readonly json: Readonly<Record<string, unknown>>;
};

/** Reads a stream to its end, or leaves it after so many frames. */
export async function readStream(
  address: string,
  { headers = {}, body, cutAfter = Infinity }: Asked & { readonly cutAfter?: number } = {},
): Promise<Stream> {
  const leave = new AbortController();
  const response = await fetch(absolute(address), {
    method: body === undefined ? 'GET' : 'POST',
    ...sent(headers, body),
    signal: AbortSignal.any([leave.signal, AbortSignal.timeout(streamMs)]),
  });
  const decoder = new TextDecoder();
  let text = '';
  let frames: readonly SseFrame[] = [];
  if (response.body !== null)
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      text += decoder.decode(chunk, { stream: true });
      frames = framesOf(text);
      if (frames.length >= cutAfter) break;
    }
  leave.abort();
  const { status, headers: answered } = response;
  return { status, headers: answered, frames: frames.slice(0, cutAfter), json: objectOf(text) };
}

/** Whole frames alone; comments are none. */
const framesOf = (text: string): readonly SseFrame[] =>
  text
    .split('\n\n')
    .slice(0, -1)
    .filter((raw) => !raw.startsWith(':'))
    .map((raw) => ({
      id: Number(/^id: (.*)$/mu.exec(raw)?.[1] ?? NaN),
      event: /^event: (.*)$/mu.exec(raw)?.[1] ?? '',
      raw,
      data: objectOf(/^data: (.*)$/mu.exec(raw)?.[1] ?? ''),
    }));

/** What the chunks of a stream say together. */
export const saidIn = ({ frames }: Pick<Stream, 'frames'>): string =>
  frames
    .filter(({ event }) => event === 'chunk')
    .map(({ data }) => String(at(data, 'data', 'text')))
    .join('');

export type Kernel = {
  readonly url: string;
  /** Ends it by SIGTERM, after five seconds by force. */
  readonly stop: () => Promise<{ readonly code: number | null; readonly ms: number }>;
};

const program = fileURLToPath(new URL('../kernel/main.js', import.meta.url));
const stopMs = 5000;
const startMs = 10_000;

/** A kernel of the probe's own, with further variables; undefined when it refuses to start. */
export async function startKernel(
  env: Readonly<Record<string, string>>,
  data = '.probe-data',
): Promise<Kernel | undefined> {
  const child = spawn(process.execPath, [program, '--port', '0', '--data', data], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ready = once(child.stdout, 'data') as Promise<[Buffer]>;
  const over = once(child, 'exit').then(() => undefined);
  const late = pause(startMs).then(() => undefined);
  const said = await Promise.race([ready, over, late]);
  if (said === undefined) {
    child.kill('SIGKILL');
    return undefined;
  }
  const url = String(objectOf(said[0].toString())['url']);
  return { url, stop: () => stopChild(child) };
}

async function stopChild(child: ChildProcess) {
  const begun = performance.now();
  const ended = once(child, 'exit') as Promise<[number | null]>;
  child.kill('SIGTERM');
  const force = setTimeout(() => child.kill('SIGKILL'), stopMs);
  const [code] = await ended;
  clearTimeout(force);
  return { code, ms: Math.round(performance.now() - begun) };
}

/** Starts it, asks, and ends it whatever comes of that. */
export async function withKernel<Value>(
  env: Readonly<Record<string, string>>,
  ask: (url: string) => Promise<Value>,
  data?: string,
): Promise<Value> {
  const kernel = await startKernel(env, data);
  if (kernel === undefined) throw new Error('the kernel did not start');
  try {
    return await ask(kernel.url);
  } finally {
    await kernel.stop();
  }
}

/** Prints the facts; ends with 1 and words on standard error when there are none. */
export async function report(look: () => Promise<Facts>): Promise<void> {
  try {
    process.stdout.write(`${JSON.stringify(await look())}\n`, () => process.exit(0));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? '') : String(error)}\n`);
    process.exit(1);
  }
}
