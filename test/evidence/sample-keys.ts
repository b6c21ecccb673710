// Keys and a run for tests of signatures.

import { generateKeyPairSync, sign } from 'node:crypto';
import type { TrustedKey } from '../../src/evidence/keys.ts';
import type { CheckState, RunState } from '../../src/evidence/run-state.ts';
import type { Verdict } from '../../src/evidence/verdict.ts';
import { keyIdOf, type Signer } from '../../src/ports/signer.ts';

export type Keys = { readonly signer: Signer; readonly trusted: TrustedKey };

export function makeKeys(): Keys {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const der = new Uint8Array(publicKey.export({ type: 'spki', format: 'der' }));
  const keyId = keyIdOf(der);
  return {
    signer: {
      keyId,
      publicKey: der,
      sign: (bytes) => Promise.resolve(sign(null, bytes, privateKey)),
    },
    trusted: {
      keyId,
      publicKey: der,
      owner: 'Ann',
      notBefore: '2026-01-01T00:00:00.000Z',
      notAfter: '2026-12-31T00:00:00.000Z',
    },
  };
}

const check = (id: string, verdict: Verdict): CheckState => ({
  id,
  after: 'install',
  boundary: 'http',
  source: 'floor',
  title: id,
  verdict,
  message: '',
  evidence: [],
  touched: [],
});

type Change = {
  readonly verdict?: Verdict;
  readonly checks?: Readonly<Record<string, Verdict>>;
  readonly started?: Partial<RunState['started']>;
  readonly open?: true;
};

export function sampleState({ verdict = 'passed', checks, started, open }: Change = {}): RunState {
  const head = { origin: 'git', ref: 'git:v2', version: '2.0.0', commit: 'c'.repeat(40) } as const;
  return {
    started: {
      format: 'seatrial.journal/v1',
      store: 'store-1',
      run: 'run-1',
      job: 'job-1',
      attempt: 1,
      tool: { name: 'seatrial', version: '0.1.0' },
      host: { os: 'linux', arch: 'x64', kernel: '6', node: '20', bootId: 'b', name: 'h' },
      pid: 1,
      app: 'shop',
      instance: 'shop-1',
      lock: 'app-shop',
      scenario: 'release',
      driver: { kind: 'process', version: '1', fake: false },
      work: 'work',
      plan: { path: 'plan.json', sha256: 'a'.repeat(64), bytes: 2, mediaType: 'application/json' },
      planDigest: 'a'.repeat(64),
      operations: [],
      expected: [],
      base: { origin: 'git', ref: 'git:v1', digest: 'b'.repeat(64) },
      head: { ...head, digest: 'd'.repeat(64) },
      selection: 'full',
      ...started,
    },
    startedAt: '2026-02-01T00:00:00.000Z',
    ...(open === true
      ? {}
      : { ended: { outcome: 'completed' as const }, endedAt: '2026-02-01T00:10:00.000Z' }),
    lastAt: '2026-02-01T00:10:00.000Z',
    records: 12,
    head: 'e'.repeat(64),
    operations: [],
    checks: Object.entries<Verdict>(checks ?? { 'floor.install.done': 'passed' }).map(
      ([id, each]) => check(id, each),
    ),
    undos: [],
    resources: [],
    notes: [],
    deployments: 1,
    verdict,
    reasons: [],
    exitCode: verdict === 'passed' ? 0 : 1,
  };
}
