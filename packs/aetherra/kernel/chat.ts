// Chat: asked once, or as a stream that can be cut anywhere and resumed.

import { randomUUID } from 'node:crypto';
import { chatAccess, given } from './chat-access.ts';
import type { DeadLetters } from './dead-letters.ts';
import type { Engine } from './engine.ts';
import { refusal, type Call, type Reply, type Route } from './http-route.ts';
import { policyHeaders } from './policy.ts';
import { produceStream } from './produce-stream.ts';
import type { Settings } from './read-settings.ts';
import { resumePosition } from './resume-position.ts';
import { serveStream } from './serve-stream.ts';
import { openLog, type StreamLog } from './stream-log.ts';

export type ChatCounts = {
  requests: number;
  streams: number;
  resumes: number;
  resumeGaps: number;
};

export type Chat = {
  readonly routes: readonly Route[];
  readonly counts: ChatCounts;
  /** Resolves once no stream is open. */
  readonly quiet: () => Promise<void>;
};

type Parts = {
  readonly settings: Settings;
  readonly engine: Engine;
  readonly letters: DeadLetters;
  readonly logs: Map<string, StreamLog>;
  readonly messages: Set<string>;
  readonly counts: ChatCounts;
};

export function makeChat(settings: Settings, engine: Engine, letters: DeadLetters): Chat {
  const counts: ChatCounts = { requests: 0, streams: 0, resumes: 0, resumeGaps: 0 };
  const parts: Parts = { settings, engine, letters, logs: new Map(), messages: new Set(), counts };
  return {
    counts,
    quiet: async () => {
      while (counts.streams > 0) await new Promise((resolve) => setTimeout(resolve, 20));
    },
    routes: [
      { method: 'POST', path: '/api/ai/ask', answer: (call) => ask(call, parts) },
      { method: 'POST', path: '/api/ai/stream', answer: (call) => stream(call, parts) },
      { method: 'GET', path: '/api/ai/stream', answer: (call) => stream(call, parts) },
    ],
  };
}

async function ask(call: Call, { settings, engine, counts }: Parts): Promise<Reply> {
  const access = chatAccess(call, settings);
  if ('refused' in access) return access.refused;
  const message = given(call, '', 'message');
  if (message === undefined) return refusal(400, 'message_required');
  counts.requests += 1;
  const trace = given(call, 'x-aetherra-trace-id', 'trace_id') ?? randomUUID();
  const { response, usage, error, engine: by } = await engine.run(message, () => undefined);
  const headers = { ...policyHeaders(settings, 'ask'), 'X-Aetherra-Trace-Id': trace };
  if (error !== undefined)
    return { status: 502, json: { ok: false, error, usage, trace_id: trace }, headers };
  const result = {
    response,
    session_id: given(call, '', 'session_id') ?? trace,
    timestamp: new Date().toISOString(),
    confidence: 0.5,
    usage,
    scratchpad_policy: scratchpadOf(call),
    engine: by,
  };
  return { status: 200, json: { ok: true, result, trace_id: trace }, headers };
}

const scratchpads = ['redacted', 'ephemeral', 'persisted'];
const scratchpadOf = (call: Call): string => {
  const asked = given(call, '', 'scratchpad_policy') ?? '';
  return scratchpads.includes(asked) ? asked : 'redacted';
};

function stream(call: Call, parts: Parts): Reply | Promise<Reply> {
  const { settings } = parts;
  const access = chatAccess(call, settings);
  if ('refused' in access) return access.refused;
  if (!settings.ai.stream) return refusal(501, 'disabled');
  const last = call.request.headers['last-event-id'];
  return typeof last === 'string'
    ? resume(call, last, { parts, principal: access.principal })
    : start(call, { parts, principal: access.principal });
}

const messagesMax = 100_000;

type Caller = {
  readonly parts: Parts;
  readonly principal: string;
  /** Instead of the one that the client names. */
  readonly trace?: string;
};

async function start(call: Call, { parts, principal, trace: own }: Caller): Promise<Reply> {
  const { settings, engine, logs, messages, counts, letters } = parts;
  const message = given(call, '', 'message');
  if (message === undefined || message === '') return refusal(400, 'message_required');
  const clientMessageId = given(call, '', 'client_message_id');
  if (isKnown(messages, principal, clientMessageId)) return refusal(409, 'duplicate');
  const trace = own ?? given(call, 'x-aetherra-trace-id', 'trace_id') ?? randomUUID();
  if (logs.has(trace)) return refusal(409, 'duplicate_trace');
  forgetOld(parts);
  counts.requests += 1;
  const { maxEvents } = settings.replay;
  const log = openLog({ trace, principal, clientMessageId, maxEvents, faults: settings.faults });
  logs.set(trace, log);
  const isExpired = isPast(call);
  if (isExpired) letters.add({ reason: 'expired', trace_id: trace, type: 'chat', data: {} });
  const stop = new AbortController();
  if (settings.faults.has('chat.replay-stops-on-disconnect'))
    call.response.once('close', () => {
      stop.abort();
    });
  void produceStream({ settings, engine, log, message, isExpired, signal: stop.signal });
  return serve(call, log, { parts, from: 0 });
}

/** Whether the client has sent it before; from now on it has. */
function isKnown(messages: Set<string>, principal: string, id: string | undefined): boolean {
  if (id === undefined) return false;
  const name = `${principal} ${id}`;
  const isRepeated = messages.has(name);
  messages.add(name);
  const [oldest] = messages;
  if (messages.size > messagesMax && oldest !== undefined) messages.delete(oldest);
  return isRepeated;
}

function isPast(call: Call): boolean {
  const deadline = given(call, '', 'deadline_ts');
  const ttl = given(call, '', 'ttl_sec');
  return (
    (deadline !== undefined && Number(deadline) * 1000 < Date.now()) ||
    (ttl !== undefined && Number(ttl) <= 0)
  );
}

async function serve(
  call: Call,
  log: StreamLog,
  {
    parts: { settings, counts },
    from,
    preface = '',
  }: { readonly parts: Parts; readonly from: number; readonly preface?: string },
): Promise<Reply> {
  counts.streams += 1;
  const headers = policyHeaders(settings, 'stream');
  await serveStream(call.response, log, { from, headers, preface });
  counts.streams -= 1;
  return 'sent';
}

async function resume(call: Call, last: string, { parts, principal }: Caller): Promise<Reply> {
  const { settings, logs, counts } = parts;
  const { faults } = settings;
  const trace = given(call, 'x-aetherra-trace-id', 'trace_id');
  const found = resumePosition(last, { trace, principal, logs, faults });
  if ('startsAgain' in found) return start(call, { parts, principal, trace: randomUUID() });
  if ('refused' in found) {
    if (found.isGap) counts.resumeGaps += 1;
    return found.refused;
  }
  counts.resumes += 1;
  const prelude = faults.has('chat.resume-new-prelude') ? found.log.from(0)?.slice(0, 3) : [];
  const preface = prelude?.map(({ text }) => text).join('') ?? '';
  return serve(call, found.log, { parts, from: found.position, preface });
}

function forgetOld({ logs, settings }: Parts): void {
  const oldest = Date.now() - settings.replay.maxAgeMs;
  for (const [trace, log] of logs) {
    const ended = log.endedMs();
    if (ended !== undefined && ended < oldest) logs.delete(trace);
  }
}
