// Signed envelopes, by https://github.com/secure-systems-lab/dsse.

import { createPublicKey, verify } from 'node:crypto';
import * as z from 'zod';
import type { Signer } from '../ports/signer.ts';
import { fromBase64, toBase64 } from './base64.ts';
import { concat } from './concat.ts';

export const inTotoPayload = 'application/vnd.in-toto+json';

export type Envelope = {
  readonly payloadType: string;
  readonly payload: Uint8Array;
  readonly signatures: readonly { readonly keyId: string; readonly signature: Uint8Array }[];
};

const utf8 = new TextEncoder();

/** The bytes that are signed: type and payload with their lengths, so that neither can be shifted. */
export function preAuthEncoding(payloadType: string, payload: Uint8Array): Uint8Array {
  const type = utf8.encode(payloadType);
  return concat([
    utf8.encode(`DSSEv1 ${String(type.length)} `),
    type,
    utf8.encode(` ${String(payload.length)} `),
    payload,
  ]);
}

export async function signEnvelope(
  payloadType: string,
  payload: Uint8Array,
  signer: Signer,
): Promise<Envelope> {
  const signature = await signer.sign(preAuthEncoding(payloadType, payload));
  return { payloadType, payload, signatures: [{ keyId: signer.keyId, signature }] };
}

/** One line without its end. */
export const renderEnvelope = ({ payloadType, payload, signatures }: Envelope): string =>
  JSON.stringify({
    payloadType,
    payload: toBase64(payload),
    signatures: signatures.map(({ keyId, signature }) => ({
      keyid: keyId,
      sig: toBase64(signature),
    })),
  });

const bytes = z.string().transform((text, context) => {
  const decoded = fromBase64(text);
  if (decoded !== undefined) return decoded;
  context.addIssue({ code: 'custom', message: 'is not base64' });
  return z.NEVER;
});

/** Fields that the standard does not know are ignored, as it asks. */
const envelope = z.object({
  payloadType: z.string(),
  payload: bytes,
  signatures: z.array(z.object({ keyid: z.string().default(''), sig: bytes })).min(1),
});

/** An envelope, or in words why the text is none. */
export function parseEnvelope(text: string): Envelope | { readonly fault: string } {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { fault: 'It is not JSON.' };
  }
  const parsed = envelope.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return { fault: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}.` };
  }
  const { payloadType, payload, signatures } = parsed.data;
  return {
    payloadType,
    payload,
    signatures: signatures.map(({ keyid, sig }) => ({ keyId: keyid, signature: sig })),
  };
}

/** Whether an Ed25519 signature over the envelope's payload and type is of this key, as SPKI DER. */
export function isSignedBy(
  { payloadType, payload }: Envelope,
  signature: Uint8Array,
  publicKey: Uint8Array,
): boolean {
  const key = createPublicKey({
    key: toBase64(publicKey),
    encoding: 'base64',
    format: 'der',
    type: 'spki',
  });
  // Ed25519 has its hash built in, hence no name of one.
  return verify(null, preAuthEncoding(payloadType, payload), key, signature);
}
