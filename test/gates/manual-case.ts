// One signed statement about a gate, and the question that it answers.

import { generateKeyPairSync, sign } from 'node:crypto';
import { sha256Hex } from '../../src/evidence/canonical.ts';
import {
  signRecord,
  type FoundRecord,
  type ManualQuestion,
} from '../../src/gates/manual-record.ts';
import { keyIdOf } from '../../src/ports/signer.ts';

const digest = 'd'.repeat(64);
const now = new Date('2026-03-01T12:00:00.000Z');

export async function manualCase(): Promise<{
  readonly question: ManualQuestion;
  readonly found: FoundRecord;
}> {
  const { publicKey: pair, privateKey } = generateKeyPairSync('ed25519');
  const publicKey = pair.export({ type: 'spki', format: 'der' });
  const keyId = keyIdOf(publicKey);
  const evidence = new TextEncoder().encode('I saw it.\n');
  const sha256 = sha256Hex(evidence);
  const commit = 'a'.repeat(40);
  const record = {
    schema: 'urn:seatrial:schema:gate-statement:1',
    ...{ gate: 'seen', gate_digest: digest, target_digest: digest, commit, key_id: keyId },
    ...{ signer: 'ann', role: 'signer', statement: 'I watched it for an hour.' },
    decision: 'confirm',
    evidence: [{ name: 'note.md', sha256, bytes: evidence.length }],
    at: now.toISOString(),
  } as const;
  const envelope = await signRecord(
    { ...record, evidence: [...record.evidence] },
    {
      ...{ keyId, publicKey },
      sign: (bytes) => Promise.resolve(sign(null, bytes, privateKey)),
    },
  );
  const validity = { notBefore: '2020-01-01T00:00:00Z', notAfter: '2030-01-01T00:00:00Z' };
  return {
    found: { envelope, objects: new Map([[sha256, evidence]]) },
    question: {
      ...{ gate: 'seen', gateDigest: digest, targetDigest: digest, commit, now },
      author: 'Bob <bob@example.org>',
      settings: {
        ...{ signers: ['ann'], evidence: [], max_age: '72h', min_signers: 1 },
        not_author: false,
      },
      keys: [{ keyId, publicKey, owner: 'ann', ...validity }],
    },
  };
}
