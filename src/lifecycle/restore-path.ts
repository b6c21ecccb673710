// Puts what stood at a path back, from a record and the pre-image beside it.

import type { FixtureReader, FixtureWriter, PathLook } from '../ports/fixtures.ts';
import type { JsonObject } from '../ports/json.ts';
import { WorldError } from '../ports/world-error.ts';
import { sha256Hex } from '../evidence/canonical.ts';
import {
  textOf,
  type Before,
  type KeepImage,
  type UndoRecord,
  type UndoReport,
} from './fixture-kind.ts';
import { absentDigest, digestPath } from './path-digest.ts';

export const imageName = 'pre';

/** F12. Links, second names and mounts are refused, for what is renamed over them is not what they show. */
export async function findTarget(
  { paths }: FixtureReader,
  path: string,
  inPlace: boolean,
): Promise<PathLook> {
  const look = await paths.look(path);
  const why = whyRefused(look);
  if (why === undefined) return look;
  if (!inPlace || look.kind === 'other' || look.kind === 'directory')
    throw new WorldError('refused', `FX002: ${path} ${why}`, {
      hint: 'Name the file itself, or say `inPlace: true`.',
    });
  return look.leadsTo === undefined ? look : paths.look(look.leadsTo);
}

function whyRefused({ kind, links, mounted }: PathLook): string | undefined {
  if (kind === 'symlink') return 'is a link';
  if (kind === 'other') return 'is no plain file';
  if (links > 1) return `has ${String(links)} names`;
  return mounted ? 'is a mount' : undefined;
}

/** By the folder and the name in it: the file itself is another one after each replacement. */
export const lockOfPath = ({ folder, real }: PathLook): string =>
  `fixture-${sha256Hex(`${folder} ${real.slice(real.lastIndexOf('/') + 1)}`).slice(0, 32)}`;

export async function keepPath(
  reader: FixtureReader,
  { real }: PathLook,
  { keep, inPlace }: { readonly keep: KeepImage; readonly inPlace: boolean },
): Promise<Before> {
  const { digest, attributes } = await digestPath(reader, real);
  if (digest !== absentDigest) await keep(real, imageName);
  return { target: real, pre: { digest, attributes, inPlace } };
}

export const besideName = (path: string, what: string, run: string): string =>
  `${path}.seatrial-${what}-${run}`;

/** What a swap leaves when it is cut off. */
const halfMade = ['new', 'old'];

export async function restorePath(writer: FixtureWriter, record: UndoRecord): Promise<UndoReport> {
  const { target, pre, folder } = record;
  const image = `${folder}/${imageName}`;
  const { digest: now } = await digestPath(writer, target);
  const was = textOf(pre, 'digest');
  if (now === was) {
    await sweep(writer, record);
    return {};
  }
  const conflict = await keepForeign(writer, record, now);
  if (pre['inPlace'] === true && was !== absentDigest && now !== absentDigest)
    await writer.rewrite(target, await writer.files.read(image));
  else await swapIn(writer, record, was === absentDigest ? undefined : image);
  await sweep(writer, record);
  return conflict;
}

/** F8: what neither the run nor anybody before it made is kept. */
async function keepForeign(
  { files }: FixtureWriter,
  { target, run, applied }: UndoRecord,
  now: string,
): Promise<UndoReport> {
  if (applied === undefined || now === applied || now === absentDigest) return {};
  const conflict = besideName(target, 'conflict', run);
  // One that is there already was kept by an undo that was cut off.
  if ((await files.stat(conflict)) === undefined) await files.copyTree(target, conflict);
  return { conflict };
}

/** There is always a whole version at the path, or, of a folder, one beside it. */
export async function swapIn(
  { files }: FixtureWriter,
  { target, run }: Pick<UndoRecord, 'target' | 'run'>,
  from: string | undefined,
): Promise<void> {
  const [fresh, old] = [besideName(target, 'new', run), besideName(target, 'old', run)];
  await files.remove(fresh);
  if (from !== undefined) await files.copyTree(from, fresh);
  const there = await files.stat(target);
  if (there !== undefined && (from === undefined || there.kind === 'directory')) {
    await files.remove(old);
    await files.rename(target, old);
  }
  if (from !== undefined) await files.rename(fresh, target);
  await files.remove(old);
}

async function sweep(
  { files }: FixtureWriter,
  { target, run }: Pick<UndoRecord, 'target' | 'run'>,
): Promise<void> {
  for (const what of halfMade) await files.remove(besideName(target, what, run));
}

export const isInPlace = (pre: JsonObject): boolean => pre['inPlace'] === true;
