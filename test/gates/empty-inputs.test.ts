// Nothing passes by default: empty folders, files, sets and expectations end in anything but 0.

import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { commands } from '../../src/cli/commands.ts';
import { InvalidInput } from '../../src/cli/command.ts';
import { WorldError } from '../../src/ports/world-error.ts';
import { loadGates } from '../../src/gates/load-gates.ts';
import { runCommand } from '../cli/run-command.ts';
import { gateFolder, server, type GateFolder } from './gate-folder.ts';
import { bytesOf } from './gates-text.ts';

let folder: GateFolder;
afterEach(() => {
  folder.remove();
});

/** Exit code of a command line; errors that `dispatch` turns into a code are turned as it does. */
async function codeOf(line: string): Promise<number> {
  const words = line.split(' ');
  const command =
    commands.find(({ name }) => name === words.slice(0, 2).join(' ')) ??
    commands.find(({ name }) => name === words[0]);
  if (command === undefined) throw new Error(`no command in ${line}`);
  const argv = words.slice(command.name.split(' ').length).filter(Boolean);
  try {
    return (await runCommand(command, argv, folder.around)).code;
  } catch (error) {
    if (error instanceof InvalidInput) return 2;
    if (error instanceof WorldError) return 3;
    throw error;
  }
}

describe('of nothing', () => {
  beforeEach(() => {
    folder = gateFolder('version: 1\ngates: {}\n');
    mkdirSync(join(folder.folder, 'empty/canaries'), { recursive: true });
    mkdirSync(join(folder.folder, 'bare'));
    folder.write('empty/canaries/canaries.yaml', 'canaries: []\n');
    folder.write('empty.info', '');
    folder.write('empty.xml', '<testsuites/>');
    folder.write('zero.xml', '');
    folder.write('zero.json', '{}');
    symlinkSync('empty.info', join(folder.folder, 'link.info'));
  });

  test.each([
    ...['gates run', 'gates run --file empty', 'gates list', 'gates explain one', 'gates runbook'],
    ...['gates runbook --pack empty', 'gates verify', 'gates verify empty', 'gates report'],
    ...['gates coverage show', 'gates coverage show empty', 'gates coverage show empty.info'],
    ...['gates coverage show zero.json', 'gates coverage record zero.json', 'gates watch'],
    ...['findings classify --input junit:empty.xml', 'findings classify --input junit:zero.xml'],
    ...['findings classify empty', 'findings regress', 'findings regress --new zero.json'],
    ...['findings regress --new zero.json --ref zero.json', 'findings regress --ref none.json'],
    ...['findings export --from zero.json', 'findings baseline --input junit:empty.xml'],
    ...['verify', 'verify --all', 'report', 'show', 'logs'],
    ...['canaries run empty', 'canaries run bare', 'canaries run floor --only none'],
    ...['trust check empty', 'recipe lint bare', 'recipe lint'],
    ...['aether check bare', 'aether verify bare', 'aether format bare', 'aether risk bare'],
  ])('%s never ends with 0', async (line) => {
    expect(await codeOf(line)).toBeGreaterThan(0);
  });
});

const target = `target: {start: [node, ${server}, --port, $port], ready: stdout-json}\n`;
const gatesOf = (gates: string): string => `version: 1\n${target}gates:\n${gates}`;
const gateOf = (check: string, more = ''): string =>
  `  one:\n    kind: http\n${more}    checks: [{id: gate.one.asked, ${check}}]\n    canary: [{env: {A: b}, red: gate.one.asked}]\n`;

// [what, the check, code of the problem]
test.each([
  ['an expectation of nothing', 'request: {get: /}, expect: {}', 'GT006'],
  ['one of empty lists', 'request: {get: /}, expect: {json: {}, absent: [], headers: {}}', 'GT006'],
  ['one of no status', 'request: {get: /}, expect: {status: []}', 'GT006'],
])('%s is refused: every answer would pass', (_, check, code) => {
  folder = gateFolder('');
  const { problems } = loadGates('gates.yaml', bytesOf(gatesOf(gateOf(check))));
  expect(problems.map((problem) => problem.code)).toContain(code);
});

test('only gates that nobody requires are no decision', async () => {
  const check = 'request: {get: /status}, expect: {status: 200}';
  folder = gateFolder(gatesOf(gateOf(check, '    required: false\n')));
  expect((await folder.run()).code).toBe(3);
  expect(folder.results()._meta).toMatchObject({ decision: 'undecided', all_passed: false });
});

// [what, the check, what is said of it]
test.each([
  ['a stream without an event', 'kind: sse, request: {get: /silence}', 'no event came'],
  [
    'sources that nothing matches',
    'kind: spec-tests, sources: ["scr/**"], tests: ["test/**"]',
    'no file matches `sources`',
  ],
  ['a list of keys that is none', 'kind: signing, roots: [empty], keys: keys.yaml', 'has errors'],
  ['a missing list of keys', 'kind: signing, roots: [empty]', 'no keys file'],
  [
    'a policy about no destination',
    'kind: network-policy, via: {request: {get: /}}',
    'destination',
  ],
])('%s is no pass', async (_, check, said) => {
  folder = gateFolder(gatesOf(gateOf(check)));
  mkdirSync(join(folder.folder, 'empty'));
  folder.write('keys.yaml', 'version: 1\nkeys: []\n');
  expect((await folder.run()).code).toBeGreaterThan(0);
  expect(folder.results()['one']?.checks[0]?.summary).toContain(said);
});
