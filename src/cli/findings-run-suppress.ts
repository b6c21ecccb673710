import { applySuppressions, type Candidate, type Use } from '../findings/apply-suppressions.ts';
import type { Classification } from '../findings/classification-schema.ts';
import { readRecords, renderRecords } from '../findings/suppression-records.ts';
import {
  pruneSuppressions,
  suppressionTemplate,
  type PruneOptions,
} from '../findings/suppression-upkeep.ts';
import { suppressionWarnings } from '../findings/suppression-warnings.ts';
import { daysBetween, isExpired, type Entry } from '../findings/suppression.ts';
import { printable } from '../diagnostics/printable.ts';
import { count } from './aether-options.ts';
import { flag, text, UsageError, type Input, type Terminal, type Values } from './command.ts';
import { exit } from './exit-codes.ts';
import { classificationOf } from './findings-classify.ts';
import { readTextFile, refuse, writeTextFile } from './findings-files.ts';
import { defaults, moment } from './findings-options.ts';
import { loadEntries, printWarnings } from './findings-suppressions.ts';

export async function runSuppress({ args, values }: Input, terminal: Terminal): Promise<number> {
  const [action] = args;
  if (action === 'template') return template(values, terminal);
  return action === 'prune' ? prune(values, terminal) : list(values, terminal);
}

async function template(values: Values, terminal: Terminal): Promise<number> {
  const top = count(values, 'top', 10);
  const { today } = moment(terminal);
  const classification = await classificationOf(values, terminal);
  terminal.out(suppressionTemplate(classification, top, today));
  return exit.passed;
}

async function list(values: Values, terminal: Terminal): Promise<number> {
  const { today } = moment(terminal);
  const entries = await loadEntries(values, terminal);
  const rows = entries.map((entry) => rowOf(entry, today, flag(values, 'require-owner')));
  if (flag(values, 'json')) {
    terminal.out(`${JSON.stringify({ entries: rows })}\n`);
    return exit.passed;
  }
  for (const { fingerprint, state, owner, expires, reason } of rows)
    terminal.out(
      `${printable([fingerprint, state.padEnd(9), expires ?? 'never     ', owner ?? '-', reason].join('  '))}\n`,
    );
  const uses = entries.map((entry): Use => ({
    entry,
    state: 'active',
    findings: 1,
    strangers: [],
  }));
  // Whether an entry is used shows only with findings at hand.
  printWarnings(suppressionWarnings(uses, Infinity, today), terminal);
  return exit.passed;
}

function rowOf(entry: Entry, today: string, requireOwner: boolean) {
  const { record, fingerprint, reason, file, line } = entry;
  const active = record === undefined && requireOwner ? 'powerless' : 'active';
  return {
    fingerprint,
    state: isExpired(entry, today) ? 'expired' : active,
    owner: record?.owner ?? null,
    expires: record?.expires ?? null,
    days_left: record === undefined ? null : daysBetween(today, record.expires),
    reason,
    file,
    line,
  };
}

async function prune(values: Values, terminal: Terminal): Promise<number> {
  const path = text(values, 'suppressions') ?? defaults.suppressions;
  const options = await readPrune(values, terminal);
  const file = readRecords(await readTextFile(path, terminal));
  if (typeof file === 'string') refuse(path, [file]);
  const pruned = pruneSuppressions(file, options);
  const { removed } = pruned;
  const isDry = flag(values, 'dry-run');
  if (!isDry && removed.length > 0) await writeTextFile(path, renderRecords(pruned.file), terminal);
  const total = `${String(removed.length)} of ${String(file.records.length)}\n`;
  const lines = removed.map((each) => `${isDry ? 'would remove' : 'removed'} ${each}\n`);
  terminal.out(
    flag(values, 'json')
      ? `${JSON.stringify({ removed, dry_run: isDry })}\n`
      : `${lines.join('')}${total}`,
  );
  return exit.passed;
}

async function readPrune(values: Values, terminal: Terminal): Promise<PruneOptions> {
  const older = olderThan(values);
  const [expired, unused] = [flag(values, 'expired'), flag(values, 'unused')];
  if (older === undefined && !expired && !unused)
    throw new UsageError('say what to take away', '--expired, --unused or --older-than 90d');
  return {
    ...{ today: moment(terminal).today, expired },
    ...(older === undefined ? {} : { olderThanDays: older }),
    ...(unused ? { unused: await usesOf(values, terminal) } : {}),
  };
}

function olderThan(values: Values): number | undefined {
  const given = text(values, 'older-than');
  if (given === undefined) return undefined;
  const days = /^(\d{1,5})d$/.exec(given)?.[1];
  if (days === undefined) throw new UsageError('--older-than takes days, such as 90d');
  return Number(days);
}

async function usesOf(values: Values, terminal: Terminal): Promise<readonly Use[]> {
  const entries = await loadEntries(values, terminal);
  const classification = await classificationOf(values, terminal);
  const candidates = candidatesOf(classification);
  const { today } = moment(terminal);
  const applied = applySuppressions(entries, candidates, { today, requireOwner: false });
  for (const each of candidates) applied.entryFor(each);
  return applied.uses();
}

const candidatesOf = ({ workflows }: Classification): readonly Candidate[] =>
  workflows.flatMap(({ path, findings, fingerprint_reference }) =>
    findings.map(({ fingerprint, rule }) => ({
      ...{ fingerprint, rule, subject: path },
      ...(fingerprint_reference === null ? {} : { referenceFingerprint: fingerprint_reference }),
    })),
  );
