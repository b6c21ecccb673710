// Scenario files through the commands that take them, on the fake driver.

import { existsSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { InvalidInput, UsageError } from '../../src/cli/command.ts';
import { plan } from '../../src/cli/commands/plan.ts';
import { run } from '../../src/cli/commands/run.ts';
import { openRun } from '../../src/cli/store.ts';
import type { RunState } from '../../src/evidence/run-state.ts';
import { WorldError } from '../../src/ports/world-error.ts';
import { captureTerminal } from './captured-terminal.ts';

// Whole runs wait for the disk, and a busy one is slow.
vi.setConfig({ testTimeout: 60_000 });

const { platform: os, arch } = process;

type Parts = {
  readonly id?: string;
  readonly os?: string;
  readonly driver?: string;
  readonly releases?: string;
  readonly actions?: readonly string[];
  readonly check?: string;
};

const save = '{id: save, use: backup, timeout: 60s}';
const whole = [
  '{id: deploy, use: install, timeout: 60s}',
  '{id: seed, use: action, action: seed, timeout: 20s, with: {argv: [seed.mjs, --all]}}',
  '{id: up, use: upgrade, timeout: 60s}',
  save,
];
const shown = '{id: floor.upgrade.data-kept, after: up, boundary: state, evidence: [a], rows: []}';

const scenario = (parts: Parts = {}): string => `apiVersion: seatrial/v1
kind: Scenario
metadata: {id: ${parts.id ?? 'notes'}, title: Notes are kept, rows: []}
spec:
  environment: {os: [${parts.os ?? os}], arch: [${arch}], driver: ${parts.driver ?? 'fake'}, product: [any], network: loopback}
  manifest: app/seatrial.yaml
  ${parts.releases ?? ''}
  text: {given: [a base], when: [it is upgraded], then: [notes are kept]}
  noFixturesReason: the action seeds what is needed
  runtimeActions:
${(parts.actions ?? whole).map((each) => `    - ${each}`).join('\n')}
  expectedChecks: [${parts.check ?? shown}]
  budget: 4m
`;

const program = `import { appendFileSync } from 'node:fs';
const { SEATRIAL_OPERATION: operation, SEATRIAL_STAGE: stage } = process.env;
const line = [operation, stage, process.argv[2]].join(' ');
appendFileSync(new URL('seeded', import.meta.url), line + '\\n');
`;

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'seatrial-scenario-'));
  await cp('packs/floor/apps/fake', join(root, 'app'), { recursive: true });
  await cp('packs/floor/apps/fake', join(root, 'other'), { recursive: true });
  await writeFile(join(root, 'seed.mjs'), program);
});
afterAll(async () => {
  await rm(root, { recursive: true, force: true });
});

async function write(parts?: Parts): Promise<void> {
  await writeFile(join(root, 's.yaml'), scenario(parts));
}

async function invoke(
  command: typeof run,
  values: Readonly<Record<string, string | boolean>> = {},
): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  const terminal = captureTerminal({ cwd: root });
  const all = { scenario: 's.yaml', store: 'store', json: true, quiet: true, ...values };
  const code = await command.run({ args: [], values: all }, terminal);
  return { code, ...terminal.said() };
}

async function runOne(values: Readonly<Record<string, string>> = {}): Promise<RunState> {
  await invoke(run, values);
  return (await openRun(join(root, values['store'] ?? 'store'), undefined)).state;
}

async function planned(values: Readonly<Record<string, string>> = {}) {
  return JSON.parse((await invoke(plan, values)).out) as {
    readonly operations: readonly { name: string; skip?: object; action?: object }[];
    readonly scenario: object;
    readonly base: object;
    readonly head: object;
  };
}

/** How a command ends that does not get as far as a run. */
async function refused(values: Readonly<Record<string, string>> = {}) {
  const terminal = captureTerminal({ cwd: root });
  const all = { scenario: 's.yaml', store: 'untouched', ...values };
  const error: unknown = await run.run({ args: [], values: all }, terminal).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return { error, ...terminal.said() };
}

test('a run does what the file says, in its order', async () => {
  await write();
  const state = await runOne({ store: 'first' });
  expect(state.verdict).toBe('passed');
  expect(state.operations.map(({ name }) => name)).toEqual([
    ...['install', 'custom-seed', 'upgrade', 'backup', 'remove'],
  ]);
  expect(state.started.scenario).toBe('notes');
  expect(await readFile(join(root, 'seeded'), 'utf8')).toBe('custom-seed base --all\n');
  expect(state.operations.map(({ stage }) => stage)).toEqual([
    ...['base', 'base', 'head', 'head', 'head'],
  ]);
});

