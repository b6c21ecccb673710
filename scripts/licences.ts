// The licences of what was bundled.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';

/** Who copies a package's code has to bring its licence along. */
export function licences({ inputs }: Metafile): string {
  const packages = new Set(
    Object.keys(inputs).flatMap(
      (path) => /^(?:.*\/)?node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? [],
    ),
  );
  return [...packages].sort().map(licenceOf).join('\n');
}

const names = ['LICENSE', 'LICENSE.md', 'LICENSE.txt', 'License.txt', 'license', 'LICENCE'];

function licenceOf(name: string): string {
  const root = join('node_modules', name);
  const { version, license } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    version: string;
    license: string;
  };
  const file = names.find((each) => existsSync(join(root, each)));
  const text = file === undefined ? '' : readFileSync(join(root, file), 'utf8');
  return `${name} ${version}, ${license}\n\n${text}\n`;
}
