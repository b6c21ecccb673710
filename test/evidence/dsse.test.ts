import { generateKeyPairSync, sign } from 'node:crypto';
import { crypto as independentCrypto, dsse as independent } from '@sigstore/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromBase64, toBase64 } from '../../src/evidence/base64.ts';
import {
  inTotoPayload,
  isSignedBy,
  parseEnvelope,
  preAuthEncoding,
  renderEnvelope,
  signEnvelope,
  type Envelope,
} from '../../src/evidence/dsse.ts';
import { makeKeys } from './sample-keys.ts';

const payload = new TextEncoder().encode('{"täst":1}');

function parsed(text: string): Envelope {
  const envelope = parseEnvelope(text);
  if ('fault' in envelope) throw new Error(envelope.fault);
  return envelope;
}

describe('the encoding that is signed', () => {
  it('is that of the standard', () => {
    expect(
      new TextDecoder().decode(
        preAuthEncoding('http://example.com/HelloWorld', new TextEncoder().encode('hello world')),
      ),
    ).toBe('DSSEv1 29 http://example.com/HelloWorld 11 hello world');
  });

  it('agrees with an independent implementation', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.uint8Array(), (type, content) => {
        const theirs = independent.preAuthEncoding(type, Buffer.from(content));
        expect(Buffer.from(preAuthEncoding(type, content)).equals(theirs)).toBe(true);
      }),
    );
  });
});

describe('envelopes', () => {
  it('of ours hold for an independent verifier', async () => {
    const { signer, trusted } = makeKeys();
    const text = renderEnvelope(await signEnvelope(inTotoPayload, payload, signer));
    const theirs = JSON.parse(text) as {
      payloadType: string;
      payload: string;
      signatures: [{ keyid: string; sig: string }];
    };
    const key = independentCrypto.createPublicKey(Buffer.from(trusted.publicKey));
    const signed = independent.preAuthEncoding(
      theirs.payloadType,
      Buffer.from(theirs.payload, 'base64'),
    );
    const [{ keyid, sig }] = theirs.signatures;
    expect(keyid).toBe(trusted.keyId);
    expect(independentCrypto.verify(signed, key, Buffer.from(sig, 'base64'))).toBe(true);
    expect(
      independentCrypto.verify(
        Buffer.concat([signed, Buffer.from('x')]),
        key,
        Buffer.from(sig, 'base64'),
      ),
    ).toBe(false);
  });

  it('of an independent signer hold for us', () => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    const signature = sign(
      null,
      independent.preAuthEncoding(inTotoPayload, Buffer.from(payload)),
      privateKey,
    );
    const text = JSON.stringify(
      {
        signatures: [{ sig: signature.toString('base64url') }],
        payload: Buffer.from(payload).toString('base64'),
        payloadType: inTotoPayload,
        futureField: true,
      },
      undefined,
      2,
    );
    const envelope = parsed(text);
    const der = publicKey.export({ type: 'spki', format: 'der' });
    expect(isSignedBy(envelope, envelope.signatures[0]?.signature ?? payload, der)).toBe(true);
    expect(envelope.signatures[0]?.keyId).toBe('');
  });
});

describe('signatures', () => {
  it('do not hold for other payloads, types or keys', async () => {
    const { signer, trusted } = makeKeys();
    const envelope = await signEnvelope(inTotoPayload, payload, signer);
    const signature = envelope.signatures[0]?.signature ?? payload;
    const key = trusted.publicKey;
    expect(isSignedBy(envelope, signature, key)).toBe(true);
    expect(isSignedBy({ ...envelope, payloadType: 'text/plain' }, signature, key)).toBe(false);
    expect(isSignedBy({ ...envelope, payload: key }, signature, key)).toBe(false);
    expect(isSignedBy(envelope, signature, makeKeys().trusted.publicKey)).toBe(false);
    expect(isSignedBy(envelope, signature.subarray(1), key)).toBe(false);
  });
});

describe('the text of envelopes', () => {
  it('comes back from rendering as it was', () => {
    const signature = fc.record({ keyId: fc.string(), signature: fc.uint8Array() });
    const envelope = fc.record({
      payloadType: fc.string(),
      payload: fc.uint8Array(),
      signatures: fc.array(signature, { minLength: 1, maxLength: 3 }),
    });
    fc.assert(
      fc.property(envelope, (each) => {
        expect(parsed(renderEnvelope(each))).toEqual(each);
      }),
    );
  });

  it.each([
    ['{'],
    ['[]'],
    ['{"payloadType":"a","payload":"","signatures":[]}'],
    ['{"payloadType":"a","payload":"*","signatures":[{"keyid":"a","sig":""}]}'],
    ['{"payload":"","signatures":[{"keyid":"a","sig":""}]}'],
    ['{"payloadType":"a","payload":"","signatures":[{"keyid":"a"}]}'],
  ])('is not %s', (text) => {
    expect(parseEnvelope(text)).toHaveProperty('fault');
  });
});

describe('base64', () => {
  it('agrees with another implementation', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const text = Buffer.from(bytes).toString('base64');
        expect(toBase64(bytes)).toBe(text);
        expect(fromBase64(text)).toEqual(bytes);
        expect(fromBase64(Buffer.from(bytes).toString('base64url'))).toEqual(bytes);
      }),
    );
  });

  it.each(['QR==', 'QUJ=', 'Q', 'QQ=', 'Q Q=', 'QQ==\n', 'QQ==QQ==', 'é'])('refuses %j', (text) => {
    expect(fromBase64(text)).toBeUndefined();
  });
});