const seedCheck =
  '{id: floor.custom-seed.done, after: seed, boundary: driver, evidence: [a], rows: []}';

test.each([
  { on: 'head', actions: whole.slice(0, 2), verdict: 'failed' },
  { on: 'base', actions: whole, verdict: 'inconclusive' },
])('a program that fails on $on makes its check $verdict', async ({ on, actions, verdict }) => {
  await writeFile(join(root, 'fail.sh'), 'echo no notes; exit 5\n');
  const failing = actions.map((each) => each.replace('seed.mjs', 'fail.sh'));
  await write({ id: `fails-on-${on}`, actions: failing, check: seedCheck });
  const { checks } = await runOne({ store: on });
  const check = checks.find(({ id }) => id === 'floor.custom-seed.done');
  expect(check).toMatchObject({ verdict });
  expect(check?.message).toContain('exit code 5: no notes');
});

test('an operation that is taken out of a file turns run.expected.kept red', async () => {
  const kept = async () =>
    (await runOne({ store: 'shrinking' })).checks.find(({ id }) => id === 'run.expected.kept');
  await write();
  expect(await kept()).toMatchObject({ verdict: 'skipped' });
  expect(await kept()).toMatchObject({ verdict: 'passed' });
  await write({ actions: whole.filter((each) => each !== save) });
  const shrunk = await kept();
  expect(shrunk).toMatchObject({ verdict: 'failed' });
  expect(shrunk?.message).toContain('floor.backup.done');
});

test('the plan quotes the text and names program and digest', async () => {
  await write();
  const { scenario: told, operations } = await planned();
  expect(told).toEqual({
    ...{ id: 'notes', title: 'Notes are kept' },
    text: { given: ['a base'], when: ['it is upgraded'], then: ['notes are kept'] },
  });
  expect(operations.find(({ name }) => name === 'custom-seed')?.action).toEqual({
    argv: ['../seed.mjs', '--all'],
    sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    timeoutMs: 20_000,
  });
});

test('releases of the file count where the command names none', async () => {
  await write({ releases: 'releases: {base: 1.0.0, head: 1.0.0}' });
  expect((await refused()).error).toBeInstanceOf(UsageError);
  expect(await planned({ head: '1.1.0' })).toMatchObject({
    base: { version: '1.0.0' },
    head: { version: '1.1.0' },
  });
  await write({ releases: 'releases: {base: 1.0.0, head: 1.1.0}' });
  expect(await planned()).toMatchObject({ base: { version: '1.0.0' }, head: { version: '1.1.0' } });
});

test('--ops selects among the operations of the file', async () => {
  await write();
  const { operations } = await planned({ ops: 'backup' });
  expect(operations.flatMap(({ name, skip }) => (skip === undefined ? [name] : []))).toEqual([
    ...['install', 'upgrade', 'backup', 'remove'],
  ]);
});

test.each<[string, Parts, string]>([
  ['a check that is not asked', { check: shown.replace('kept', 'kep') }, 'SC030'],
  ['a check after another action', { check: shown.replace(': up', ': deploy') }, 'SC021'],
  ['another driver', { driver: 'swarm' }, 'SC012'],
  ['an order that cannot be done', { actions: [whole[0] ?? '', save, whole[2] ?? ''] }, 'SC022'],
  ['a file with a mistake', { id: 'Notes' }, 'SC003'],
])('%s ends with diagnostics', async (_name, parts, code) => {
  await write(parts);
  const { error, err } = await refused();
  expect(error).toBeInstanceOf(InvalidInput);
  expect(err).toContain(`error[${code}]`);
  expect(err).toMatch(/s\.yaml:\d+:\d+: /);
});

test('a host that is not meant is told before anything is done', async () => {
  await write({ os: os === 'win32' ? 'linux' : 'win32' });
  const { error } = await refused({ store: 'never-made' });
  expect(error).toBeInstanceOf(WorldError);
  expect(error).toMatchObject({ code: 'unavailable' });
  expect(existsSync(join(root, 'never-made'))).toBe(false);
});

test('two manifests are one too many, one by two names is not', async () => {
  await write();
  const { error } = await refused({ manifest: 'other/seatrial.yaml' });
  expect(error).toBeInstanceOf(UsageError);
  expect((error as UsageError).message).toContain('other');
  expect((await invoke(plan, { manifest: './app/../app/seatrial.yaml' })).code).toBe(0);
});

test.each(['gone.yaml', 'lifecyle'])('%s is no scenario', async (name) => {
  expect((await refused({ scenario: name })).error).toBeInstanceOf(UsageError);
});
