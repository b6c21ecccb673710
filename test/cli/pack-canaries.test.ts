// Planted faults of a pack's own scenarios: not planted again without need, and worth nothing where the
// check is red anyway. And a validation of that pack, from its file to its exit code.

import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { judge } from '../../src/cli/canaries.ts';
import { canariesRun } from '../../src/cli/commands/canaries-run.ts';
import { openProblemReport } from '../../src/cli/load-manifest.ts';
import { openPack } from '../../src/cli/open-pack.ts';
import { runPackValidation } from '../../src/cli/run-validation.ts';
import { runIds } from '../../src/cli/store.ts';
import type { RunState } from '../../src/evidence/run-state.ts';
import { buildVerifier } from '../audit/verifier/build-verifier.ts';
import { captureTerminal } from './captured-terminal.ts';

let root = '';
let pack = '';
let store = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'seatrial-canaries-'));
  [pack, store] = [join(root, 'pack'), join(root, 'store')];
  await cp(resolve(import.meta.dirname, '../fixtures/notes-pack'), pack, { recursive: true });
  await rm(join(pack, 'scenarios/pretended.yaml'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const terminalOf = () => captureTerminal({ env: { SEATRIAL_LOCKS: join(root, 'locks') } });

async function plant(values: Readonly<Record<string, string>> = {}) {
  const terminal = terminalOf();
  const code = await canariesRun.run({ args: [pack], values: { store, ...values } }, terminal);
  return { code, ...terminal.said() };
}

/** Faults whose runs left out what no check of theirs is asked after. */
async function endedEarly(runs: readonly string[]): Promise<readonly unknown[]> {
  const read = (run: string) => readFile(join(store, 'runs', run, 'journal.jsonl'), 'utf8');
  return (await Promise.all(runs.map(read)))
    .filter((journal) => journal.includes('"ended-early"'))
    .map((journal) => JSON.parse(journal.split('\n')[0] ?? '') as { data: { canary?: string } })
    .map(({ data }) => data.canary);
}

const edit = async (path: string, from: string, to: string): Promise<void> => {
  const text = await readFile(join(pack, path), 'utf8');
  expect(text).toContain(from);
  await writeFile(join(pack, path), text.replace(from, to));
};

test(
  'what was planted before and would be the same now is not planted again (N8)',
  { timeout: 120_000 },
  async () => {
    const first = await plant();
    expect([first.code, first.out.split('\n').filter((line) => line.startsWith('red'))]).toEqual([
      0,
      expect.objectContaining({ length: 6 }),
    ]);
    const made = await runIds(store);
    // Each fault, of two fixtures two by themselves, and the scenario without one.
    expect(made).toHaveLength(7);
    expect(await endedEarly(made)).toEqual(['undo-skipped:app']);
    const again = await plant();
    expect([again.code, again.out]).toEqual([0, first.out]);
    expect(await runIds(store)).toEqual(made);
    await edit('scenarios/write-note.yaml', 'budget: 1m', 'budget: 2m');
    await plant({ only: 'other-words' });
    expect(await runIds(store)).toHaveLength(9);
  },
);

test(
  'a check that is red without the fault too was killed by none',
  { timeout: 120_000 },
  async () => {
    const kept = '{ at: /after/note, op: equals, value: kept },';
    await edit('checks/register.yaml', kept, kept.replace('kept', 'lost'));
    const { code, out } = await plant({ only: 'write.lose-note' });
    expect(out).toContain('notes.write.written is failed without the fault too');
    expect(code).toBe(3);
  },
);

test('a stop is neither red nor green', { timeout: 120_000 }, async () => {
  const stop = new AbortController();
  const terminal = { ...terminalOf(), signal: stop.signal };
  let terminalErr = '';
  const err = (text: string): void => {
    terminalErr += text;
    // The first fault was seen; the others are not tried any more.
    if (text === '.') stop.abort({ cause: 'SIGINT', message: 'told to end' });
  };
  const values = { store, parallel: '1' };
  const code = await canariesRun.run({ args: [pack], values }, { ...terminal, err });
  expect(terminal.said().out).toContain('1 of 6 canaries are red');
  expect(terminalErr).toContain('told to end');
  expect(code).toBe(130);
});

type Verdict = RunState['verdict'];
const completed: RunState['ended'] = { outcome: 'completed' };
const killed: RunState['ended'] = { outcome: 'stopped', cause: 'lock-lost', message: 'lost' };
test.each<[string, RunState['ended'], readonly [Verdict, Verdict], string]>([
  ['seen', completed, ['failed', 'passed'], 'red'],
  ['not seen', completed, ['passed', 'passed'], 'green'],
  ['seen by too many', completed, ['failed', 'failed'], 'green'],
  ['seen, and kept another check from its turn', completed, ['failed', 'not-run'], 'green'],
  ['not asked', completed, ['not-run', 'passed'], 'could-not-run'],
  ['not to be judged', completed, ['inconclusive', 'passed'], 'could-not-run'],
  ['an error instead', completed, ['error', 'passed'], 'could-not-run'],
  ['stopped after it was seen', killed, ['failed', 'passed'], 'could-not-run'],
  ['stopped before', killed, ['not-run', 'not-run'], 'could-not-run'],
  ['died', undefined, ['failed', 'passed'], 'could-not-run'],
])('a fault that is %s', (_name, ended, [wanted, spared], outcome) => {
  const checks = [
    { id: 'a.b', verdict: wanted },
    { id: 'a.c', verdict: spared },
  ] as unknown as RunState['checks'];
  const started = { run: 'r' } as RunState['started'];
  const state = { checks, started, ...(ended === undefined ? {} : { ended }) };
  expect(judge({ id: 'x', scenario: 's', kills: ['a.b'], spares: ['a.c'] }, state).outcome).toBe(
    outcome,
  );
});

const row = `- id: NT-001
  phase: 1
  legacySubject: [test-notes.sh]
  coverage: A note is kept.
  boundary: [state]
  planned: {scenarios: [write-note], checks: [notes.write.written]}
  fixtures: []
  manifest: forbidden
  owner: notes-team
`;
const validation = `apiVersion: seatrial/v1
kind: Validation
metadata: {id: row-complete, title: The row is complete, phase: 1}
spec:
  path: happy
  rows: [NT-001]
  text: {given: [a program], when: [it is audited], then: [its row is complete]}
  members: planned
  expectAudit: {exit: 0, rows: {"*": {status: evidence-complete}}}
  expectedChecks: [audit.phase1.rows-complete, audit.phase1.no-manifest]
`;

test('a validation runs its members, or takes them', { timeout: 120_000 }, async () => {
  await edit(
    'scenarios/write-note.yaml',
    'title: A note is kept, rows: []',
    'title: A note is kept, rows: [NT-001]',
  );
  await edit(
    'scenarios/write-note.yaml',
    'after: write, boundary: state, evidence: [note.json], rows: []',
    'after: write, boundary: state, evidence: [note.json], rows: [NT-001]',
  );
  await edit('pack.yaml', 'layers:', 'phases: [1]\nlayers:');
  const files = {
    'audit/queue.yaml': row,
    'audit/inventory.yaml': '- {subject: test-notes.sh}\n',
    'scenarios/row-complete.yaml': validation,
  };
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(pack, path)), { recursive: true });
    await writeFile(join(pack, path), text);
  }
  const verifier = await buildVerifier(join(root, 'verifier'));
  const validate = async () => {
    const terminal = terminalOf();
    const told: string[] = [];
    const { state } = await runPackValidation(
      {
        ...{ pack: await openPack(pack, openProblemReport(terminal, false)), store },
        ...{ validation: 'row-complete', parallel: 2, waitMs: 1000, maxLifetimeMs: 60_000 },
        onMember: (line) => told.push(line),
        verifier: [process.execPath, verifier],
      },
      terminal,
    );
    return { state, told };
  };
  const unproven = await validate();
  expect(unproven.told).toEqual([expect.stringMatching(/^write-note: passed in run /)]);
  expect(unproven.state.checks.map(({ verdict }) => verdict)).toEqual(['failed', 'passed']);
  expect((await plant()).code).toBe(0);
  const proven = await validate();
  expect(proven.told).toEqual([expect.stringMatching(/^write-note: taken from run /)]);
  expect(proven.state.reasons).toEqual([]);
  expect(proven.state.verdict).toBe('passed');
});
