// Looks for every secret in all files of a bundle, by the second matcher.

import type { SecretHit } from '../checks/run-checks.ts';
import { together } from '../ports/together.ts';
import type { World } from './world.ts';
import type { RunSecrets } from './run-secrets.ts';
import type { BundleScan } from './session.ts';

type Scanned = { readonly hits: readonly SecretHit[]; readonly bytes: number };

export async function scanBundle(
  { files }: Pick<World, 'files'>,
  root: string,
  secrets: RunSecrets,
): Promise<Omit<BundleScan, 'unscanned'>> {
  const listing = await files.listing(root, { digests: false });
  const scanned = await together(
    listing.filter(({ kind }) => kind === 'file'),
    async ({ path }): Promise<Scanned> => {
      const scanner = secrets.scanner();
      let bytes = 0;
      for await (const chunk of files.stream(`${root}/${path}`)) {
        bytes += chunk.length;
        scanner.push(chunk);
      }
      return { bytes, hits: scanner.end().map((hit) => ({ ...hit, where: path })) };
    },
  );
  return {
    hits: scanned.flatMap(({ hits }) => hits),
    bytes: scanned.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}
