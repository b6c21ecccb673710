import { spawnSync } from 'node:child_process';
import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { overlayReaders } from '../../../src/checks/overlay-readers.ts';
import { makeOverlayRunner } from '../../../src/drivers/overlays/runner.ts';
import { makeProcesses } from '../../../src/drivers/process/run.ts';
import { sandboxHere } from '../sandbox/sandbox-here.ts';
import { facts, makeChecksFolder, runOnly, textOf, verdictsOf } from './checks-folder.ts';

const present = spawnSync('python3', ['-m', 'pytest', '--version']).status === 0;
const run = (text: string, options: Parameters<typeof runOnly>[1] = {}) =>
  runOnly({ 'test_upgrade.py': text }, options);

const suite = `import pytest

@pytest.fixture
def broken():
    raise OSError("x")

@pytest.fixture
def breaks_after():
    yield
    raise OSError("y")

def test_passes(): pass
def test_fails(): assert 1 == 2
def test_skips(): pytest.skip("no mail")
@pytest.mark.parametrize("n", [1, 2])
def test_one_of_two(n): assert n == 1
def test_fixture(broken): pass
def test_teardown(breaks_after): pass
@pytest.mark.xfail
def test_expected(): assert False
class TestA:
    def test_x(self): pass
class TestB:
    def test_x(self): assert False
class TestUncollected:
    def __init__(self): pass
    def test_y(self): pass
def test_context(ctx, live_app, deps, requires_deps):
    assert ctx["app"] == "notes" and ctx["markers"] == []
    assert live_app == "http://127.0.0.1:1" and deps["db"] == {"port": 1}
def test_unselected(): open("ran", "w")
`;
const answers: [id: string, verdict: string, message: RegExp][] = [
  ['test-passes', 'passed', /^passed$/],
  ['test-fails', 'failed', /1 == 2/],
  ['test-skips', 'inconclusive', /no mail/],
  ['test-one-of-two', 'failed', /of 2 cases/],
  ['test-fixture', 'error', /setup/],
  ['test-teardown', 'error', /teardown/],
  ['test-expected', 'inconclusive', /inconclusive/],
  ['test-x-test-a', 'passed', /^passed$/],
  ['test-x-test-b', 'failed', /False/],
  ['test-y', 'not-run', /did not run/],
  ['test-context', 'passed', /^passed$/],
];
const endings: [what: string, text: string, verdicts: string[], message: RegExp][] = [
  [
    'collects nothing',
    'class TestA:\n    def __init__(self): pass\n    def test_x(self): pass',
    ['test-x not-run'],
    /did not run/,
  ],
  [
    'cannot be imported',
    'import nope\ndef test_a(): pass',
    ['test-a error'],
    /collected \(exit code 2\)/,
  ],
  ['leaves early with 0', 'import os\ndef test_a(): os._exit(0)', ['test-a error'], /no report/],
  [
    'stops pytest with 0',
    'import pytest\ndef test_a(): pytest.exit("x", returncode=0)\ndef test_b(): pass',
    ['test-a not-run', 'test-b not-run'],
    /did not run/,
  ],
  [
    'needs what is not there',
    'def test_a(live_app): pass\ndef test_b(requires_deps): pass',
    ['test-a inconclusive', 'test-b inconclusive'],
    /no HTTP/,
  ],
];

// Starting pytest with the plugins of a host can take a second or more.
describe.skipIf(!present)('with pytest', { timeout: 60_000 }, () => {
  test('each function has its answer, and nothing is left beside the file', async () => {
    const made = await makeChecksFolder({ 'test_upgrade.py': suite });
    const selection = await made.selection();
    const outcomes = await made.runner.run(
      { ...selection, checks: selection.checks.slice(0, -1) },
      { ...facts, url: 'http://127.0.0.1:1', deps: { db: { port: 1 } } },
      { folder: made.folder, timeoutMs: 5000 },
    );
    expect(outcomes.map(({ id, verdict, message }) => [id, verdict, message])).toEqual(
      answers.map(([id, verdict, message]) => [
        `overlay.upgrade.${id}`,
        verdict,
        expect.stringMatching(message) as unknown,
      ]),
    );
    expect(textOf(outcomes[0], 'pytest.xml')).not.toMatch(/unselected/);
    expect(await readdir(made.folder)).toEqual(['test_upgrade.py']);
  });

  test.each(endings)('a file that %s', async (_, text, verdicts, message) => {
    const outcomes = await run(text);
    expect(verdictsOf(outcomes)).toEqual(verdicts);
    expect(outcomes[0]?.message).toMatch(message);
  });
});

// A `python3` of this test's own stands in for hosts and endings that cannot be had at will.
const hosts: [what: string, python: string | undefined, message: RegExp][] = [
  ['no python3', undefined, /^unavailable: no python3/],
  [
    'no pytest',
    'echo "/usr/bin/python3: No module named pytest" >&2; exit 1',
    /^unavailable: .*no pytest/,
  ],
  ['an internal error', 'exit 3', /pytest failed \(exit code 3\)/],
  ['a wrong call', 'exit 4', /called wrongly/],
  ['no report', 'exit 0', /left no report/],
  ['a killed pytest', 'kill -KILL $$', /SIGKILL/],
];
test.each(hosts)('a host with %s', async (_, python, message) => {
  const made = await makeChecksFolder({ 'test_upgrade.py': 'def test_a(): pass\n' });
  const programs = join(made.work, 'bin');
  await mkdir(programs);
  if (python !== undefined) {
    await writeFile(join(programs, 'python3'), `#!/bin/sh\n${python}\n`);
    await chmod(join(programs, 'python3'), 0o755);
  }
  const runner = makeOverlayRunner({
    sandbox: sandboxHere,
    processes: makeProcesses({ searchPath: programs, guarded: false }),
    readers: overlayReaders,
    node: process.execPath,
    path: programs,
    work: made.work,
  });
  const outcomes = await runner.run(await made.selection(), facts, {
    folder: made.folder,
    timeoutMs: 5000,
  });
  expect(verdictsOf(outcomes)).toEqual(['test-a error']);
  expect(outcomes[0]?.message).toMatch(message);
});

test('says when pytest is not there', () => {
  if (!present) process.stderr.write('LEFT OUT: Python checks, since python3 has no pytest\n');
  expect(typeof present).toBe('boolean');
});
