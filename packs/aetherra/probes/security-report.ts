// Whether the report of scripts is the one that this run made of these scripts. Second argument: the
// run; third: the folder of scripts.

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { report } from './tool.ts';
import { verify } from './verifier.ts';

const file = 'aether_static_report.md';
const sha256 = (content: string | Buffer): string =>
  createHash('sha256').update(content).digest('hex');

/** Over digest and path of each file, as the verifier names them. */
function digestOf(folder: string, listed: readonly string[]): string {
  const lines = listed.map((path) => {
    const name = path.split('/').at(-1) ?? '';
    return `${sha256(readFileSync(join(folder, name)))} ${path}\n`;
  });
  return sha256(lines.join(''));
}

await report(() => {
  const [, , , run = '', folder = ''] = process.argv;
  const { exit } = verify(['--strict', '--output', file, '--run-id', run, folder]);
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const listed = [...text.matchAll(/^- (\S+\.aether)$/gmu)].map(([, path = '']) =>
    path.replaceAll('\\', ''),
  );
  const wanted = readdirSync(folder).filter((name) => name.endsWith('.aether')).length;
  return Promise.resolve({
    exit,
    report: text.split('\n').slice(0, 3).join(' '),
    names_run: text.includes(`Run ${run},`),
    lists_all: listed.length === wanted && wanted > 0,
    names_input: listed.length === wanted && text.includes(`sha256:${digestOf(folder, listed)}`),
  });
});
