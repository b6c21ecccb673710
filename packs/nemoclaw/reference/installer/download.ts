import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { lastLine } from '../shared/docker.ts';
import { Failure } from '../shared/failure.ts';
import { mutant } from '../shared/mutant.ts';
import { runProgram } from '../shared/run.ts';
import type { Asset, Platform } from './platform.ts';

const repository = 'NVIDIA/OpenShell';

/** Fetches and checks everything; throws exit 1 for what cannot be had or is not what was published. */
export async function download(
  { assets, extra }: Platform,
  version: string,
  into: string,
): Promise<void> {
  for (const name of new Set([...assets.map(({ checksums }) => checksums), ...extra]))
    await fetchOne(version, name, into);
  for (const asset of assets) {
    await fetchOne(version, asset.archive, into);
    verify(asset, into);
  }
}

/** GitHub's own client first, which knows the user's credentials; then curl. */
async function fetchOne(version: string, name: string, into: string): Promise<void> {
  const asked = ['release', 'download', `v${version}`, '--repo', repository];
  const gh = await runProgram('gh', [...asked, '--pattern', name, '--dir', into]);
  if (gh.code === 0 && existsSync(join(into, name))) return;
  const url = `https://github.com/${repository}/releases/download/v${version}/${name}`;
  const curl = await runProgram('curl', ['-fsSL', '-o', join(into, name), url]);
  if (curl.code !== 0) throw new Failure(1, `${name} cannot be had: ${lastLine(curl.stderr)}`);
}

function verify({ archive, checksums }: Asset, folder: string): void {
  if (mutant('pin.skip-checksum')) return;
  const list = readFileSync(join(folder, checksums), 'utf8');
  const line = list.split('\n').find((each) => each.endsWith(` ${archive}`));
  const [digest] = line?.split(/\s+/) ?? [];
  if (digest === undefined) throw new Failure(1, `${checksums} does not name ${archive}`);
  const actual = createHash('sha256')
    .update(readFileSync(join(folder, archive)))
    .digest('hex');
  if (actual !== digest) throw new Failure(1, `${archive} is refused: its digest is ${actual}`);
}
