// Kind `key`: single values of a JSON or YAML file. The undo touches these alone, whatever else was changed (F9).

import { canonicalJson, sha256Hex } from '../evidence/canonical.ts';
import { lookUp, pointerStep } from '../evidence/pointer.ts';
import type { Expectation } from '../evidence/expectation.ts';
import type { FixtureReader, FixtureWriter } from '../ports/fixtures.ts';
import type { Json, JsonObject } from '../ports/json.ts';
import { WorldError } from '../ports/world-error.ts';
import type { FixtureInputs } from '../scenario/fixture-inputs.ts';
import { editKeys, keyAt, rawAt, valueOf, withoutKeys, type KeyEdit } from './edit-keys.ts';
import {
  digestBefore,
  textOf,
  type Kind,
  type Probe,
  type UndoRecord,
  type UndoReport,
} from './fixture-kind.ts';
import { absentDigest, digestPath } from './path-digest.ts';
import {
  besideName,
  findTarget,
  imageName,
  isInPlace,
  keepPath,
  lockOfPath,
  restorePath,
} from './restore-path.ts';

type Key = FixtureInputs['key'];
type Changes = Pick<Key, 'set' | 'remove'>;

export const keyKind: Kind<Key> = {
  locks: async (reader, { file, inPlace }) => [lockOfPath(await findTarget(reader, file, inPlace))],
  observe: async (reader, { file, inPlace, ...changes }, _place, keep) => {
    const look = await findTarget(reader, file, inPlace);
    if (look.kind === 'absent') throw new WorldError('not-found', `${file} does not exist`);
    const before = await keepPath(reader, look, { keep, inPlace });
    const text = await reader.files.readText(look.real);
    const inverse = pointersOf(changes).map((pointer) => ({
      pointer,
      raw: rawAt(text, pointer) ?? null,
      key: keyAt(text, pointer) ?? null,
    }));
    const edits = editsOf(changes).map(({ pointer, raw }) => ({ pointer, raw: raw ?? null }));
    return { ...before, pre: { ...before.pre, inverse, edits } };
  },
  apply: async (writer, inputs, _place, { target, pre }) => {
    const text = editKeys(await writer.files.readText(target), editsOf(inputs));
    await write(writer, { target, pre }, text);
    return { outputs: { path: target }, wrote: [sha256Hex(text)] };
  },
  probe: async (reader, inputs, _place, { target }) =>
    keyProbe(valueOf(await reader.files.readText(target)), inputs),
  digests: async (reader, { target, pre }) => digestKeys(reader, target, keysIn(pre)),
  undo: async (writer, record): Promise<UndoReport> => {
    const { target, pre, applied, run, folder, signal } = record;
    const { digest: now } = await digestPath(writer, target);
    if (now === absentDigest || now === pre['digest'] || (await isOurs(writer, record)))
      return restorePath(writer, { target, pre, run, folder, signal });
    const { target: values } = await digestKeys(writer, target, keysIn(pre));
    const foreign = applied !== undefined && values !== applied && values !== digestBefore(pre);
    const conflict = besideName(target, 'conflict', run);
    if (foreign) await writer.files.copyTree(target, conflict);
    const text = await writer.files.readText(target);
    await write(writer, record, editKeys(text, storedEdits(pre, 'inverse').toReversed()));
    return foreign ? { conflict } : {};
  },
};

export const pointersOf = ({ set, remove }: Changes): readonly string[] => [
  ...Object.keys(set),
  ...remove,
];

export const editsOf = ({ set, remove }: Changes): readonly KeyEdit[] => [
  ...Object.entries(set).map(([pointer, value]) => ({ pointer, raw: JSON.stringify(value) })),
  ...remove.map((pointer) => ({ pointer, raw: undefined })),
];

/** What a parse must show: each value that was set, and none that was removed. */
export function keyProbe(found: Json, { set, remove }: Changes): Probe {
  const observed: Record<string, Json> = {};
  const expect: Expectation[] = [];
  const mayBeEmpty = 'the fixture says which value it sets, which may be empty';
  for (const [pointer, value] of Object.entries(set)) {
    const seen = lookUp(found, pointer);
    observed[pointer] = seen === undefined ? {} : { value: seen.value };
    expect.push({ at: `${pointerStep(pointer)}/value`, op: 'equals', value, mayBeEmpty });
  }
  for (const pointer of remove) {
    observed[pointer] = { there: lookUp(found, pointer) !== undefined };
    expect.push({ at: `${pointerStep(pointer)}/there`, op: 'equals', value: false });
  }
  return { observed, expect };
}

async function write(
  writer: FixtureWriter,
  { target, pre }: Pick<UndoRecord, 'target' | 'pre'>,
  text: string,
): Promise<void> {
  const bytes = new TextEncoder().encode(text);
  if (isInPlace(pre)) return writer.rewrite(target, bytes);
  const stat = await writer.files.stat(target);
  await writer.files.replace(target, bytes, stat?.mode ?? 0o644);
}

/** Exactly what applying made of the pre-image: then that goes back byte by byte. */
async function isOurs({ files }: FixtureReader, { target, pre, folder }: UndoRecord) {
  const before = await files.readText(`${folder}/${imageName}`);
  return (await files.readText(target)) === editKeys(before, storedEdits(pre, 'edits'));
}

/** As the undo's record has them. */
export function storedEdits(pre: JsonObject, name: 'edits' | 'inverse'): readonly KeyEdit[] {
  return ((pre[name] ?? []) as readonly JsonObject[]).map((edit) => ({
    pointer: textOf(edit, 'pointer'),
    raw: edit['raw'] === null ? undefined : textOf(edit, 'raw'),
    ...(typeof edit['key'] === 'string' ? { key: edit['key'] } : {}),
  }));
}

const keysIn = (pre: JsonObject): readonly string[] =>
  storedEdits(pre, 'edits').map(({ pointer }) => pointer);

async function digestKeys(reader: FixtureReader, target: string, keys: readonly string[]) {
  if ((await reader.files.stat(target)) === undefined)
    return { target: absentDigest, neighbours: absentDigest };
  const value = valueOf(await reader.files.readText(target));
  const named = keys.map((key) => [key, lookUp(value, key)?.value ?? null] as const);
  return {
    target: sha256Hex(canonicalJson(Object.fromEntries(named))),
    neighbours: sha256Hex(canonicalJson(withoutKeys(value, keys))),
  };
}
