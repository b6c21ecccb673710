// The signals that stand in logs: alerts, lost tasks, reloads. A quiet log and an absent one are
// different answers: the first is good news if the feature is on, the second is none.

import { durationMs, spokenDuration } from './duration.ts';
import type { FileSignal, SettingsOf } from './watch-schema.ts';
import type { FileSample, Sample } from './watch-sample.ts';
import type { Report, Signal } from './watch-signal.ts';

/** What is common to all logs: whether it is there, and whether all of it could be read. */
function watchLog(name: FileSignal) {
  let [seen, present, unreadable] = [0, 0, 0];
  let behind = false;
  let [lostAt, error]: [string | undefined, string | undefined] = [undefined, undefined];
  const feature = watchFeature(name);
  const trouble = (): readonly (string | false)[] => [
    present === 0 && feature.absence(),
    error !== undefined && `it could not be read: ${error}`,
    lostAt !== undefined && `lines were gone before they were read (${lostAt})`,
    behind && 'more lines came than could be read',
    unreadable > 0 && `${String(unreadable)} lines are no records`,
  ];
  return {
    /** What it got; undefined when it could not be looked at. */
    add: (sample: Sample): FileSample | undefined => {
      feature.add(sample);
      const file = sample.files[name];
      error = file?.error;
      if (file === undefined || error !== undefined) return undefined;
      seen += 1;
      if (file.parts.length > 0) present += 1;
      if (file.lost) lostAt ??= sample.at;
      unreadable += file.unreadable;
      behind = file.behind;
      return file;
    },
    known: (said: string, doubt: string | false = false): ReturnType<Signal['known']> => ({
      ...{ seen, said },
      doubts: [...trouble(), doubt].filter((each) => each !== false),
      off: present === 0 && feature.isOff(),
    }),
  };
}

/** What the system says of a feature, as often as it answers. */
function watchFeature(name: FileSignal) {
  let [on, answered] = [0, 0];
  return {
    add: ({ kernel }: Sample): void => {
      if (kernel?.answered === true) answered += 1;
      if (kernel?.on[name] === true) on += 1;
    },
    isOff: () => answered > 0 && on === 0,
    absence: () =>
      on > 0 ? 'the log never existed although the feature is on' : 'the log never existed',
  };
}

/** Sums over a span of time that moves along. */
function sumOver(spanMs: number): (ms: number, value: number) => number {
  const kept: { readonly ms: number; readonly value: number }[] = [];
  let sum = 0;
  return (ms, value) => {
    sum += value;
    kept.push({ ms, value });
    while ((kept[0]?.ms ?? ms) <= ms - spanMs) sum -= kept.shift()?.value ?? 0;
    return sum;
  };
}

const countOf = ({ counts }: FileSample, words: readonly string[]): number =>
  words.reduce((sum, word) => sum + (counts[word] ?? 0), 0);

export function watchAlerts(settings: SettingsOf<'alerts'>, report: Report): Signal {
  const log = watchLog('alerts');
  const sum = sumOver(durationMs(settings.within));
  const named = [settings.never, settings.some, settings.harmless].flat();
  const unknown = new Set<string>();
  let all = 0;
  const weigh = (file: FileSample, at: string, ms: number): void => {
    const never = countOf(file, settings.never);
    const some = countOf(file, settings.some);
    if (never > 0)
      report(at, `${String(never)} ${settings.never.join(' or ')}: ${file.shown[0] ?? ''}`);
    const within = sum(ms, some);
    if (some > 0 && within > settings.max)
      report(at, `${String(within)} ${settings.some.join(' or ')} within ${settings.within}`);
  };
  return {
    add: (sample, ms) => {
      const file = log.add(sample);
      if (file === undefined) return;
      for (const [word, count] of Object.entries(file.counts)) {
        all += count;
        if (!named.includes(word)) unknown.add(word);
      }
      weigh(file, sample.at, ms);
    },
    known: () =>
      log.known(
        `${String(all)} alerts, none that matters`,
        unknown.size > 0 && `severities nobody named: ${[...unknown].join(', ')}`,
      ),
  };
}

