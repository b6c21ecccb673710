import type { Listing } from '../ports/files.ts';
import { canonicalJson, sha256Hex } from './canonical.ts';

/**
 * The identity of a tree by content: path, type, permission mode, content digest and link target of
 * every entry, the root's included. Owners and times take no part, as copies and caches change them.
 * The listing must hold digests; its order does not matter.
 */
export function treeDigest(listing: Listing): string {
  const lines = listing.map(({ path, kind, mode, sha256, target }) => {
    if (kind === 'file' && sha256 === undefined)
      throw new TypeError(`${path} was listed without a digest`);
    return canonicalJson([path, kind, mode, sha256 ?? target ?? null]);
  });
  return sha256Hex(['seatrial.tree/v1', ...lines.sort(), ''].join('\n'));
}
