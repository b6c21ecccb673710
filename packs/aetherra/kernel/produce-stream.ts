// Fills a stream's log: prelude, what the engine says, and the end that every path has.

import type { Engine, EngineEvent, EngineResult } from './engine.ts';
import { policyEvent } from './policy.ts';
import type { Settings } from './read-settings.ts';
import type { StreamLog } from './stream-log.ts';

const fillerMs = 1000;
const inventedMs = 2000;

export type Production = {
  readonly settings: Settings;
  readonly engine: Engine;
  readonly log: StreamLog;
  readonly message: string;
  /** The client's time was over before it began. */
  readonly isExpired: boolean;
  /** A sound kernel never fires it: the engine works on, whoever listens. */
  readonly signal: AbortSignal;
};

export async function produceStream(production: Production): Promise<void> {
  const { settings, engine, log, message, isExpired, signal } = production;
  const { faults } = settings;
  const tellPolicy = onceOnly(() => {
    if (!faults.has('policy.event-missing')) log.append('policy', policyEvent(settings));
  });
  prelude(settings, log, faults.has('chat.policy-late') ? () => undefined : tellPolicy);
  const silence = watchSilence(production);
  const emit = (event: EngineEvent): void => {
    if (log.ended() || signal.aborted) return;
    silence.broken();
    log.append(event.type, event.type === 'tool' ? event.data : { text: event.text });
    tellPolicy();
  };
  const result = isExpired ? expired(message) : await engine.run(message, emit, signal);
  silence.end();
  if (!log.ended() && !signal.aborted) finish(production, result);
  log.end();
}

function prelude({ ai }: Settings, log: StreamLog, tellPolicy: () => void): void {
  log.append('status', { phase: 'start' });
  log.append('auth', { required: ai.requireToken, ok: true });
  tellPolicy();
  if (ai.requireToken) log.append('token', { accepted: true });
}

function onceOnly(act: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) act();
    isDone = true;
  };
}

/** Usage comes before final, and final is last, on every path. */
function finish({ settings: { faults }, log }: Production, result: EngineResult): void {
  const { error, usage, response } = result;
  if (error !== undefined) log.append('error', error);
  const isSilentAboutUsage =
    faults.has('chat.usage-missing') ||
    (error !== undefined && faults.has('chat.error-without-usage'));
  const tellUsage = (): void => {
    if (!isSilentAboutUsage) log.append('usage', usage);
  };
  if (!faults.has('chat.usage-after-final')) tellUsage();
  const isOk = error === undefined || faults.has('chat.error-final-ok');
  const { engine } = result;
  if (!faults.has('chat.final-missing'))
    log.append('final', isOk ? { ok: true, result: { response, engine } } : { ok: false, error });
  if (faults.has('chat.usage-after-final')) tellUsage();
  if (faults.has('chat.event-after-final')) log.append('status', { phase: 'late' });
}

const expired = (message: string): EngineResult => ({
  response: '',
  usage: { tokens_in: message.split(/\s+/u).length, tokens_out: 0, chars_in: 0, chars_out: 0 },
  engine: { version: 'none', handled: 0 },
  error: { code: 'expired', message: 'the deadline was over before the request came' },
});

/** What kernels are tempted to do while an engine is slow: fill the silence, or end it. */
function watchSilence({ settings: { faults }, log }: Production) {
  let since = performance.now();
  const look = (): void => {
    if (faults.has('chat.heartbeat-in-answer')) log.append('chunk', { text: '…' });
    if (!faults.has('chat.fabricated-final') || performance.now() - since < inventedMs) return;
    log.append('usage', { tokens_in: 0, tokens_out: 0, chars_in: 0, chars_out: 0 });
    log.append('final', { ok: true, result: { response: '' } });
    log.end();
    clearInterval(timer);
  };
  const timer = setInterval(look, fillerMs);
  return {
    broken: () => {
      since = performance.now();
    },
    end: () => {
      clearInterval(timer);
    },
  };
}
