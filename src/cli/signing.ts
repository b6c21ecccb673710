// Keys as commands use them: the private one that signs, the public ones that are trusted.

import { resolve } from 'node:path';
import { systemClock } from '../drivers/clock.ts';
import { systemFiles } from '../drivers/files.ts';
import { loadSigner, makeKeyFile } from '../drivers/signer.ts';
import { decodeSource } from '../diagnostics/source.ts';
import { parseKeys, renderKeys, trustOf, type TrustedKey } from '../evidence/keys.ts';
import type { Signer } from '../ports/signer.ts';
import { text, UsageError, type Terminal, type Values } from './command.ts';
import { openProblemReport } from './load-manifest.ts';

export const keysFileName = 'seatrial.keys.yaml';
const keysMaxBytes = 1024 * 1024;
const dayMs = 86_400_000;

/** `--key`, or SEATRIAL_SIGNING_KEY; undefined when neither names one. */
export async function findSigner(
  options: { readonly key?: string },
  { env, cwd }: Pick<Terminal, 'env' | 'cwd'>,
): Promise<Signer | undefined> {
  const path = options.key ?? env['SEATRIAL_SIGNING_KEY'];
  return path === undefined || path === '' ? undefined : loadSigner(resolve(cwd, path));
}

/** Keys of a file that was named, or of the default one when it is there. */
export async function readTrustedKeys(
  asked: string | undefined,
  terminal: Terminal,
): Promise<readonly TrustedKey[]> {
  const path = resolve(terminal.cwd, asked ?? keysFileName);
  if ((await systemFiles.stat(path)) !== undefined) return readKeys(path, terminal);
  if (asked !== undefined) throw new UsageError(`no keys file ${path}`);
  return [];
}

async function readKeys(path: string, terminal: Terminal): Promise<readonly TrustedKey[]> {
  const { source } = decodeSource(path, await systemFiles.read(path, keysMaxBytes));
  const { keys, diagnostics } = parseKeys(source);
  const problems = openProblemReport(terminal, false);
  problems.add({ source, diagnostics });
  problems.end();
  return keys;
}

export async function newKey(
  {
    owner,
    days,
    out,
    keys: path,
  }: {
    readonly owner: string;
    readonly days: number;
    readonly out: string;
    readonly keys: string;
  },
  terminal: Terminal,
): Promise<{ readonly keyId: string; readonly out: string; readonly keys: string }> {
  const there = (await systemFiles.stat(path)) !== undefined;
  const known = there ? await readKeys(path, terminal) : [];
  if ((await systemFiles.stat(out)) !== undefined)
    throw new UsageError(
      `${out} is there already`,
      'a key is never overwritten; name another file',
    );
  const signer = await makeKeyFile(out);
  const now = systemClock.now();
  const added: TrustedKey = {
    keyId: signer.keyId,
    publicKey: signer.publicKey,
    owner,
    notBefore: now.toISOString(),
    notAfter: new Date(now.getTime() + days * dayMs).toISOString(),
  };
  await systemFiles.replace(path, renderKeys([...known, added]), 0o644);
  return { keyId: signer.keyId, out, keys: path };
}

export async function listKeys(
  values: Values,
  terminal: Terminal,
): Promise<readonly { readonly keyId: string; readonly owner: string; readonly status: string }[]> {
  const path = resolve(terminal.cwd, text(values, 'keys') ?? keysFileName);
  if ((await systemFiles.stat(path)) === undefined) throw new UsageError(`no keys file ${path}`);
  const keys = await readKeys(path, terminal);
  return keys.map((key) => ({
    keyId: key.keyId,
    owner: key.owner,
    status: statusOf(key),
  }));
}

function statusOf(key: TrustedKey): string {
  const { state } = trustOf([key], key.keyId, systemClock.now());
  if (key.revoked !== undefined) return `revoked at ${key.revoked.at}: ${key.revoked.reason}`;
  return state === 'trusted' ? `valid until ${key.notAfter}` : state;
}

export async function revokeKey(
  path: string,
  asked: string,
  { reason, terminal }: { readonly reason: string; readonly terminal: Terminal },
): Promise<string> {
  if ((await systemFiles.stat(path)) === undefined) throw new UsageError(`no keys file ${path}`);
  const keys = await readKeys(path, terminal);
  const found = keys.find(({ keyId }) => keyId === asked);
  if (found === undefined)
    throw new UsageError(
      `no key ${JSON.stringify(asked)} in ${path}`,
      'seatrial keys list shows all',
    );
  const revoked = { ...found, revoked: { at: systemClock.now().toISOString(), reason } };
  const next = keys.map((key) => (key === found ? revoked : key));
  await systemFiles.replace(path, renderKeys(next), 0o644);
  return found.keyId;
}
