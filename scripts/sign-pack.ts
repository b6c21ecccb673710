// Signs the scripts and plugin manifests of packs/aetherra with new keys, and plants those that must be
// refused. The private halves are thrown away: whoever changes a script runs this again.
//
//   tsx scripts/sign-pack.ts

import { createHmac, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canonicalJson } from '../src/evidence/canonical.ts';
import type { Json } from '../src/ports/json.ts';
import { keyIdOf } from '../src/ports/signer.ts';
import { run } from './steps.ts';

const pack = 'packs/aetherra';
/** Public knowledge, which is why a signature made with it proves nothing. */
const publicSecret = 'aetherra-dev-signing-secret';
const folder = mkdtempSync(join(tmpdir(), 'seatrial-sign-'));

type Pair = { readonly id: string; readonly file: string; readonly privateKey: KeyObject };

const publicBytes = new Map<string, Uint8Array>();

function makeKey(name: string): Pair {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const bytes = new Uint8Array(publicKey.export({ type: 'spki', format: 'der' }));
  const id = keyIdOf(bytes);
  publicBytes.set(id, bytes);
  const file = join(folder, `${name}.pem`);
  writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  return { id, file, privateKey };
}

const listed = ({ id }: Pair, owner: string, more = ''): string =>
  `- key_id: ${id}
  public_key: ${Buffer.from(publicBytes.get(id) ?? []).toString('base64')}
  owner: ${owner}
  not_before: '2020-01-01T00:00:00Z'
  not_after: '2099-12-31T00:00:00Z'
${more}`;

async function signScripts(key: Pair, paths: readonly string[]): Promise<void> {
  const args = ['src/cli/aether.ts', 'sign', '--key', key.file, ...paths];
  const { code, stderr } = await run('npx', ['tsx', ...args]);
  if (code !== 0) throw new Error(stderr);
}

const planted = (name: string): string => `${pack}/planted/${name}.aether`;
const script = (name: string): string => `goal: "planted: ${name}"\nreflect()\n`;

async function signWorkflows(good: Pair, revoked: Pair, unknown: Pair): Promise<void> {
  const names = ['good', 'unsigned', 'tampered', 'revoked-key', 'unknown-key', 'public-secret'];
  for (const name of names) writeFileSync(planted(name), script(name));
  await signScripts(good, [`${pack}/scripts`, planted('good'), planted('tampered')]);
  await signScripts(revoked, [planted('revoked-key')]);
  await signScripts(unknown, [planted('unknown-key')]);
  const tampered = readFileSync(planted('tampered'), 'utf8');
  writeFileSync(planted('tampered'), tampered.replace('reflect()', 'reflect() # and more'));
  const text = script('public-secret');
  const mac = createHmac('sha256', publicSecret).update(text).digest('hex');
  writeFileSync(planted('public-secret'), `# @signature: ${mac}\n${text}`);
}

/** Over the canonical form of the manifest without its signature. */
function signManifest(from: string, to: string, key: Pair | undefined): void {
  const written = JSON.parse(readFileSync(from, 'utf8')) as Record<string, Json>;
  const manifest = Object.fromEntries(
    Object.entries(written).filter(([name]) => name !== 'signature'),
  );
  const bytes = Buffer.from(canonicalJson(manifest));
  const signature = key && {
    key_id: key.id,
    value: sign(null, bytes, key.privateKey).toString('base64'),
  };
  writeFileSync(
    to,
    `${JSON.stringify({ ...manifest, ...(signature && { signature }) }, null, 2)}\n`,
  );
}

try {
  const [good, revoked, unknown] = ['good', 'revoked', 'unknown'].map(makeKey) as [
    Pair,
    Pair,
    Pair,
  ];
  const at = `  revoked:\n    at: '2026-01-01T00:00:00Z'\n    reason: planted, to be refused\n`;
  const keys = `${listed(good, 'aetherra-test')}${listed(revoked, 'aetherra-revoked', at)}`;
  writeFileSync(`${pack}/seatrial.keys.yaml`, keys);
  await signWorkflows(good, revoked, unknown);
  for (const name of readdirSync(`${pack}/plugins`)) {
    const path = `${pack}/plugins/${name}`;
    signManifest(path, path, good);
  }
  const echo = `${pack}/plugins/echo.json`;
  signManifest(echo, `${pack}/planted/plugin-unsigned.json`, undefined);
  signManifest(echo, `${pack}/planted/plugin-revoked-key.json`, revoked);
} finally {
  rmSync(folder, { recursive: true });
}
