// `migrate` from its arguments to its exit code.

import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { combineCodes, refusal } from '../aether/answer.ts';
import { migrate, type Migrated, type MigrateOptions } from '../aether/migrate.ts';
import { renderMigrationReport, type MigrationLine } from '../aether/migration-report.ts';
import { renderAnswer } from '../aether/render-answer.ts';
import { isSigned, signBytes, type SigningKey } from '../aether/signature.ts';
import { placeAt } from '../aether/text.ts';
import { extraTransforms } from '../aether/transform.ts';
import { renderDiff } from '../aether/unified-diff.ts';
import { printable } from '../diagnostics/printable.ts';
import { sha256Hex } from '../evidence/canonical.ts';
import { systemFiles } from '../drivers/files.ts';
import { keepOriginals, restoreOriginals, type Original } from './aether-migrate-store.ts';
import { exitStyle, openFiles, readJudgeSettings, timestamp } from './aether-options.ts';
import { paced } from './aether-pace.ts';
import type { Found } from './aether-paths.ts';
import { readFound } from './aether-read.ts';
import { emptyInput } from './aether-run-check.ts';
import { requireSigner } from './aether-run-sign.ts';
import { rewrite } from './aether-write.ts';
import { flag, text, UsageError, type Input, type Terminal, type Values } from './command.ts';
import { exit } from './exit-codes.ts';

type Job = {
  readonly apply: boolean;
  readonly json: boolean;
  readonly options: MigrateOptions;
  readonly maxBytes: number;
  readonly key: SigningKey | undefined;
};

type Done = {
  readonly line: MigrationLine;
  readonly code: number;
  readonly diff: Uint8Array;
  /** Absent where the file stays as it is. */
  readonly original?: Original;
};

export async function runMigrate(input: Input, terminal: Terminal): Promise<number> {
  const { args, values } = input;
  const restore = text(values, 'restore');
  if (restore !== undefined) return runRestore(resolve(terminal.cwd, restore), terminal);
  const job = await readJob(values, terminal);
  const done: Done[] = [];
  const files = await openFiles(input, terminal, job.maxBytes);
  for await (const found of paced(files, terminal.signal))
    done.push(await migrateFound(found, job));
  if (done.length === 0) return emptyInput(args, terminal);
  const codes = job.apply
    ? await applyAll(done, values, terminal)
    : printDiffs(done, job, terminal);
  await writeReport(done, values, terminal);
  for (const { line, code } of done) tell(line, code, job, terminal);
  return combineCodes(codes, exitStyle(values));
}

async function readJob(values: Values, terminal: Terminal): Promise<Job> {
  const apply = flag(values, 'apply');
  if (apply === flag(values, 'dry-run'))
    throw new UsageError('give exactly one of --dry-run, --apply');
  const { registry, maxBytes } = await readJudgeSettings(values, terminal);
  const asked = text(values, 're-sign');
  const key = asked === undefined ? undefined : await requireSigner(asked, terminal);
  // The bytes are signed afterwards; saying so keeps signed files from being refused.
  const sign = key === undefined ? {} : { sign: (unsigned: Uint8Array) => unsigned };
  const enable = readTransforms(text(values, 'enable'));
  const options = { registry, enable, toPublished: text(values, 'to') === 'aether-1.1', ...sign };
  return { apply, json: flag(values, 'json'), options, maxBytes, key };
}

function readTransforms(asked: string | undefined): (typeof extraTransforms)[number][] {
  const names = asked === undefined ? [] : asked.split(',').map((each) => each.trim());
  return names.map((name) => {
    const known = extraTransforms.find((each) => each === name);
    if (known !== undefined) return known;
    throw new UsageError(
      `--enable cannot be ${JSON.stringify(name)}`,
      `one or more of ${extraTransforms.join(',')}`,
    );
  });
}

async function migrateFound(found: Found, job: Job): Promise<Done> {
  const { name } = found;
  const read = readFound(found, job.maxBytes);
  if ('refusal' in read) {
    const { code } = refusal(name, read.refusal.code, read.refusal.message);
    const line = { path: name, counts: {}, diff: '', refusal: read.refusal };
    return { line, code, diff: new Uint8Array() };
  }
  const migrated = migrate(read.bytes, { ...job.options, path: name });
  const bytes = await signedAgain(migrated, job.key);
  const diff = renderDiff(migrated.source, migrated.edits, relativeName(name));
  const line = describe(name, migrated, diff);
  if (migrated.refusal !== undefined) return { line, code: exit.failed, diff };
  if (migrated.edits.length === 0) return { line, code: exit.passed, diff };
  const path = realpathSync(found.path);
  return { line, code: exit.passed, diff, original: { path, bytes: read.bytes, migrated: bytes } };
}

