// What tests leave of their runs where somebody asks for it: `npm run acceptance:coop-cloud` shows a row by
// its test, and names the bundles that the test made.

import { cp, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';

/** Copies the runs of a store into the folder that SEATRIAL_KEEP_BUNDLES names; without it, nothing. */
export async function keepBundles(
  store: string,
  name = basename(join(store, '..')),
): Promise<void> {
  const folder = process.env['SEATRIAL_KEEP_BUNDLES'];
  const runs = join(store, 'runs');
  if (folder === undefined || (await readdir(runs).catch(() => [])).length === 0) return;
  await cp(runs, join(folder, name), { recursive: true });
}
