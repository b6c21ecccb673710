import { generateKeyPairSync, verify, createPublicKey } from 'node:crypto';
import { chmod, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadSigner, makeKeyFile } from '../../src/drivers/signer.ts';
import { keyIdOf } from '../../src/ports/signer.ts';
import { WorldError } from '../../src/ports/world-error.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'seatrial-signer-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function refusal(work: Promise<unknown>): Promise<WorldError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(WorldError);
  return error as WorldError;
}

describe('a key file', () => {
  it('is made private and loads as the same signer', async () => {
    const path = join(folder, 'new.pem');
    const made = await makeKeyFile(path);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    const loaded = await loadSigner(path);
    expect(loaded.keyId).toBe(made.keyId);
    expect(loaded.keyId).toBe(keyIdOf(loaded.publicKey));
    expect(loaded.keyId).toMatch(/^[0-9a-f]{16}$/u);
    const key = createPublicKey({ key: Buffer.from(made.publicKey), format: 'der', type: 'spki' });
    const bytes = Buffer.from('signed');
    expect(verify(null, bytes, key, await loaded.sign(bytes))).toBe(true);
    expect(verify(null, Buffer.from('other'), key, await loaded.sign(bytes))).toBe(false);
  });

  it('is never overwritten', async () => {
    const path = join(folder, 'kept.pem');
    await writeFile(path, 'mine');
    expect((await refusal(makeKeyFile(path))).code).toBe('io');
    expect(await readFile(path, 'utf8')).toBe('mine');
  });

  it.each([0o640, 0o604, 0o620, 0o601, 0o644])('of mode %o is refused', async (mode) => {
    const path = join(folder, `mode-${mode.toString(8)}.pem`);
    await makeKeyFile(path);
    await chmod(path, mode);
    expect((await refusal(loadSigner(path))).code).toBe('refused');
  });

  it.each([0o600, 0o400])('of mode %o is taken', async (mode) => {
    const path = join(folder, `good-${mode.toString(8)}.pem`);
    await makeKeyFile(path);
    await chmod(path, mode);
    expect((await loadSigner(path)).keyId).toMatch(/^[0-9a-f]{16}$/u);
  });

  it('behind a link is refused', async () => {
    const path = join(folder, 'target.pem');
    await makeKeyFile(path);
    await symlink(path, join(folder, 'link.pem'));
    expect((await refusal(loadSigner(join(folder, 'link.pem')))).code).toBe('refused');
  });
});

describe('a file', () => {
  const curve = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pair = generateKeyPairSync('ed25519');
  it.each([
    ['another kind of key', curve.privateKey.export({ type: 'pkcs8', format: 'pem' })],
    ['a public key', pair.publicKey.export({ type: 'spki', format: 'pem' })],
    [
      'an encrypted key',
      pair.privateKey.export({
        type: 'pkcs8',
        format: 'pem',
        cipher: 'aes-256-cbc',
        passphrase: 'x',
      }),
    ],
    ['a broken key', 'broken-secret-text'],
    ['too much', 'x'.repeat(20_000)],
  ])('with %s is refused without showing it', async (name, content) => {
    const path = join(folder, `${name}.pem`);
    await writeFile(path, content, { mode: 0o600 });
    const error = await refusal(loadSigner(path));
    expect(error.code).toBe('refused');
    expect(`${error.message} ${error.hint ?? ''} ${String(error.cause)}`).not.toContain(
      String(content).slice(30, 60) || String(content),
    );
  });

  it.each([
    ['absent.pem', 'not-found'],
    ['.', 'refused'],
  ])('%s is %s', async (name, code) => {
    expect((await refusal(loadSigner(join(folder, name)))).code).toBe(code);
  });
});
