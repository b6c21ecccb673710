// The copy of what came with the head from which its checks run. It is written from memory, into the
// run's private folder, and looked at again before and after each execution.

import type { CommittedFile } from '../ports/git.ts';
import type { Session } from './session.ts';

/** Links are left out: what they lead to is bound by no digest. */
export async function writeLocalCode(
  { world: { files }, localFolder }: Pick<Session, 'world' | 'localFolder'>,
  committed: readonly CommittedFile[],
): Promise<void> {
  for (const { path, mode, bytes } of committed) {
    if (mode === '120000') continue;
    const target = `${localFolder}/${path}`;
    await files.makeDirectory(target.slice(0, target.lastIndexOf('/')), 0o755);
    await files.replace(target, bytes, mode === '100755' ? 0o555 : 0o444);
  }
}

/** Undefined while the copy is what was planned, file by file; otherwise the first difference. */
export async function changeOfLocalCode({
  world: { files },
  localFolder,
  plan: { local },
}: Pick<Session, 'world' | 'localFolder' | 'plan'>): Promise<string | undefined> {
  const planned = new Map(
    (local?.entries ?? [])
      .filter(({ mode }) => mode !== '120000')
      .map(({ path, mode, sha256 }) => [path, `${mode} ${sha256}`]),
  );
  const listing = await files.listing(localFolder);
  for (const { path, kind, mode, sha256 = '' } of listing) {
    if (kind === 'directory') continue;
    const now = `${(mode & 0o100) === 0 ? '100644' : '100755'} ${sha256}`;
    if (kind !== 'file' || planned.get(path) !== now) return path;
    planned.delete(path);
  }
  return [...planned.keys()][0];
}
