// The identity of what stands at a path (F5): type, mode, owner, bytes, link target, attributes, and of a folder all
// of that below it. Times take no part.

import { canonicalJson, sha256Hex } from '../evidence/canonical.ts';
import type { FixtureReader } from '../ports/fixtures.ts';
import type { Listing } from '../ports/files.ts';
import type { Json } from '../ports/json.ts';

export const absentDigest = 'absent';

export type PathDigest = {
  /** Hex SHA-256, or `absent`. */
  readonly digest: string;
  /** Whether extended attributes took part. */
  readonly attributes: boolean;
};

export async function digestPath(
  { files, paths }: FixtureReader,
  path: string,
): Promise<PathDigest> {
  const stat = await files.stat(path);
  if (stat === undefined) return { digest: absentDigest, attributes: true };
  const attributes = await paths.attributes(path);
  const entries =
    stat.kind === 'directory' ? await files.listing(path) : await oneEntry(files, path);
  const lines = entries.map(({ path: name, kind, mode, uid, gid, sha256, target }) =>
    canonicalJson([name, kind, mode, uid, gid, sha256 ?? target ?? null] as Json),
  );
  const text = [...lines.sort(), canonicalJson(attributes ?? null), ''].join('\n');
  return {
    digest: sha256Hex(`seatrial.path/v1\n${text}`),
    attributes: attributes !== undefined,
  };
}

/** The folder's listing holds it, with a link's target, which nothing else tells. */
async function oneEntry(files: FixtureReader['files'], path: string): Promise<Listing> {
  const at = path.lastIndexOf('/');
  const name = path.slice(at + 1);
  const stat = await files.stat(path);
  if (stat === undefined) return [];
  if (stat.kind === 'file') {
    const { sizeBytes, mode, uid, gid } = stat;
    const sha256 = sha256Hex(await files.read(path));
    return [{ path: '.', kind: 'file', sizeBytes, mode, uid, gid, sha256 }];
  }
  const listed = await files.listing(path.slice(0, at) || '/', { digests: false });
  return listed.filter((each) => each.path === name).map((each) => ({ ...each, path: '.' }));
}
