// Kind `state-staging`: entries in files that the product itself keeps, written under the product's own lock.

import { canonicalJson, sha256Hex } from '../evidence/canonical.ts';
import type { Expectation } from '../evidence/expectation.ts';
import { lookUp, pointerStep } from '../evidence/pointer.ts';
import type { FixtureReader, FixtureWriter } from '../ports/fixtures.ts';
import type { Json, JsonObject } from '../ports/json.ts';
import { WorldError } from '../ports/world-error.ts';
import type { FixtureInputs } from '../scenario/fixture-inputs.ts';
import { editKeys, rawAt, valueOf, withoutKeys } from './edit-keys.ts';
import type { FixturePlace, Kind, UndoRecord } from './fixture-kind.ts';
import { inPack } from './in-pack.ts';
import { lockOfPath } from './restore-path.ts';

type Staging = FixtureInputs['state-staging'];
type Settings = FixturePlace['staging'][string];

/** One file, as the undo record has it. */
type Staged = {
  readonly file: string;
  readonly lock?: string;
  readonly entries: string;
  readonly mode: string;
  readonly names: readonly string[];
  /** Source of each entry that was there. */
  readonly raws: Readonly<Record<string, string>>;
  readonly existed: boolean;
  /** The topmost folder above the file that had to be made. */
  readonly made?: string;
  /** Digest of each entry beside them. */
  readonly others: Readonly<Record<string, string>>;
};

export const stagingKind: Kind<Staging> = {
  locks: async (reader, inputs, place) => {
    const locks: string[] = [];
    for (const { settings, entries } of await wantedOf(reader, inputs, place)) {
      const made = await absentAbove(reader, settings.file);
      // Where nothing is yet, only one who makes the same path can be in the way.
      const of =
        made === undefined
          ? lockOfPath(await reader.paths.look(settings.file))
          : `fixture-${sha256Hex(settings.file).slice(0, 32)}`;
      for (const name of Object.keys(entries)) locks.push(`${of}-${sha256Hex(name).slice(0, 16)}`);
    }
    return locks;
  },
  observe: async (reader, inputs, place) => {
    const files: Staged[] = [];
    for (const { settings, entries } of await wantedOf(reader, inputs, place))
      files.push(
        await lookAt(reader, settings, {
          names: Object.keys(entries),
          answered: answeredFor(place, settings),
        }),
      );
    const target = [...new Set(files.map(({ file }) => file))].join(' ');
    return { target, pre: { files } as unknown as JsonObject };
  },
  apply: async (writer, inputs, place, { pre }) => {
    const wrote: string[] = [];
    const wanted = await wantedOf(writer, inputs, place);
    for (const [index, staged] of filesIn(pre).entries()) {
      const entries = wanted[index]?.entries ?? {};
      if (staged.made !== undefined) await writer.files.makeDirectory(folderOf(staged), 0o700);
      await underLock(writer, staged, async () => {
        const text = await textOf(writer, staged);
        const edits = Object.entries(entries).map(([name, value]) => ({
          pointer: staged.entries + pointerStep(name),
          raw: JSON.stringify(value),
        }));
        await write(writer, staged, editKeys(text, edits));
      });
      wrote.push(...Object.values(entries).map((value) => sha256Hex(canonicalJson(value))));
    }
    return { outputs: {}, wrote };
  },
  probe: async (reader, inputs, place) => {
    const observed: Record<string, Json> = {};
    const expect: Expectation[] = [];
    for (const { name, settings, entries } of await wantedOf(reader, inputs, place)) {
      const at = pointerStep(name);
      const names = Object.keys(entries);
      const text = await reader.files.readText(settings.file);
      const found = lookUp(valueOf(text), settings.entries)?.value ?? {};
      const held = names.map((each) => [each, (found as JsonObject)[each] ?? null]);
      observed[name] = { held: Object.fromEntries(held) as JsonObject };
      expect.push({ at: `${at}/held`, op: 'equals', value: entries });
      if (settings.list === undefined) continue;
      const listed = await listOf(reader, settings.list, place);
      observed[name] = { ...observed[name], listed };
      for (const each of names) expect.push({ at: `${at}/listed`, op: 'contains', value: each });
    }
    return { observed, expect };
  },
  digests: async (reader, { pre }) => {
    const parts: string[] = [];
    const others: string[] = [];
    for (const staged of filesIn(pre)) {
      const held = await heldBy(reader, staged);
      parts.push(sha256Hex(canonicalJson(held.mine)));
      // Entries that the product made since are its own; those that were there must be as they were.
      const kept = Object.keys(staged.others).map((name) => [name, held.others[name] ?? null]);
      others.push(sha256Hex(canonicalJson(Object.fromEntries(kept) as JsonObject)));
    }
    return { target: parts.join(' '), neighbours: others.join(' ') };
  },
  undo: async (writer, { pre }: UndoRecord) => {
    for (const staged of filesIn(pre).toReversed()) {
      if ((await writer.files.stat(folderOf(staged))) === undefined) continue;
      await underLock(writer, staged, () => restore(writer, staged));
      await removeMade(writer, staged);
    }
    return {};
  },
};

