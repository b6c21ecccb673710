// What `gates watch` is asked for, and what makes two watches the same.

import { join, resolve } from 'node:path';
import { systemFiles } from '../drivers/files.ts';
import { canonicalJson, sha256Hex } from '../evidence/canonical.ts';
import { duration, durationMs } from '../gates/duration.ts';
import { loadWatch, watchFileMaxBytes } from '../gates/load-watch.ts';
import { slotsOf, type WatchPlan } from '../gates/watch-judge.ts';
import { fileSignals, watchSchema, type WatchSettings } from '../gates/watch-schema.ts';
import type { Json } from '../ports/json.ts';
import { text, UsageError, type Terminal, type Values } from './command.ts';
import { targetOf } from './gates-run.ts';
import { display, openProblemReport } from './load-manifest.ts';
import { packFolder } from './packs.ts';

/** As many as the records of a run are folded of: 48 h of one each 20 s. */
const samplesMax = 9000;

export type WantedWatch = Omit<WatchPlan, 'begins' | 'continues'>;

export const identityOf = (wanted: WantedWatch): string =>
  sha256Hex(canonicalJson(JSON.parse(JSON.stringify(wanted)) as Json));

export async function wantedWatch(values: Values, terminal: Terminal): Promise<WantedWatch> {
  const { settings, shown } = await readSettings(values, terminal);
  const data = text(values, 'data');
  const wanted: WantedWatch = {
    schema: 'seatrial.watch-plan/v1',
    for_ms: timeOf(values, 'for', '24h'),
    interval_ms: timeOf(values, 'interval', '60s'),
    settings,
    settings_file: shown,
    target: targetOf(values) ?? null,
    data: data === undefined ? null : resolve(terminal.cwd, data),
  };
  refuse(wanted);
  if (wanted.data !== null && (await systemFiles.stat(wanted.data))?.kind !== 'directory')
    throw new UsageError(`--data: there is no folder ${wanted.data}`);
  return wanted;
}

function refuse({ settings, target, data, for_ms, interval_ms }: WantedWatch): void {
  if (target === null && (settings.kernel !== false || settings.memory !== false))
    throw new UsageError(
      '--target is missing',
      'kernel and memory are asked there; `kernel: false` and `memory: false` in watch.yaml leave them out',
    );
  const logs = fileSignals.filter((name) => settings[name] !== false);
  if (data === null && logs.length > 0)
    throw new UsageError(
      '--data is missing',
      `${logs.join(', ')} lie there as logs; \`${logs[0] ?? ''}: false\` in watch.yaml leaves one out`,
    );
  const gapMs = durationMs(settings.coverage.gap);
  if (interval_ms > gapMs)
    throw new UsageError(
      '--interval is longer than the gap that ends in no answer',
      `at most ${settings.coverage.gap}, by \`coverage\` in watch.yaml`,
    );
  if (for_ms < interval_ms) throw new UsageError('--for is shorter than --interval');
  const slots = slotsOf({ for_ms, interval_ms });
  if (slots > samplesMax)
    throw new UsageError(
      `that would be ${String(slots)} samples, the limit is ${String(samplesMax)}`,
      'choose a longer --interval',
    );
}

function timeOf(values: Values, name: string, fallback: string): number {
  const given = text(values, name) ?? fallback;
  if (!duration.safeParse(given).success || durationMs(given) === 0)
    throw new UsageError(`--${name} takes a time such as 60s or 24h`);
  return durationMs(given);
}

/** The file that is named, or watch.yaml where one lies, or what the specification says. */
async function readSettings(
  values: Values,
  terminal: Terminal,
): Promise<{ readonly settings: WatchSettings; readonly shown: string }> {
  const [named, pack] = [text(values, 'config'), text(values, 'pack')];
  if (named !== undefined && pack !== undefined)
    throw new UsageError('--config and --pack exclude each other', 'leave one out');
  const usual = 'watch.yaml';
  const folder = pack === undefined ? terminal.cwd : packFolder(pack, terminal.cwd);
  const path = named === undefined ? join(folder, usual) : resolve(terminal.cwd, named);
  if ((await systemFiles.stat(path)) === undefined) {
    if (named !== undefined || pack !== undefined) throw new UsageError(`there is no ${path}`);
    return { settings: watchSchema.parse({ version: 1 }), shown: 'defaults' };
  }
  const bytes = await systemFiles.read(path, watchFileMaxBytes + 1);
  const { source, settings, problems } = loadWatch(display(path), bytes);
  const report = openProblemReport(terminal, values['json'] === true);
  report.add({ source, diagnostics: problems });
  report.end();
  // Without them there was a problem, and the report has ended the command.
  return { settings: settings as WatchSettings, shown: display(path) };
}