export function watchDlq(settings: SettingsOf<'dlq'>, report: Report): Signal {
  const log = watchLog('dlq');
  const sum = sumOver(durationMs(settings.within));
  const tasks = countTasks(durationMs(settings.within));
  let [all, uncounted] = [0, 0];
  const weigh = (lost: number, within: number, { at, done }: { at: string; done?: number }) => {
    all += lost;
    const told = `${String(within)} tasks lost within ${settings.within}`;
    if (within > settings.max) report(at, told);
    if (done === undefined) {
      uncounted += lost;
      return;
    }
    // Lost tasks are tasks, whatever the counter says of them.
    const of = Math.max(done, within);
    if (within / of > settings.max_share) report(at, `${told}, of ${String(of)}`);
  };
  return {
    add: (sample, ms) => {
      const done = tasks(sample, ms);
      const file = log.add(sample);
      if (file === undefined) return;
      const lost = countOf(file, settings.lost);
      const within = sum(ms, lost);
      const { at } = sample;
      if (lost > 0) weigh(lost, within, { at, ...(done === undefined ? {} : { done }) });
    },
    known: () =>
      log.known(
        `${String(all)} tasks lost`,
        uncounted > 0 && 'nobody says how many tasks there were beside the lost ones',
      ),
  };
}

/** Tasks of a moving span by a counter that only grows; undefined as long as nobody told it. */
function countTasks(spanMs: number): (sample: Sample, ms: number) => number | undefined {
  const sum = sumOver(spanMs);
  let before: number | undefined;
  return ({ kernel }, ms) => {
    const now = kernel?.tasks ?? before;
    const last = before ?? now ?? 0;
    const reached = now ?? 0;
    before = now;
    // A counter that fell was begun anew, as after a restart.
    const within = sum(ms, reached < last ? reached : reached - last);
    return now === undefined ? undefined : within;
  };
}

export function watchHmr(settings: SettingsOf<'hmr_audit'>, report: Report): Signal {
  const log = watchLog('hmr_audit');
  const openMs = durationMs(settings.open);
  const open = new Map<string, { readonly sinceMs: number; told: boolean }>();
  let reloads = 0;
  const take = ({ event, target }: FileSample['events'][number], ms: number): void => {
    if (settings.begins.includes(event) && !open.has(target))
      open.set(target, { sinceMs: ms, told: false });
    if (!settings.ends.includes(event)) return;
    open.delete(target);
    reloads += 1;
  };
  const tellOpen = (at: string, ms: number): void => {
    for (const [target, each] of open) {
      const forMs = ms - each.sinceMs;
      if (forMs < openMs || each.told) continue;
      each.told = true;
      report(at, `a reload of ${target} has no end after ${spokenDuration(forMs)}`);
    }
  };
  return {
    add: (sample, ms) => {
      const file = log.add(sample);
      if (file === undefined) return;
      for (const event of file.events) take(event, ms);
      tellOpen(sample.at, ms);
      for (const fault of rotationFaults(file, settings)) report(sample.at, fault);
    },
    known: () => log.known(`${String(reloads)} reloads ended`),
  };
}

function rotationFaults(
  { parts }: FileSample,
  { max_bytes: cap, backups }: SettingsOf<'hmr_audit'>,
): readonly string[] {
  const large = parts
    .filter(({ bytes, last = 0 }) => bytes - last > cap)
    .map(({ name, bytes }) => `${name} has ${String(bytes)} bytes, the cap is ${String(cap)}`);
  const tooMany = parts.length > backups + 1;
  return tooMany
    ? [...large, `${String(parts.length)} files, ${String(backups)} and the log are allowed`]
    : large;
}
