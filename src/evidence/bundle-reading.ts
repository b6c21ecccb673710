// A bundle's files as one look at its folder found them: small ones are opened once, and what is
// judged and searched are the very bytes that were hashed, whoever writes there in the meantime.

import type { Files, Listing, ListingEntry } from '../ports/files.ts';
import { objectPath } from './bundle-paths.ts';
import { sha256Hex } from './canonical.ts';
import type { ObjectRef } from './record.ts';

export type BundleReading = {
  /** With digests. */
  readonly listing: Listing;
  /** The whole content by path in the bundle; larger files throw `limit`. */
  readonly read: (path: string, maxBytes?: number) => Promise<Uint8Array>;
  readonly stream: (path: string) => AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  /** The bytes that a record points to; undefined when they are gone or are others. */
  readonly object: (ref: ObjectRef) => Promise<Uint8Array | undefined>;
};

/** Some bundles are read side by side, so this bounds an audit's memory. */
const keptMaxBytes = 4 << 20;

export async function readBundle(files: Files, root: string): Promise<BundleReading> {
  const kept = new Map<string, Uint8Array>();
  const listing = await files.listing(root, { keep: { into: kept, maxBytes: keptMaxBytes } });
  const entries = new Map(listing.map((entry) => [entry.path, entry]));
  const read: BundleReading['read'] = async (path, maxBytes) => {
    const known = kept.get(path);
    return known !== undefined && known.length <= (maxBytes ?? known.length)
      ? known
      : files.read(`${root}/${path}`, maxBytes);
  };
  return {
    listing,
    read,
    stream: (path) => {
      const known = kept.get(path);
      return known === undefined ? files.stream(`${root}/${path}`) : [known];
    },
    object: async (ref) => {
      const path = objectPath(ref.sha256);
      if (!isObject(entries.get(path), ref)) return undefined;
      const known = kept.get(path);
      if (known !== undefined) return known;
      const bytes = await read(path, ref.bytes);
      return sha256Hex(bytes) === ref.sha256 ? bytes : undefined;
    },
  };
}

const isObject = (entry: ListingEntry | undefined, { sha256, bytes }: ObjectRef): boolean =>
  entry?.kind === 'file' && entry.sizeBytes === bytes && entry.sha256 === sha256;
