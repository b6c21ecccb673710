// Looks for every secret in all files of a bundle, by the second matcher.

import type { SecretHit } from '../checks/run-checks.ts';
import type { World } from './world.ts';
import type { RunSecrets } from './run-secrets.ts';
import type { BundleScan } from './session.ts';

export async function scanBundle(
  { files }: Pick<World, 'files'>,
  root: string,
  secrets: RunSecrets,
): Promise<Omit<BundleScan, 'unscanned'>> {
  const hits: SecretHit[] = [];
  let bytes = 0;
  for (const { path, kind } of await files.listing(root, { digests: false })) {
    if (kind !== 'file') continue;
    const scanner = secrets.scanner();
    for await (const chunk of files.stream(`${root}/${path}`)) {
      bytes += chunk.length;
      scanner.push(chunk);
    }
    hits.push(...scanner.end().map((hit) => ({ ...hit, where: path })));
  }
  return { hits, bytes };
}