const filesIn = (pre: JsonObject): readonly Staged[] =>
  pre['files'] as unknown as readonly Staged[];

const folderOf = ({ file }: Staged): string => file.slice(0, file.lastIndexOf('/'));

/** What the product put there since is its own. */
async function removeMade({ files }: FixtureWriter, { made }: Staged): Promise<void> {
  if (made === undefined || (await files.stat(made)) === undefined) return;
  const listing = await files.listing(made, { digests: false });
  if (listing.every(({ kind }) => kind === 'directory')) await files.remove(made);
}

type Wanted = {
  readonly name: string;
  readonly settings: Settings;
  readonly entries: JsonObject;
};

async function wantedOf(
  { files }: FixtureReader,
  inputs: Staging,
  place: FixturePlace,
): Promise<readonly Wanted[]> {
  const wanted: Wanted[] = [];
  for (const [name, input] of Object.entries(inputs)) {
    const settings = place.staging[name];
    if (settings === undefined)
      throw new WorldError('not-found', `the pack names no file \`${name}\` to stage entries in`);
    const entries =
      typeof input === 'string'
        ? (valueOf(place.fill(await files.readText(inPack(place, input)))) as JsonObject)
        : input;
    wanted.push({ name, settings, entries });
  }
  return wanted;
}

async function lookAt(
  reader: FixtureReader,
  { file, entries, lock, mode }: Settings,
  { names, answered }: { readonly names: readonly string[]; readonly answered: readonly string[] },
): Promise<Staged> {
  const existed = (await reader.files.stat(file)) !== undefined;
  const text = existed ? await reader.files.readText(file) : '{}';
  const raws = names.flatMap((name) => {
    const raw = rawAt(text, entries + pointerStep(name));
    return raw === undefined ? [] : [[name, raw] as const];
  });
  const staged = {
    file,
    entries,
    mode,
    names,
    existed,
    others: {},
    raws: Object.fromEntries(raws),
  };
  const { others: all } = await heldBy(reader, staged);
  const others = Object.fromEntries(
    Object.entries(all).filter(([name]) => !answered.includes(name)),
  );
  const made = await absentAbove(reader, file);
  return {
    ...{ ...staged, others },
    ...(made === undefined ? {} : { made }),
    ...(lock === undefined ? {} : { lock }),
  };
}

/** Entries that another fixture of the run staged, and whose return is its own to show. */
const answeredFor = ({ beside }: FixturePlace, { file, entries }: Settings): readonly string[] =>
  beside.flatMap((pre) =>
    Array.isArray(pre['files'])
      ? filesIn(pre)
          .filter((each) => each.file === file && each.entries === entries)
          .flatMap(({ names }) => names)
      : [],
  );

/** The topmost folder above a path that is not there. */
async function absentAbove(
  { files }: Pick<FixtureReader, 'files'>,
  path: string,
): Promise<string | undefined> {
  const folder = path.slice(0, path.lastIndexOf('/'));
  if (folder === '' || (await files.stat(folder)) !== undefined) return undefined;
  return (await absentAbove({ files }, folder)) ?? folder;
}

