// What a backup may not hold. Files whose very name says that they are credentials are left out;
// elsewhere a value is replaced by one placeholder; archives are rewritten by the same rules.

import { gunzipSync, gzipSync } from 'node:zlib';
import { basename } from 'node:path';
import { pack } from 'tar-stream';
import { Failure } from '../shared/failure.ts';
import { mutant } from '../shared/mutant.ts';
import { readTar } from './read-tar.ts';

export const placeholder = '[removed from backup]';

const sensitiveNames =
  /^(gateway-token|credentials(\..*)?|auth(-profiles)?\.json|id_(rsa|ed25519|ecdsa)|\.netrc|\.npmrc|.*\.(pem|key|p12))$/i;
const sensitiveKeys = /(token|secret|password|passwd|api[_-]?key|credential|private[_-]?key)$/i;

/** What the gateway fills in is no secret; without it the agent could not go on. */
const harmless = /^openshell:resolve:env:[A-Z][A-Z0-9_]*$/;

const archiveDepthMax = 3;
const unpackedLimitBytes = 64 << 20;

/** Undefined for a file that is left out. Throws exit 1 for an archive that cannot be looked into. */
export async function sanitiseFile(
  path: string,
  bytes: Buffer,
  depth = 0,
): Promise<Buffer | undefined> {
  const name = basename(path);
  if (sensitiveNames.test(name)) return undefined;
  if (/\.(tar|tar\.gz|tgz)$/i.test(name)) return sanitiseArchive(name, bytes, depth);
  if (/\.(zip|7z|rar|xz|bz2|zst)$/i.test(name)) return undefined;
  if (/(^|\.)env(\.|$)/.test(name))
    return mutant('backup.keep-env') ? bytes : Buffer.from(sanitiseEnv(bytes.toString('utf8')));
  if (name.endsWith('.json')) return mutant('backup.keep-json') ? bytes : sanitiseJson(bytes);
  return bytes;
}

function sanitiseEnv(text: string): string {
  return text.replace(/^(\s*(?:export\s+)?([A-Za-z_]\w*)\s*=).*$/gm, (line, head: string, key) =>
    sensitiveKeys.test(String(key)) ? `${head}${placeholder}` : line,
  );
}

/** Unchanged bytes for what holds no such field, so that a backup of it is equal to it. */
function sanitiseJson(bytes: Buffer): Buffer {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch {
    return bytes;
  }
  const clean = JSON.stringify(
    value,
    (key, each: unknown) =>
      sensitiveKeys.test(key) && typeof each === 'string' && !harmless.test(each)
        ? placeholder
        : each,
    2,
  );
  return clean === JSON.stringify(value, null, 2) ? bytes : Buffer.from(`${clean}\n`);
}

async function sanitiseArchive(name: string, bytes: Buffer, depth: number): Promise<Buffer> {
  if (mutant('backup.keep-archive')) return bytes;
  if (depth >= archiveDepthMax) throw new Failure(1, `${name} is an archive in too many others`);
  const isPacked = !name.toLowerCase().endsWith('.tar');
  const tar = isPacked ? gunzipSync(bytes, { maxOutputLength: unpackedLimitBytes }) : bytes;
  const packing = pack();
  const chunks: Buffer[] = [];
  packing.on('data', (chunk: Buffer) => chunks.push(chunk));
  const packed = new Promise<void>((resolve) => packing.on('end', resolve));
  for (const member of await readTar(tar, unpackedLimitBytes)) {
    const clean = await sanitiseFile(member.path, member.bytes, depth + 1);
    if (clean !== undefined) packing.entry({ name: member.path, mode: member.mode }, clean);
  }
  packing.finalize();
  await packed;
  const written = Buffer.concat(chunks);
  return isPacked ? gzipSync(written) : written;
}
