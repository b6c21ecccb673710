import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { keyIdOf, type Signer } from '../ports/signer.ts';
import { WorldError } from '../ports/world-error.ts';
import { asFileWork } from './file-error.ts';

const keyBytesMax = 16 * 1024;
const othersBits = 0o077;

/**
 * The signer of a private key file: PKCS#8 PEM, Ed25519, readable by its owner alone. Throws
 * `refused` for wider modes, links and anything else. No message ever holds the file's content.
 */
export async function loadSigner(path: string): Promise<Signer> {
  return asFileWork(`read the key ${path}`, async () => {
    // Not through a link: it could be exchanged for one to another file after the mode was seen.
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      await refuseUnsafe(file, path);
      return makeSigner(privateKey(await file.readFile('utf8'), path));
    } finally {
      await file.close();
    }
  });
}

async function refuseUnsafe(file: FileHandle, path: string): Promise<void> {
  const { mode, size, uid } = await file.stat();
  const bits = (mode & 0o777).toString(8).padStart(4, '0');
  if ((mode & constants.S_IFMT) !== constants.S_IFREG || size > keyBytesMax)
    throw new WorldError('refused', `The key ${path} is not a key file.`);
  if ((mode & othersBits) !== 0)
    throw new WorldError('refused', `The key ${path} has mode ${bits}: others may read it.`, {
      hint: `Make a new key, or if nobody read this one: chmod 600 ${path}`,
    });
  const own = process.getuid?.();
  if (own !== undefined && own !== 0 && uid !== own)
    throw new WorldError('refused', `The key ${path} belongs to another user.`);
}

function privateKey(text: string, path: string): KeyObject {
  const key = readKey(text);
  if (key?.asymmetricKeyType === 'ed25519') return key;
  // The cause is left out on purpose: messages of parsers may quote what they read.
  throw new WorldError('refused', `The key ${path} is not an Ed25519 private key in PKCS#8 PEM.`, {
    hint: 'Make one with `seatrial keys new`.',
  });
}

function readKey(text: string): KeyObject | undefined {
  try {
    return createPrivateKey(text);
  } catch {
    return undefined;
  }
}

/** Makes a key pair and writes the private half to a new file with mode 0600. */
export async function makeKeyFile(path: string): Promise<Signer> {
  const pair = generateKeyPairSync('ed25519');
  const pem = pair.privateKey.export({ type: 'pkcs8', format: 'pem' });
  await asFileWork(`create the key ${path}`, async () => {
    const file = await open(path, 'wx', 0o600);
    try {
      await file.writeFile(pem);
      await file.sync();
    } finally {
      await file.close();
    }
  });
  return makeSigner(pair.privateKey);
}

function makeSigner(key: KeyObject): Signer {
  const publicKey = createPublicKey(key).export({ type: 'spki', format: 'der' });
  return {
    keyId: keyIdOf(publicKey),
    publicKey,
    sign: (bytes) => Promise.resolve(sign(null, bytes, key)),
  };
}
