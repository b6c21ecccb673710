// What a person says of a product that a pack does not bring, and a run on it.

import { existsSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { InvalidInput, UsageError } from '../../src/cli/command.ts';
import { run } from '../../src/cli/commands/run.ts';
import { openProblemReport } from '../../src/cli/load-manifest.ts';
import { openPack } from '../../src/cli/open-pack.ts';
import { parseArguments } from '../../src/cli/parse-arguments.ts';
import { runPack } from '../../src/cli/run-pack.ts';
import { readSubjectFile } from '../../src/cli/subject-file.ts';
import type { Pack } from '../../src/scenario/load-pack.ts';
import { captureTerminal } from './captured-terminal.ts';

const notes = resolve(import.meta.dirname, '../fixtures/notes-pack');
const schema = resolve('packs/nemoclaw/subjects/installed.schema.json');

/** As the sound one, but it is told where, it may be unmet, and it cannot be looked at. */
const installed = `
export const installed = {
  unmet: ({ settings, places, actions, dockerHost, isOwnEngine }) => {
    globalThis.notesConditions = { places, actions, dockerHost, isOwnEngine };
    return Promise.resolve(settings.base === 'gone' ? ['the base is gone', 'and more is'] : []);
  },
  prepare: async ({ settings }) => ({
    ...(await reference.prepare()),
    digest: createHash('sha256').update(JSON.stringify(settings)).digest('hex'),
  }),
  open: async (places) => ({
    ...(await reference.open(places)),
    env: { NOTES_HEAD: places.settings.head },
    observe: () => Promise.reject(new Error('nobody understands what it says')),
  }),
};
`;

const good = `nemoclaw: /opt/product/nemoclaw
openshell: /opt/product/openshell
checkout: /opt/product
base: v1
head: v2
`;

let root = '';
let pack: Pack;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'seatrial-subject-'));
  const folder = join(root, 'pack');
  await cp(notes, folder, { recursive: true });
  await cp(schema, join(folder, 'installed.schema.json'));
  const edit = async (path: string, from: string, to: string): Promise<void> => {
    const text = await readFile(join(folder, path), 'utf8');
    expect(text).toContain(from);
    await writeFile(join(folder, path), text.replace(from, to));
  };
  const settings = 'settings: { file: installed.yaml, schema: installed.schema.json }';
  const second = `{ id: installed, open: actions/subject.mjs#installed, ${settings} }`;
  await edit('pack.yaml', '#reference }]', `#reference }, ${second}]`);
  await edit('scenarios/write-note.yaml', '[reference]', '[reference, installed]');
  const subject = join(folder, 'actions/subject.mjs');
  await writeFile(subject, `${await readFile(subject, 'utf8')}${installed}`);
  pack = await openPack(folder, openProblemReport(captureTerminal(), false));
});
afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

async function read(subject: string, ...argv: readonly string[]) {
  const terminal = captureTerminal({ cwd: root });
  const { values } = parseArguments(run, argv);
  const asked = { pack, scenario: 'write-note', subject };
  const ended = await readSubjectFile(asked, values, terminal).then(
    (settings) => ({ settings, error: undefined as unknown }),
    (error: unknown) => ({ settings: undefined, error }),
  );
  return { ...ended, ...terminal.said() };
}

test('it stands where pack.yaml says, or where the command line does', async () => {
  await writeFile(join(root, 'mine.yaml'), good);
  const settings = { nemoclaw: '/opt/product/nemoclaw', base: 'v1', head: 'v2' };
  expect(await read('installed', '--subject-file', 'mine.yaml')).toMatchObject({ settings });
  await writeFile(join(pack.root, 'installed.yaml'), good.replace('v2', 'v3'));
  expect(await read('installed')).toMatchObject({ settings: { head: 'v3' } });
  expect(await read('reference')).toMatchObject({ settings: undefined });
});

test('where nobody wrote it the environment is unmet', async () => {
  const { error } = await read('installed');
  expect(error).toMatchObject({ code: 'unavailable' });
  expect(String(error)).toMatch(/environment-unmet: nobody says in .*installed\.yaml where/);
});

test.each([
  ['a file that is not there', 'installed', /no file at .*nowhere\.yaml/],
  ['a subject that has none', 'reference', /the subject reference has no file/],
  ['a subject that the scenario is not for', 'another', /cannot run on subject another/],
])('%s is a wrong command line', async (_, subject, message) => {
  const { error } = await read(subject, '--subject-file', 'nowhere.yaml');
  expect(error).toBeInstanceOf(UsageError);
  expect(String(error)).toMatch(message);
});

test.each([
  ['a relative path', good.replace('/opt/product/nemoclaw', 'bin/nemoclaw'), /:1:11\b/, 'absolute'],
  ['a ref that git would take for an option', good.replace('v1', '--exec=x'), /:4:7\b/, 'git ref'],
  ['a key that is missing', good.replace('head: v2\n', ''), /`head` is required/, 'git ref'],
  ['a key that is unknown', `${good}heads: v2\n`, /:6:1\b/, 'Did you mean `head`'],
  ['a number', good.replace('v2', '2'), /:5:7\b/, 'quotes'],
  ['no YAML', 'nemoclaw: [', /SC001/, 'brackets'],
  ['more than anybody writes', `# ${'x'.repeat(70_000)}\n${good}`, /SC001/, ''],
])('%s ends with its place and a hint', async (_, text, place, hint) => {
  await writeFile(join(root, 'mine.yaml'), text);
  const { error, err } = await read('installed', '--subject-file', 'mine.yaml');
  expect(error).toBeInstanceOf(InvalidInput);
  expect(err).toContain('mine.yaml');
  expect(err).toMatch(place);
  expect(err).toContain(hint);
});

test('a schema that is none is the pack’s own fault, told at its file', async () => {
  await writeFile(join(root, 'mine.yaml'), good);
  await writeFile(join(pack.root, 'installed.schema.json'), '{"type": "nonsense"}');
  const { error, err } = await read('installed', '--subject-file', 'mine.yaml');
  expect(error).toBeInstanceOf(InvalidInput);
  expect(err).toContain('installed.schema.json');
});

const runOn = (settings: Readonly<Record<string, string>>) => {
  const asked = { pack, scenario: 'write-note', store: join(root, 'store'), settings };
  const terminal = captureTerminal({ env: { SEATRIAL_LOCKS: join(root, 'locks') } });
  const limits = { waitMs: 60_000, maxLifetimeMs: 600_000 };
  return runPack({ ...asked, ...limits, subject: 'installed' }, terminal);
};

test('what is missing is told whole, before there is a run', async () => {
  await expect(runOn({ base: 'gone' })).rejects.toMatchObject({
    code: 'unavailable',
    message: 'environment-unmet: the base is gone; and more is',
  });
  expect(existsSync(join(root, 'store', 'runs'))).toBe(false);
  expect((globalThis as { readonly notesConditions?: unknown }).notesConditions).toEqual({
    ...{ places: [], actions: ['install', 'write'], dockerHost: '', isOwnEngine: false },
  });
});

test('evidence names the subject; one that cannot be looked at is an error and no bug', async () => {
  const { state } = await runOn({ base: 'v1', head: 'v2' });
  const { bound } = state.started;
  expect(bound?.subject.name).toBe('installed');
  const verdicts = Object.fromEntries(state.checks.map(({ id, verdict }) => [id, verdict]));
  expect(verdicts['notes.write.written']).toBe('passed');
  expect(verdicts['floor.write.stable']).toBe('error');
  expect(state.ended?.outcome).toBe('completed');
});
