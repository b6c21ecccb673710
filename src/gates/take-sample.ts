// One look at a running system: its status, its memory, and what its logs got since the last look.

import type { Clock } from '../ports/clock.ts';
import type { Http } from '../ports/http.ts';
import type { Json } from '../ports/json.ts';
import type { LogFiles } from '../ports/log-files.ts';
import { WorldError } from '../ports/world-error.ts';
import { text } from './ask.ts';
import { followLog } from './follow-log.ts';
import { valueAtPointer } from './json-pointer.ts';
import { mismatch, parseJson } from './match.ts';
import { resolvePath } from './resolve-path.ts';
import {
  fileSignals,
  type FileSignal,
  type SettingsOf,
  type WatchSettings,
} from './watch-schema.ts';
import type { FileSample, Sample } from './watch-sample.ts';

export type SampleWorld = {
  readonly clock: Clock;
  readonly http: Http;
  readonly logs: LogFiles;
};

export type Looking = {
  readonly settings: WatchSettings;
  /** Base address, without trailing slash; there is one when kernel or memory are watched. */
  readonly target: string | undefined;
  /** Absolute; there is one when a log is watched. */
  readonly data: string | undefined;
  readonly signal: AbortSignal;
};

const requestTimeoutMs = 10_000;
const bodyMaxBytes = 1024 * 1024;
const shownLines = 3;
const shownCharacters = 200;

/** What does not answer is part of what was seen. Throws only when the watch was stopped. */
export async function takeSample(
  world: SampleWorld,
  looking: Looking,
  { slot, before }: { readonly slot: number; readonly before: Sample | undefined },
): Promise<Sample> {
  const { settings } = looking;
  const at = world.clock.now().toISOString();
  const kernel = settings.kernel === false ? undefined : await seeKernel(world, looking);
  const memory = settings.memory === false ? undefined : await seeMemory(world, looking);
  const files: Partial<Record<FileSignal, FileSample>> = {};
  for (const name of fileSignals)
    if (settings[name] !== false)
      files[name] = await seeLog(world, looking, { name, before: before?.files[name] });
  looking.signal.throwIfAborted();
  return {
    ...{ schema: 'seatrial.watch-sample/v1', slot, at, files },
    ...(kernel === undefined ? {} : { kernel }),
    ...(memory === undefined ? {} : { memory }),
  };
}

type Answer = { readonly said: string; readonly document?: Json };

async function ask({ http }: SampleWorld, { target, signal }: Looking, path: string) {
  try {
    const { status, body } = await http.request({
      url: `${target ?? ''}${path}`,
      timeoutMs: requestTimeoutMs,
      maxBodyBytes: bodyMaxBytes,
      signal,
    });
    if (status !== 200) return { said: `status ${String(status)}` };
    const document = parseJson(text(body));
    return document === undefined ? { said: 'no JSON' } : { said: 'status 200', document };
  } catch (error) {
    if (!(error instanceof WorldError)) throw error;
    return { said: error.message.slice(0, shownCharacters) };
  }
}

const isOn = (value: Json | undefined): boolean =>
  value !== undefined && value !== null && value !== false && value !== '';

async function seeKernel(
  world: SampleWorld,
  looking: Looking,
): Promise<NonNullable<Sample['kernel']>> {
  const { settings } = looking;
  const own = settings.kernel as SettingsOf<'kernel'>;
  const { said, document }: Answer = await ask(world, looking, own.get);
  const tasks = settings.dlq === false ? undefined : valueAtPointer(document, settings.dlq.tasks);
  const on = fileSignals.flatMap((name) => {
    const each = settings[name];
    return each === false ? [] : [[name, isOn(valueAtPointer(document, each.on))] as const];
  });
  return {
    ...{ answered: document !== undefined, said },
    running: valueAtPointer(document, own.running) === true,
    ready: mismatch(valueAtPointer(document, own.readiness), own.ready) === undefined,
    ...(typeof tasks === 'number' ? { tasks } : {}),
    on: document === undefined ? {} : Object.fromEntries(on),
  };
}

async function seeMemory(
  world: SampleWorld,
  looking: Looking,
): Promise<NonNullable<Sample['memory']>> {
  const own = looking.settings.memory as SettingsOf<'memory'>;
  const { said, document }: Answer = await ask(world, looking, own.get);
  if (document === undefined) return { said };
  const coherence = valueAtPointer(document, own.coherence);
  return {
    ...{ said, on: isOn(valueAtPointer(document, own.on)) },
    ...(typeof coherence === 'number' ? { coherence } : {}),
  };
}

type Asked = { readonly name: FileSignal; readonly before: FileSample | undefined };

async function seeLog(
  { logs }: SampleWorld,
  { settings, data }: Looking,
  { name, before }: Asked,
): Promise<FileSample> {
  const own = settings[name] as SettingsOf<FileSignal>;
  const tailAbove = 'max_bytes' in own ? own.max_bytes : undefined;
  const path = resolvePath(data ?? '/', own.file);
  try {
    const followed = await followLog({ logs, path, before: before?.parts, tailAbove });
    const { parts, lines, lost, behind, overlong } = followed;
    const shown = lines.slice(0, shownLines).map((line) => line.slice(0, shownCharacters));
    const read = readLines(lines, own);
    return { parts, lost, behind, shown, ...read, unreadable: read.unreadable + overlong };
  } catch (error) {
    if (!(error instanceof WorldError)) throw error;
    // Goes on later where it stood: nothing was read.
    const parts = before?.parts ?? [];
    const nothing = { lost: false, behind: true, unreadable: 0, counts: {}, events: [], shown: [] };
    return { parts, ...nothing, error: error.message.slice(0, shownCharacters) };
  }
}

function readLines(
  lines: readonly string[],
  settings: SettingsOf<FileSignal>,
): Pick<FileSample, 'counts' | 'events' | 'unreadable'> {
  const counts: Record<string, number> = {};
  const events: { event: string; target: string }[] = [];
  let unreadable = 0;
  for (const line of lines) {
    const record = parseJson(line);
    const word = wordOf(record, settings);
    if (word === undefined) unreadable += 1;
    else if ('event' in settings) events.push({ event: word, target: targetOf(record, settings) });
    else counts[word] = (counts[word] ?? 0) + 1;
  }
  return { counts, events, unreadable };
}

const wordMax = 80;

/** The severity, the reason before its colon, or the event. */
function wordOf(record: Json | undefined, settings: SettingsOf<FileSignal>): string | undefined {
  if ('event' in settings) return stringAt(record, settings.event);
  if ('reason' in settings) return stringAt(record, settings.reason)?.split(':')[0];
  return stringAt(record, settings.severity)?.toLowerCase();
}

function stringAt(record: Json | undefined, pointer: string): string | undefined {
  const value = valueAtPointer(record, pointer);
  return typeof value === 'string' && value !== '' ? value.slice(0, wordMax) : undefined;
}

const targetOf = (record: Json | undefined, { target }: SettingsOf<'hmr_audit'>): string =>
  stringAt(record, target) ?? '';
