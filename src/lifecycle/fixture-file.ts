// Kind `file`: a file gets a content. Kind `directory`: a folder becomes a copy of another.

import { sha256Hex } from '../evidence/canonical.ts';
import type { FixtureReader, FixtureWriter } from '../ports/fixtures.ts';
import { WorldError } from '../ports/world-error.ts';
import type { FixtureInputs } from '../scenario/fixture-inputs.ts';
import type { FixturePlace, Kind, Probe, UndoRecord } from './fixture-kind.ts';
import { inPack } from './in-pack.ts';
import { digestPath } from './path-digest.ts';
import {
  findTarget,
  isInPlace,
  keepPath,
  lockOfPath,
  restorePath,
  swapIn,
} from './restore-path.ts';

const sizeMax = 64 * 1024 * 1024;

type File = FixtureInputs['file'];
type Directory = FixtureInputs['directory'];

export const fileKind: Kind<File> = {
  locks: async (reader, { path, inPlace }) => [lockOfPath(await findTarget(reader, path, inPlace))],
  observe: async (reader, { path, inPlace }, _place, keep) =>
    keepPath(reader, await findTarget(reader, path, inPlace), { keep, inPlace }),
  apply: async (writer, inputs, place, { target, pre }) => {
    const bytes = await contentOf(writer, inputs, place, target);
    const there = await writer.files.stat(target);
    if (isInPlace(pre) && there !== undefined) await writer.rewrite(target, bytes);
    else await writer.files.replace(target, bytes, modeOf(inputs.mode) ?? there?.mode ?? 0o644);
    return { outputs: { path: target }, wrote: [sha256Hex(bytes)] };
  },
  probe: async (reader, _inputs, _place, { target, wrote }) => {
    const found = sha256Hex(await reader.files.read(target, sizeMax));
    return equalProbe(found, wrote[0] ?? 'nothing was written');
  },
  digests,
  undo: restorePath,
};

export const directoryKind: Kind<Directory> = {
  locks: async (reader, { path, inPlace }) => [lockOfPath(await findTarget(reader, path, inPlace))],
  observe: async (reader, { path, inPlace }, _place, keep) =>
    keepPath(reader, await findTarget(reader, path, inPlace), { keep, inPlace: false }),
  apply: async (writer, { from }, place, { target }) => {
    const source = inPack(place, from);
    if ((await writer.files.stat(source))?.kind !== 'directory')
      throw new WorldError('not-found', `${from} is no folder of the pack`);
    await swapIn(writer, { target, run: place.run }, source);
    const wrote = (await writer.files.listing(target)).flatMap(({ sha256 }) =>
      sha256 === undefined ? [] : [sha256],
    );
    return { outputs: { path: target }, wrote };
  },
  probe: async (reader, { from }, place, { target }) =>
    equalProbe(await treeOf(reader, target), await treeOf(reader, inPack(place, from))),
  digests,
  undo: restorePath,
};

const equalProbe = (found: string, wanted: string): Probe => ({
  observed: { found, wanted },
  expect: [{ at: '/found', op: 'same-as', to: '/wanted' }],
});

/** Without owners, which a copy made by somebody else does not have. */
async function treeOf({ files }: FixtureReader, path: string): Promise<string> {
  const lines = (await files.listing(path)).map(({ path: name, kind, mode, sha256, target }) =>
    JSON.stringify([name, kind, mode, sha256 ?? target ?? null]),
  );
  return sha256Hex(lines.join('\n'));
}

async function digests(reader: FixtureReader, { target }: UndoRecord) {
  return { target: (await digestPath(reader, target)).digest, neighbours: null };
}

const modeOf = (mode: string | undefined): number | undefined =>
  mode === undefined ? undefined : Number.parseInt(mode, 8);

async function contentOf(
  { files }: FixtureWriter,
  { content, from, replace }: File,
  place: FixturePlace,
  target: string,
): Promise<Uint8Array> {
  if (content !== undefined) return new TextEncoder().encode(content);
  if (from !== undefined) return files.read(inPack(place, from), sizeMax);
  let text = await files.readText(target, sizeMax);
  for (const { find, with: put } of replace ?? []) {
    const at = text.indexOf(find);
    if (at === -1 || text.includes(find, at + 1))
      throw new WorldError('refused', `${target} does not hold a text to replace exactly once`);
    text = text.slice(0, at) + put + text.slice(at + find.length);
  }
  return new TextEncoder().encode(text);
}
