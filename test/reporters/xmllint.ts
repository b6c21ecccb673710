import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SaxesParser } from 'saxes';

export const hasXmllint = spawnSync('xmllint', ['--version']).status === 0;

/** Folder with the published schemas, which are not part of this repository. */
const published = process.env['SEATRIAL_SCHEMAS'];

export function publishedSchema(name: string): string | undefined {
  const path = published === undefined ? undefined : join(published, name);
  return path !== undefined && existsSync(path) ? path : undefined;
}

/** What xmllint says against a schema, or `undefined` when the document is valid. */
export function validate(
  kind: 'relaxng' | 'schema',
  schema: string,
  document: string,
): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'seatrial-xml-'));
  try {
    const file = join(folder, 'report.xml');
    writeFileSync(file, document);
    const result = spawnSync('xmllint', ['--nonet', '--noout', `--${kind}`, schema, file], {
      encoding: 'utf8',
    });
    return result.status === 0 ? undefined : result.stderr.slice(0, 2000) || 'xmllint failed';
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Reads a document with a strict parser; throws where it is not well formed. */
export function readStrictly(document: string): void {
  new SaxesParser({ xmlns: true }).write(document).close();
}

/** Leaving out is never silent. */
export const say = (text: string): void => {
  process.stderr.write(`${text}\n`);
};
