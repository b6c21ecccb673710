import { describe, expect, it } from 'vitest';
import {
  parseStatement,
  renderStatement,
  signOffStatement,
  testResultStatement,
} from '../../src/evidence/statement.ts';
import { sampleState } from './sample-keys.ts';

const subjects = [{ name: 'journal.jsonl', digest: { sha256: '1'.repeat(64) } }];
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const runFacts = {
  run: 'run-1',
  store: 'store-1',
  chainHead: 'e'.repeat(64),
  records: 12,
  startedAt: '2026-02-01T00:00:00.000Z',
  endedAt: '2026-02-01T00:10:00.000Z',
  outcome: 'completed',
  verdict: 'passed',
  exitCode: 0,
  skipped: [],
  tool: { name: 'seatrial', version: '0.1.0' },
};
const planFacts = {
  app: 'shop',
  instance: 'shop-1',
  scenario: 'release',
  selection: 'full',
  driver: { kind: 'process', version: '1', fake: false },
};

describe('the statement of a run', () => {
  it('says what ran, on what, and how it ended', () => {
    const statement = testResultStatement(sampleState(), subjects, 'https://example.org/run-1');
    expect(JSON.parse(renderStatement(statement))).toEqual({
      _type: 'https://in-toto.io/Statement/v1',
      subject: subjects,
      predicateType: 'https://in-toto.io/attestation/test-result/v0.1',
      predicate: {
        result: 'PASSED',
        configuration: [
          { name: 'run', uri: 'urn:seatrial:run:run-1', annotations: runFacts },
          { name: 'plan', digest: { sha256: 'a'.repeat(64) }, annotations: planFacts },
          {
            name: 'head',
            uri: `urn:seatrial:tree:${'d'.repeat(64)}`,
            digest: { gitCommit: 'c'.repeat(40) },
            annotations: { ref: 'git:v2', version: '2.0.0' },
          },
          {
            name: 'base',
            uri: `urn:seatrial:tree:${'b'.repeat(64)}`,
            annotations: { ref: 'git:v1' },
          },
        ],
        url: 'https://example.org/run-1',
        passedTests: ['floor.install.done'],
        warnedTests: [],
        failedTests: [],
      },
    });
  });

  it('describes each resource by a URI, a digest or content, as the standard asks', () => {
    const { predicate } = testResultStatement(sampleState(), subjects);
    for (const descriptor of predicate['configuration'] as readonly object[])
      expect('uri' in descriptor || 'digest' in descriptor).toBe(true);
  });

  it('leaves out a base that there is none of', () => {
    const state = sampleState({ started: { base: { skipped: 'first release' } } });
    expect(renderStatement(testResultStatement(state, subjects))).not.toContain('"base"');
  });
});

describe('the result of a run', () => {
  it.each([
    ['passed', {}, 'PASSED'],
    ['passed', { selection: 'partial' }, 'WARNED'],
    ['passed', { driver: { kind: 'fake', version: '1', fake: true } }, 'WARNED'],
    ['passed', { canary: 'deploy-twice' }, 'WARNED'],
    ['failed', {}, 'FAILED'],
    ['error', {}, 'FAILED'],
    ['not-run', {}, 'FAILED'],
    ['inconclusive', {}, 'FAILED'],
    ['skipped', {}, 'FAILED'],
  ] as const)('%s with %j is %s', (verdict, started, result) => {
    const { predicate } = testResultStatement(sampleState({ verdict, started }), subjects);
    expect(predicate['result']).toBe(result);
  });

  it('lists whatever did not pass as failed, and what was skipped nowhere', () => {
    const checks = {
      a: 'passed',
      b: 'failed',
      c: 'error',
      d: 'not-run',
      e: 'inconclusive',
      f: 'skipped',
    } as const;
    const state = sampleState({ checks, verdict: 'failed', open: true });
    const { predicate } = testResultStatement(state, subjects);
    expect(predicate).toMatchObject({
      passedTests: ['a'],
      warnedTests: [],
      failedTests: ['b', 'c', 'd', 'e'],
    });
    expect(JSON.stringify(predicate)).toContain('"outcome":"unfinished"');
    expect(JSON.stringify(predicate)).toContain('"skipped":["f"]');
  });
});

describe('the statement of a sign-off', () => {
  const signOff = {
    subjects: [...subjects, { name: 'head', digest: { gitCommit: 'c'.repeat(40) } }],
    verifier: {
      id: 'urn:seatrial:verifier',
      policies: [{ uri: 'gates.yaml', digest: { sha256: '2'.repeat(64) } }],
    },
    timeCreated: '2026-02-01T00:20:00.000Z',
    properties: ['SEATRIAL_GATE_LAUNCHER_SMOKE_PASSED', 'SEATRIAL_GO'],
  };

  it('has the fields of svr/v0.2', () => {
    const { predicateType, predicate } = signOffStatement(signOff);
    expect(predicateType).toBe('https://in-toto.io/attestation/svr/v0.2');
    expect(predicate).toEqual({
      verifier: signOff.verifier,
      timeCreated: signOff.timeCreated,
      properties: signOff.properties,
    });
  });

  it('names its run in an extension field', () => {
    const run = { id: 'run-1', chainHead: 'e'.repeat(64) };
    expect(signOffStatement({ ...signOff, run }).predicate['seatrial_run']).toEqual(run);
  });
});

describe('reading a statement', () => {
  it('gives back what was rendered', () => {
    const statement = testResultStatement(sampleState(), subjects);
    expect(parseStatement(bytes(renderStatement(statement)))).toEqual(statement);
  });

  const good = JSON.parse(renderStatement(testResultStatement(sampleState(), subjects))) as object;
  it.each([
    ['no JSON', '{'],
    ['another type', JSON.stringify({ ...good, _type: 'https://in-toto.io/Statement/v0.1' })],
    ['no subject', JSON.stringify({ ...good, subject: [] })],
    ['a subject without digest', JSON.stringify({ ...good, subject: [{ name: 'x' }] })],
    ['no predicate', JSON.stringify({ ...good, predicate: undefined })],
  ])('refuses %s', (_, text) => {
    expect(parseStatement(bytes(text))).toHaveProperty('fault');
  });
});
