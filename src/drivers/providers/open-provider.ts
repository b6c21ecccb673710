// A provider in a process of its own, asked over pipes. It is not trusted to answer: what is missing,
// late, malformed or too much is a failure that says so, and never an answer.

import { PassThrough } from 'node:stream';
import type { Json } from '../../ports/json.ts';
import type { Processes, ProcessResult } from '../../ports/processes.ts';
import {
  makeProviderReader,
  type ProviderAbout,
  type ProviderFrame,
  type ProviderOrder,
  type ProviderRequest,
} from './provider-frames.ts';

export type ProviderParts = {
  readonly processes: Processes;
  /** Absolute path of the Node program. */
  readonly node: string;
  /** Text of the program `provider-host`. */
  readonly host: string;
  readonly cwd: string;
  /** The whole environment; nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** For loading (default 10 s), and for taking notice of a cancelled request (default 1 s). */
  readonly loadMs?: number;
  readonly noticeMs?: number;
};

type Call = Omit<ProviderRequest & { type: 'call' }, 'type' | 'id'>;

type ProviderAnswer =
  | {
      readonly ok: true;
      readonly value: Json;
      readonly tokens?: number;
      /** False where it could not be taken back. */
      readonly undo?: (signal: AbortSignal) => Promise<boolean>;
    }
  | { readonly ok: false; readonly kind: string; readonly message: string };

export type OpenedProvider = {
  /** What it says about itself, or why it cannot be asked. */
  readonly about: ProviderAbout | { readonly unusable: string };
  /** Never rejects. After an abort the answer does not matter and comes soon. */
  readonly call: (asked: Call, signal: AbortSignal) => Promise<ProviderAnswer>;
  /** Resolves when no process of it is left. */
  readonly close: () => Promise<void>;
};

type Reply = ProviderFrame | { readonly type: 'gone'; readonly reason: string };

type Session = {
  readonly input: PassThrough;
  readonly kill: AbortController;
  readonly waiting: Map<number, (reply: Reply) => void>;
  readonly noticeMs: number;
  nextId: number;
  /** Why nothing can be asked any more. */
  gone: string | undefined;
};

/** Request 0 is the order itself. */
const loadId = 0;
const loadMsDefault = 10_000;
const noticeMsDefault = 1000;
/** Of each output stream; whatever prints more has gone wild. */
const outputLimitBytes = 16 << 20;
/** The longest a timer can be: requests have limits of their own. */
const runMs = 2 ** 31 - 1;

export async function openProvider(
  order: ProviderOrder,
  parts: ProviderParts,
): Promise<OpenedProvider> {
  const session: Session = {
    input: new PassThrough(),
    kill: new AbortController(),
    waiting: new Map(),
    noticeMs: parts.noticeMs ?? noticeMsDefault,
    nextId: loadId + 1,
    gone: undefined,
  };
  const loaded = reply(session, loadId);
  const ended = watch(session, parts);
  session.input.write(`${JSON.stringify(order)}\n`);
  const about = await aboutOf(session, loaded, parts);
  return {
    about,
    call: (asked, signal) => call(session, about, asked, signal),
    close: async () => {
      session.input.end();
      const timer = setTimeout(() => {
        session.kill.abort();
      }, session.noticeMs);
      await ended;
      clearTimeout(timer);
    },
  };
}

const reply = ({ waiting }: Session, id: number): Promise<Reply> =>
  new Promise((resolve) => {
    waiting.set(id, resolve);
  });

/** Ends it all, for the first reason there is. */
function fail(session: Session, reason: string): void {
  session.gone ??= reason;
  session.kill.abort();
  for (const resolve of session.waiting.values()) resolve({ type: 'gone', reason: session.gone });
  session.waiting.clear();
}

/** Resolves when the process and its descendants are gone. */
async function watch(session: Session, parts: ProviderParts): Promise<void> {
  const read = makeProviderReader(
    (frame) => {
      const id = 'id' in frame ? frame.id : loadId;
      const resolve = session.waiting.get(id);
      session.waiting.delete(id);
      if (resolve === undefined) fail(session, 'it answered what nobody had asked');
      else resolve(frame);
    },
    (reason) => {
      fail(session, reason);
    },
  );
  const printed = { stdout: 0, stderr: 0 };
  try {
    const result = await parts.processes.run({
      argv: [parts.node, '--input-type=module', '--eval', parts.host],
      cwd: parts.cwd,
      env: parts.env,
      stdin: session.input,
      timeoutMs: runMs,
      outputLimitBytes,
      graceMs: 500,
      channel: true,
      onChannel: (bytes) => {
        if (session.gone === undefined) read(bytes);
      },
      onOutput: (stream, bytes) => {
        printed[stream] += bytes.length;
        if (printed[stream] >= outputLimitBytes) fail(session, 'it printed more than 16 MiB');
      },
      signal: session.kill.signal,
    });
    fail(session, sayEnding(result));
  } catch (error) {
    fail(session, error instanceof Error ? error.message : String(error));
  }
}