/** Entries by name: those that are staged, null where absent, and digests of the rest. */
async function heldBy(reader: FixtureReader, { file, entries, names }: Staged) {
  const there = (await reader.files.stat(file)) !== undefined;
  const value = there ? valueOf(await reader.files.readText(file)) : {};
  const all = lookUp(value, entries)?.value ?? {};
  const rest = withoutKeys(all, names.map(pointerStep)) as JsonObject;
  const digests = Object.entries(rest).map(([name, each]) => [
    name,
    sha256Hex(canonicalJson(each)),
  ]);
  const mine = names.map((name) => [name, (all as JsonObject)[name] ?? null]);
  return {
    mine: Object.fromEntries(mine) as JsonObject,
    others: Object.fromEntries(digests) as Readonly<Record<string, string>>,
  };
}

const textOf = async ({ files }: FixtureReader, { file }: Staged): Promise<string> =>
  (await files.stat(file)) === undefined ? '{}' : files.readText(file);

async function write(
  { files }: FixtureWriter,
  { file, mode }: Staged,
  text: string,
): Promise<void> {
  const stat = await files.stat(file);
  await files.replace(file, text, stat?.mode ?? Number.parseInt(mode, 8));
}

async function restore(writer: FixtureWriter, staged: Staged): Promise<void> {
  const { file, entries, names, raws, existed } = staged;
  if ((await writer.files.stat(file)) === undefined && !existed) return;
  const before = await textOf(writer, staged);
  const edits = names.map((name) => ({ pointer: entries + pointerStep(name), raw: raws[name] }));
  const text = editKeys(before, edits);
  const rest = lookUp(valueOf(text), entries)?.value ?? {};
  const mine = !existed && Object.keys(rest as JsonObject).length === 0;
  if (mine) await writer.files.remove(file);
  else if (text !== before) await write(writer, staged, text);
}

const lockWaitMs = 20_000;
const lockStepMs = 50;

/** As the product does: a folder that only one can make, with its maker's name inside. */
async function underLock(
  writer: FixtureWriter,
  { lock }: Staged,
  work: () => Promise<void>,
): Promise<void> {
  if (lock === undefined) return work();
  const deadline = writer.clock.monotonicMs() + lockWaitMs;
  while (!(await writer.claim(lock))) {
    if (await isOrphan(writer, lock)) await writer.files.remove(lock);
    else if (writer.clock.monotonicMs() > deadline)
      throw new WorldError('resource-busy', `the product holds ${lock}`);
    await writer.clock.sleep(lockStepMs);
  }
  try {
    await writer.files.replace(`${lock}/owner.json`, `${JSON.stringify(writer.self)}\n`);
    await work();
  } finally {
    await writer.files.remove(lock);
  }
}

/** Held by a process that is gone, as its owner file says. */
async function isOrphan({ files, lives }: FixtureReader, lock: string): Promise<boolean> {
  const path = `${lock}/owner.json`;
  if ((await files.stat(path)) === undefined) return false;
  const owner = valueOf(await files.readText(path, ownerMaxBytes)) as JsonObject;
  const [pid, startTime] = [owner['pid'], owner['startTime']];
  return typeof pid === 'number' && typeof startTime === 'number' && !lives({ pid, startTime });
}

const ownerMaxBytes = 4096;
const listTimeoutMs = 20_000;
const listMaxBytes = 4 * 1024 * 1024;

async function listOf(
  { commands }: FixtureReader,
  argv: NonNullable<Settings['list']>,
  { env, work }: FixturePlace,
): Promise<string> {
  const { exitCode, stdout, stderr } = await commands.run({
    ...{ argv, env, cwd: work },
    timeoutMs: listTimeoutMs,
    outputLimitBytes: listMaxBytes,
  });
  if (exitCode === 0) return new TextDecoder().decode(stdout);
  throw new WorldError(
    'app-failed',
    `${argv.join(' ')} failed: ${new TextDecoder().decode(stderr).slice(0, 500)}`,
  );
}