async function signedAgain(
  { bytes, edits }: Migrated,
  key: SigningKey | undefined,
): Promise<Uint8Array> {
  if (key === undefined || edits.length === 0 || !isSigned(bytes)) return bytes;
  return (await signBytes(bytes, key)) ?? bytes;
}

/** A name that `git apply` takes: below the folder the command ran in. */
function relativeName(name: string): string {
  return name.replace(/^(?:\.?\/)+/, '');
}

function describe(path: string, migrated: Migrated, diff: Uint8Array): MigrationLine {
  const { counts, refusal: refused, source } = migrated;
  const told = { path, counts, diff: new TextDecoder().decode(diff) };
  if (refused === undefined) return told;
  const { code, message, at } = refused;
  const place = at === undefined ? '' : `line ${String(placeAt(source, at).line)}: `;
  return { ...told, refusal: { code, message: place + message } };
}

/** As bytes: a diff of a file with odd bytes is no text. */
function printDiffs(done: readonly Done[], { json }: Job, terminal: Terminal): readonly number[] {
  const write =
    terminal.outBytes ??
    ((bytes) => {
      terminal.out(new TextDecoder().decode(bytes));
    });
  if (!json) for (const { diff } of done) if (diff.length > 0) write(diff);
  return done.map(({ code }) => code);
}

/** Originals first. A file that changed since it was read is not touched. */
async function applyAll(
  done: readonly Done[],
  values: Values,
  terminal: Terminal,
): Promise<readonly number[]> {
  const originals = done.flatMap(({ original }) => (original === undefined ? [] : [original]));
  if (originals.length === 0) return done.map(({ code }) => code);
  const stamp = timestamp(terminal).replaceAll(/[:.]/g, '-');
  const asked = text(values, 'backup-dir') ?? `.seatrial/migrate/${stamp}`;
  const folder = resolve(terminal.cwd, asked);
  await keepOriginals(folder, originals);
  const codes: number[] = [];
  for (const { original, code } of done) {
    const failed = original === undefined ? undefined : await applyOne(original);
    if (failed !== undefined)
      terminal.err(`seatrial: ${printable(original?.path ?? '')}: ${failed}\n`);
    codes.push(failed === undefined ? code : 26);
  }
  terminal.err(`originals: ${asked} (seatrial aether migrate --restore ${asked})\n`);
  return codes;
}

async function applyOne({ path, bytes, migrated }: Original): Promise<string | undefined> {
  const now = readFound({ name: path, path, isGiven: true }, bytes.length + 1);
  if (!('bytes' in now) || sha256Hex(now.bytes) !== sha256Hex(bytes))
    return 'it changed while it was being migrated; not touched';
  return rewrite(path, migrated);
}

async function writeReport(
  done: readonly Done[],
  values: Values,
  terminal: Terminal,
): Promise<void> {
  if (done.length < 2) return;
  const path = resolve(terminal.cwd, text(values, 'report') ?? 'migration_report.md');
  await systemFiles.replace(path, renderMigrationReport(done.map(({ line }) => line)));
}

function tell(line: MigrationLine, code: number, job: Job, terminal: Terminal): void {
  const { path, counts, refusal: refused } = line;
  if (job.json) {
    terminal.out(`${JSON.stringify({ file: path, code, counts, refused: refused ?? null })}\n`);
    return;
  }
  const name = printable(path);
  if (refused !== undefined && code === 26)
    terminal.err(renderAnswer(refusal(path, refused.code as 'E_IO_ACCESS', refused.message)));
  else if (refused !== undefined)
    terminal.err(`${name}: ${refused.code}: ${printable(refused.message)}\n`);
  else if (job.apply && Object.keys(counts).length > 0)
    terminal.out(`${name}: ${tellCounts(counts)}\n`);
}

function tellCounts(counts: MigrationLine['counts']): string {
  return Object.entries(counts)
    .map(([transform, times]) => `${transform} ${String(times)}`)
    .join(', ');
}

async function runRestore(folder: string, terminal: Terminal): Promise<number> {
  const restored = await restoreOriginals(folder);
  for (const { path, told } of restored) terminal.out(`${printable(path)}: ${told}\n`);
  return restored.every(({ ok }) => ok) ? exit.passed : exit.failed;
}
