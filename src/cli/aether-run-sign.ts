// `sign` from its arguments to its exit code.

import { combineCodes, refusal, type Answer } from '../aether/answer.ts';
import { bytesMax } from '../aether/limits.ts';
import { renderAnswer } from '../aether/render-answer.ts';
import { signBytes, type SigningKey } from '../aether/signature.ts';
import { printable } from '../diagnostics/printable.ts';
import { exitStyle, openFiles } from './aether-options.ts';
import { paced } from './aether-pace.ts';
import type { Found } from './aether-paths.ts';
import { readFound } from './aether-read.ts';
import { emptyInput } from './aether-run-check.ts';
import { rewrite } from './aether-write.ts';
import { flag, text, UsageError, type Input, type Terminal } from './command.ts';
import { findSigner } from './signing.ts';

export async function runSign(input: Input, terminal: Terminal): Promise<number> {
  const { args, values } = input;
  const key = await requireSigner(text(values, 'key'), terminal);
  const codes: number[] = [];
  const files = await openFiles(input, terminal, bytesMax);
  for await (const found of paced(files, terminal.signal)) {
    const refused = await signFound(found, key);
    codes.push(refused?.code ?? 0);
    tell({ file: found.name, refused, keyId: key.keyId }, flag(values, 'json'), terminal);
  }
  return codes.length === 0 ? emptyInput(args, terminal) : combineCodes(codes, exitStyle(values));
}

type Signed = {
  readonly file: string;
  readonly refused: Answer | undefined;
  readonly keyId: string;
};

function tell({ file, refused, keyId }: Signed, json: boolean, terminal: Terminal): void {
  if (json) {
    const told = { code: refused?.code ?? 0, refused: refused?.message ?? null };
    terminal.out(`${JSON.stringify({ file, ...told, key_id: keyId })}\n`);
  } else if (refused !== undefined) terminal.err(renderAnswer(refused));
  else terminal.out(`${printable(file)}: signed with ${keyId}\n`);
}

export async function requireSigner(
  asked: string | undefined,
  terminal: Terminal,
): Promise<SigningKey> {
  const key = await findSigner(asked === undefined ? {} : { key: asked }, terminal);
  if (key !== undefined) return key;
  const hint = 'seatrial keys new makes one; name it by --key FILE or SEATRIAL_SIGNING_KEY';
  throw new UsageError('no key to sign with', hint);
}

/** The answer about a file that stays as it is. */
async function signFound(found: Found, key: SigningKey): Promise<Answer | undefined> {
  const { name, path } = found;
  const read = readFound(found, bytesMax);
  if ('refusal' in read) return refusal(name, read.refusal.code, read.refusal.message);
  const signed = await signBytes(read.bytes, key);
  if (signed === undefined)
    return refusal(
      name,
      'E_SIG_FORMAT',
      'it begins with a byte order mark, so no first line can sign it',
    );
  const failed = await rewrite(path, signed);
  return failed === undefined ? undefined : refusal(name, 'E_IO_ACCESS', failed);
}
