// Whether every plugin manifest is signed by a key that counts. Second argument: their folder; third:
// the keys.

import { createPublicKey, verify } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { objectOf, report } from './tool.ts';

type Key = { readonly bytes: Buffer; readonly isRevoked: boolean };

/** The list is written by one program in one form, which this reads and no other. */
function readKeys(path: string): ReadonlyMap<string, Key> {
  const entries = readFileSync(path, 'utf8').split(/^- /mu).slice(1);
  return new Map(
    entries.map((entry) => {
      const field = (name: string): string =>
        new RegExp(`^\\s*${name}: (\\S+)$`, 'mu').exec(entry)?.[1] ?? '';
      const bytes = Buffer.from(field('public_key'), 'base64');
      return [field('key_id'), { bytes, isRevoked: /^\s*revoked:/mu.test(entry) }];
    }),
  );
}

/** Members in the order of their names, without white space. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, each]) => `${JSON.stringify(name)}:${canonical(each)}`).join(',')}}`;
}

function whyRefused(path: string, keys: ReadonlyMap<string, Key>): string | undefined {
  const { signature, ...manifest } = objectOf(readFileSync(path, 'utf8'));
  const { key_id: id, value } = (signature ?? {}) as { key_id?: string; value?: string };
  if (id === undefined || value === undefined) return 'unsigned';
  const key = keys.get(id);
  if (key === undefined) return 'unknown key';
  if (key.isRevoked) return 'revoked key';
  const publicKey = createPublicKey({ key: key.bytes, format: 'der', type: 'spki' });
  const isGood = verify(
    null,
    Buffer.from(canonical(manifest)),
    publicKey,
    Buffer.from(value, 'base64'),
  );
  return isGood ? undefined : 'wrong signature';
}

await report(() => {
  const [, , , folder = '', keysFile = ''] = process.argv;
  const keys = readKeys(keysFile);
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  const refused = names.flatMap((name) => {
    const why = whyRefused(join(folder, name), keys);
    return why === undefined ? [] : [`${name}: ${why}`];
  });
  return Promise.resolve({
    plugins: names.length,
    refused,
    plugins_ok: names.length > 0 && refused.length === 0,
  });
});