function sayEnding({ exitCode, signal, stderr }: ProcessResult): string {
  const how =
    signal === undefined
      ? `its process ended with exit code ${String(exitCode)}`
      : `its process was ended by ${signal}`;
  const thrown = Buffer.from(stderr.slice(-10_000)).toString('utf8').split('\n');
  const said = thrown.find((line) => /^\w*Error\b/.test(line))?.slice(0, 300);
  return said === undefined ? how : `${how}: ${said}`;
}

async function aboutOf(
  session: Session,
  loaded: Promise<Reply>,
  { loadMs = loadMsDefault, signal }: ProviderParts,
): Promise<OpenedProvider['about']> {
  const timer = setTimeout(() => {
    fail(session, `it was not loaded within ${String(loadMs)} ms`);
  }, loadMs);
  const stop = (): void => {
    fail(session, 'interrupted');
  };
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  const frame = await loaded;
  clearTimeout(timer);
  signal.removeEventListener('abort', stop);
  if (frame.type === 'loaded') return frame.about;
  const reason =
    frame.type === 'load-failed'
      ? frame.message
      : frame.type === 'gone'
        ? frame.reason
        : 'it answered before it was loaded';
  fail(session, reason);
  return { unusable: reason };
}

async function call(
  session: Session,
  about: OpenedProvider['about'],
  asked: Call,
  signal: AbortSignal,
): Promise<ProviderAnswer> {
  if ('unusable' in about) return missing(`the provider cannot be used: ${about.unusable}`);
  if (session.gone !== undefined) return missing(`the provider is gone: ${session.gone}`);
  if (about.functions?.includes(asked.name) === false)
    return missing(`the provider has no '${asked.name}'`);
  const id = session.nextId;
  const frame = await ask(session, { type: 'call', ...asked }, signal);
  if (frame.type === 'done') return done(session, id, frame);
  if (frame.type === 'failed') return { ok: false, kind: frame.kind, message: frame.message };
  if (frame.type === 'gone') return callError(`the provider failed: ${frame.reason}`);
  if (frame.type === 'cancelled') return callError('cancelled');
  fail(session, 'it answered something else than was asked');
  return callError('the provider answered something else than was asked');
}

function done(
  session: Session,
  id: number,
  { value, tokens, undo }: ProviderFrame & { type: 'done' },
): ProviderAnswer {
  return {
    ok: true,
    value,
    ...(tokens === undefined ? {} : { tokens }),
    ...(undo ? { undo: (signal: AbortSignal) => takeBack(session, id, signal) } : {}),
  };
}

const missing = (message: string): ProviderAnswer => ({
  ok: false,
  kind: 'ServiceMissing',
  message,
});
const callError = (message: string): ProviderAnswer => ({ ok: false, kind: 'CallError', message });

async function takeBack(session: Session, of: number, signal: AbortSignal): Promise<boolean> {
  if (session.gone !== undefined) return false;
  const frame = await ask(session, { type: 'undo', of }, signal);
  return frame.type === 'undone' && frame.ok;
}

type Asked = Call & { readonly type: 'call' };
type Undone = { readonly type: 'undo'; readonly of: number };

/** A request that was given up is cancelled; a process that takes no notice of that is ended. */
async function ask(session: Session, asked: Asked | Undone, signal: AbortSignal): Promise<Reply> {
  const id = session.nextId;
  session.nextId += 1;
  const answered = reply(session, id);
  const send = (request: ProviderRequest): void => {
    session.input.write(`${JSON.stringify(request)}\n`);
  };
  let timer: NodeJS.Timeout | undefined;
  const cancel = (): void => {
    send({ type: 'cancel', id });
    timer = setTimeout(() => {
      fail(session, 'it took no notice of a cancelled call');
    }, session.noticeMs);
  };
  send({ ...asked, id });
  if (signal.aborted) cancel();
  signal.addEventListener('abort', cancel, { once: true });
  const frame = await answered;
  clearTimeout(timer);
  signal.removeEventListener('abort', cancel);
  return frame;
}
