import { printable } from '../diagnostics/printable.ts';
import { readBaseline, type Reference } from '../findings/read-baseline.ts';
import { mayLower, regress, regressDefaults, type RegressOptions } from '../findings/regress.ts';
import type { RegressResult } from '../findings/regress-schema.ts';
import { flag, text, UsageError, type Input, type Terminal, type Values } from './command.ts';
import { exit } from './exit-codes.ts';
import { readTextFile, readTextIfThere, refuse, writeTextFile } from './findings-files.ts';
import { amount, moment } from './findings-options.ts';
import { loadEntries } from './findings-suppressions.ts';

type Side = { readonly path: string; readonly content: string; readonly baseline: Reference };

export async function runRegress({ values }: Input, terminal: Terminal): Promise<number> {
  const [newPath, refPath] = [named(values, 'new'), named(values, 'ref')];
  const now = openSide(newPath, await readTextFile(newPath, terminal), values);
  const options = await readOptions(values, terminal);
  const reference = await readTextIfThere(refPath, terminal);
  if (reference === undefined) {
    if (!flag(values, 'init'))
      throw new UsageError(`there is no ${refPath}`, '--init writes a first reference');
    await writeTextFile(refPath, now.content, terminal);
    terminal.err(`seatrial: ${refPath} is new; there was nothing to compare with\n`);
  }
  const before = openSide(refPath, reference ?? now.content, values);
  const answer = regress(now.baseline, before.baseline, options);
  if ('problems' in answer) refuse(`${newPath} against ${refPath}`, answer.problems);
  const { result } = answer;
  terminal.out(`${JSON.stringify(result, null, flag(values, 'json') ? 0 : 2)}\n`);
  terminal.err(tell(result));
  if (flag(values, 'update') && result.ok) await update({ now, before, result }, terminal);
  return result.ok ? exit.passed : exit.failed;
}

function named(values: Values, name: string): string {
  const path = text(values, name);
  if (path === undefined) throw new UsageError(`--${name} is missing`);
  return path;
}

function openSide(path: string, content: string, values: Values): Side {
  const reading = readBaseline(content, text(values, 'strip'));
  if ('problems' in reading) refuse(path, reading.problems);
  return { path, content, baseline: reading.baseline };
}

async function readOptions(values: Values, terminal: Terminal): Promise<RegressOptions> {
  const codes = text(values, 'codes')
    ?.split(',')
    .map((each) => each.trim());
  if (codes?.some((each) => !/^[A-Z][A-Z_]*$/.test(each)) === true)
    throw new UsageError('--codes takes names such as PARSE_ERROR, separated by commas');
  return {
    ...moment(terminal),
    absThreshold: amount(values, 'abs-threshold', regressDefaults.absThreshold),
    relThreshold: amount(values, 'rel-threshold', regressDefaults.relThreshold, 'fraction'),
    any: flag(values, 'any'),
    ...(codes === undefined ? {} : { codes }),
    ratchet: flag(values, 'ratchet'),
    perFingerprint: flag(values, 'per-fingerprint'),
    allowShrink: amount(values, 'allow-shrink', regressDefaults.allowShrink),
    suppressions: await loadEntries(values, terminal),
    requireOwner: flag(values, 'require-owner'),
  };
}

const listedMax = 20;

/** For people; the answer itself goes to standard output. */
function tell({ ok, regressions, hard, ...lists }: RegressResult): string {
  const counts = [...regressions, ...hard].map(
    ({ code, old, new: now }) => `${code}: ${String(old)} → ${String(now)}`,
  );
  const fresh = lists.new.map(
    ({ fingerprint, path, line, message }) =>
      `new: ${fingerprint} ${path}${line === null ? '' : `:${String(line)}`}: ${message}`,
  );
  const more = fresh.length - listedMax;
  const totals = [
    ok ? 'nothing got worse' : 'it got worse',
    ...(['new', 'fixed', 'moved'] as const).map((name) => `${String(lists[name].length)} ${name}`),
  ].join(', ');
  return [
    totals,
    ...counts,
    ...fresh.slice(0, listedMax),
    ...(more > 0 ? [`… and ${String(more)} more`] : []),
  ]
    .map((each) => `seatrial: ${printable(each)}\n`)
    .join('');
}

type Compared = {
  readonly now: Side;
  readonly before: Side;
  readonly result: Parameters<typeof mayLower>[2];
};

async function update({ now, before, result }: Compared, terminal: Terminal): Promise<void> {
  if (!mayLower(now.baseline, before.baseline, result)) {
    terminal.err(`seatrial: ${before.path} stays as it is: the new one would raise it\n`);
    return;
  }
  await writeTextFile(before.path, now.content, terminal);
}
