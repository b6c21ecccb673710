import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { baselineSchema } from '../../src/findings/baseline-schema.ts';
import {
  classificationSchema,
  type Classification,
} from '../../src/findings/classification-schema.ts';
import { regressResultSchema } from '../../src/findings/regress-schema.ts';
import { InvalidInput, type Command } from '../../src/cli/command.ts';
import { findingsBaseline } from '../../src/cli/commands/findings-baseline.ts';
import { findingsClassify } from '../../src/cli/commands/findings-classify.ts';
import { findingsExport } from '../../src/cli/commands/findings-export.ts';
import { findingsFlakes } from '../../src/cli/commands/findings-flakes.ts';
import { findingsImport } from '../../src/cli/commands/findings-import.ts';
import { findingsRegress } from '../../src/cli/commands/findings-regress.ts';
import { findingsSuppress } from '../../src/cli/commands/findings-suppress.ts';
import { findingsTrends } from '../../src/cli/commands/findings-trends.ts';
import { runCommand, type Ended } from './run-command.ts';

let cwd = '';
beforeEach(() => {
  cwd = fs.mkdtempSync(join(tmpdir(), 'seatrial-findings-'));
});
afterEach(() => {
  fs.rmSync(cwd, { recursive: true, force: true });
});

const march = 1_772_366_400;
const env = { SOURCE_DATE_EPOCH: String(march) };
const run = async (command: Command, ...argv: string[]): Promise<Ended> => {
  try {
    return await runCommand(command, argv, { cwd, env });
  } catch (error) {
    if (error instanceof InvalidInput) return { code: 2, out: '', err: '' };
    throw error;
  }
};
function write(files: Readonly<Record<string, string>>): void {
  for (const [name, content] of Object.entries(files)) {
    fs.mkdirSync(join(cwd, name, '..'), { recursive: true });
    fs.writeFileSync(join(cwd, name), content);
  }
}
const read = (name: string) => fs.readFileSync(join(cwd, name), 'utf8');
const classification = (): Classification =>
  classificationSchema.parse(JSON.parse(read('workflow_failures.json')));

const foo = 'goal: "x"\nx: summarize(foo(1))\n';
const bar = 'goal: "x"\nx: summarize(bar(1))\n';
const clean = 'goal: "x"\n';
const broken = 'goal: "x"\nx: [1\n';
const junit = (cases: string) => `<testsuite name="s">${cases}</testsuite>`;
const failing = (name: string) => `<testcase name="${name}"><failure message="no"/></testcase>`;

/** A record for the only finding of a workflow. */
function suppress(path: string): string {
  const { fingerprint } = classification().workflows.find((each) => each.path === path) ?? {};
  const record = {
    ...{ fingerprint, reason: 'waits for the migration', owner: 'mara' },
    ...{ created: '2026-02-01', expires: '2026-06-01' },
  };
  return `- ${JSON.stringify(record)}\n`;
}

describe('workflows', () => {
  test('classify writes both artifacts, a snapshot and trends, the same bytes each time', async () => {
    write({ 'wf/a.aether': clean, 'wf/b.aether': foo, 'wf/sub/c.aether': broken });
    const first = await run(findingsClassify, '--root', 'wf');
    expect(first.code).toBe(0);
    const before = read('workflow_failures.json');
    expect(classification().workflows.map(({ path, code }) => [path, code])).toEqual([
      ['a.aether', 0],
      ['b.aether', 25],
      ['sub/c.aether', 20],
    ]);
    expect(read('workflow_failures.md')).toMatch(/^# Workflow Failure Classification\n/);
    await run(findingsClassify, '--root', 'wf', '--jobs', '2');
    expect(read('workflow_failures.json')).toBe(before);
    const names = fs.readdirSync(join(cwd, '.aetherra/workflow_history'));
    expect(names.sort()).toEqual([
      '20260301T120000-2_classification.json',
      '20260301T120000_classification.json',
      'trends.json',
    ]);
    const trends = JSON.parse(read('.aetherra/workflow_history/trends.json')) as unknown[];
    expect(trends).toMatchObject([
      { failed: 2, total: 3 },
      { failed: 2, total: 3 },
    ]);
  });

  test('suppress one finding: no other. Ten lines above: still. Another message: not', async () => {
    write({ 'a.aether': foo, 'b.aether': bar });
    await run(findingsClassify);
    write({ 'seatrial.suppressions.yaml': suppress('a.aether') });
    const state = async () => {
      await run(findingsClassify);
      return classification().workflows.map(({ suppressed }) => suppressed);
    };
    expect(await state()).toEqual([true, false]);
    const lines = Array.from({ length: 10 }, (_, at) => `n${String(at)}: reflect()\n`).join('');
    write({ 'a.aether': `goal: "x"\r\n${lines}    \nx:   summarize( foo(1) )  # why\n` });
    expect(await state()).toEqual([true, false]);
    write({ 'a.aether': foo.replace('foo', 'foo2') });
    expect(await state()).toEqual([false, false]);
  });

  test.each([
    ['none', 0],
    ['unsuppressed', 0],
    ['any', 1],
  ])('--fail-on %s of suppressed failures: %i', async (which, code) => {
    write({ 'a.aether': foo });
    await run(findingsClassify, '--no-history');
    write({ 'seatrial.suppressions.yaml': suppress('a.aether') });
    expect((await run(findingsClassify, '--no-history', '--fail-on', which)).code).toBe(code);
    write({ 'b.aether': bar });
    const more = which === 'none' ? 0 : 1;
    expect((await run(findingsClassify, '--no-history', '--fail-on', which)).code).toBe(more);
  });
});

describe('parts and leftovers', () => {
  test('an unused suppression fails where that is asked for', async () => {
    write({ 'a.aether': clean, '.aetherra/workflow_suppressions.txt': 'deadbeefcafe1234  # x\n' });
    const ended = await run(findingsClassify);
    expect(ended.code).toBe(0);
    expect(ended.err).toMatch(/W_SUPPRESS_NO_OWNER[^]*W_SUPPRESS_UNUSED/);
    expect((await run(findingsClassify, '--fail-on-unused')).code).toBe(1);
  });

  test('a part of the input is marked, kept out of the history and unfit as a baseline', async () => {
    write({ 'a.aether': foo, 'b.aether': bar, 'c.aether': clean });
    await run(findingsClassify, '--limit', '2');
    expect(classification().summary).toMatchObject({ total: 2, limited: { limit: 2 } });
    expect(fs.existsSync(join(cwd, '.aetherra'))).toBe(false);
    const sample = async (seed: string) => {
      await run(findingsClassify, '--sample', '1', '--seed', seed);
      return classification().workflows.map(({ path }) => path);
    };
    expect(await sample('3')).toEqual(await sample('3'));
    const picked = new Set((await Promise.all(['1'].map(sample))).flat());
    for (const seed of ['2', '4', '5', '6', '7'])
      for (const path of await sample(seed)) picked.add(path);
    expect(picked.size).toBeGreaterThan(1);
  });
});

describe('baselines of workflows', () => {
  test('regress: moved is fine, broken is not, whatever was fixed', async () => {
    write({ 'wf/a.aether': foo, 'wf/b.aether': clean });
    await run(findingsBaseline, '--root', 'wf', '--output', 'ref.json');
    expect(baselineSchema.parse(JSON.parse(read('ref.json'))).total).toBe(2);
    const compare = async (...more: string[]) => {
      await run(findingsBaseline, '--root', 'wf', '--output', 'new.json');
      return run(findingsRegress, '--new', 'new.json', '--ref', 'ref.json', ...more);
    };
    write({ 'wf/a.aether': `goal: "x"\n\n\n${foo.slice(10)}` });
    const moved = await compare('--per-fingerprint', '--ratchet');
    expect(moved.code).toBe(0);
    expect(regressResultSchema.parse(JSON.parse(moved.out)).moved.length).toBe(1);
    write({ 'wf/a.aether': clean, 'wf/b.aether': bar });
    expect((await compare()).code).toBe(0);
    const worse = await compare('--per-fingerprint');
    expect([worse.code, worse.err]).toEqual([1, expect.stringMatching(/it got worse, 1 new/)]);
    write({ 'wf/b.aether': clean });
    expect((await compare('--update')).code).toBe(0);
    expect(read('ref.json')).toBe(read('new.json'));
    fs.rmSync(join(cwd, 'wf/b.aether'));
    const shrunk = await compare();
    expect([shrunk.code, shrunk.err]).toEqual([2, expect.stringMatching(/1 fewer/)]);
  });

  test('what is set aside does not count as worse', async () => {
    write({ 'wf/a.aether': clean });
    await run(findingsBaseline, '--root', 'wf', '--output', 'ref.json');
    write({ 'wf/a.aether': foo });
    await run(findingsClassify, '--root', 'wf');
    write({ 'seatrial.suppressions.yaml': suppress('a.aether') });
    await run(findingsBaseline, '--root', 'wf', '--output', 'new.json');
    const argv = ['--new', 'new.json', '--ref', 'ref.json', '--per-fingerprint'];
    expect((await run(findingsRegress, ...argv)).code).toBe(0);
    fs.rmSync(join(cwd, 'seatrial.suppressions.yaml'));
    expect((await run(findingsRegress, ...argv)).code).toBe(1);
  });

  test('results of the reference checker are kept apart', async () => {
    write({ 'a.aether': broken });
    await run(findingsBaseline, '--output', 'ours.json');
    await run(findingsBaseline, '--output', 'theirs.json', '--compat', 'reference');
    expect(baselineSchema.parse(JSON.parse(read('theirs.json'))).checker).toBe('reference');
    const ended = await run(findingsRegress, '--new', 'ours.json', '--ref', 'theirs.json');
    expect([ended.code, ended.err]).toEqual([2, expect.stringMatching(/checker/)]);
  });

  test('--init writes a first reference, without it a missing one is code 2', async () => {
    write({ 'a.aether': foo });
    await run(findingsBaseline, '--output', 'new.json');
    const argv = ['--new', 'new.json', '--ref', 'ref.json'];
    expect((await run(findingsRegress, ...argv)).code).toBe(2);
    expect((await run(findingsRegress, ...argv, '--init')).code).toBe(0);
    expect(read('ref.json')).toBe(read('new.json'));
  });
});

describe('code 2', () => {
  test.each<readonly [what: string, command: Command, argv: readonly string[]]>([
    ['no input there', findingsClassify, ['--input', 'junit:gone.xml']],
    ['a report that was cut off', findingsClassify, ['--input', 'cut.xml']],
    ['a report without tests', findingsClassify, ['--input', 'empty.xml']],
    ['nothing tells the kind', findingsClassify, ['--input', 'what.bin']],
    ['bytes that are no UTF-8', findingsClassify, ['--input', 'junit:bad.xml']],
    ['no workflow', findingsClassify, ['--root', 'nothing']],
    ['a folder that is not there', findingsClassify, ['--root', 'gone']],
    ['limit and sample', findingsClassify, ['--limit', '1', '--sample', '1']],
    ['invalid suppressions', findingsClassify, ['--input', 'ok.xml', '--suppressions', 'bad.yaml']],
    [
      'suppressions that are not there',
      findingsClassify,
      ['--input', 'ok.xml', '--suppressions', 'x'],
    ],
    ['a baseline that is none', findingsRegress, ['--new', 'empty.json', '--ref', 'empty.json']],
    ['no classification', findingsExport, []],
    ['prune without a reason', findingsSuppress, ['prune']],
    ['runs that are missing', findingsFlakes, ['--before', 'ok.xml']],
  ])('%s', async (_, command, argv) => {
    write({
      'cut.xml': junit(failing('a')).slice(0, -5),
      'empty.xml': '<testsuites/>',
      'what.bin': 'hello',
      'nothing/x.txt': '',
      'ok.xml': junit('<testcase name="a"/>'),
      'bad.yaml': '- {owner: x}\n',
      'empty.json': '{}',
    });
    fs.writeFileSync(join(cwd, 'bad.xml'), Buffer.from([0x3c, 0xff, 0xfe]));
    expect((await run(command, ...argv)).code).toBe(2);
    expect(fs.existsSync(join(cwd, 'workflow_failures.json'))).toBe(false);
  });
});

describe('reports of tests', () => {
  test('classify, baseline and regress work alike', async () => {
    write({
      'r.xml': junit(failing('a') + '<testcase name="b"/>'),
      's.xml': junit(failing('b') + '<testcase name="a"/>'),
    });
    expect((await run(findingsClassify, '--input', 'r.xml', '--fail-on', 'any')).code).toBe(1);
    await run(findingsBaseline, '--input', 'r.xml', '-o', 'ref.json');
    await run(findingsBaseline, '--input', 's.xml', '-o', 'new.json');
    const argv = ['--new', 'new.json', '--ref', 'ref.json'];
    expect((await run(findingsRegress, ...argv)).code).toBe(0);
    expect((await run(findingsRegress, ...argv, '--per-fingerprint')).code).toBe(1);
  });

  test('what is imported is read back as it was', async () => {
    write({
      'r.xml': junit(failing('a') + '<testcase name="b"/>'),
      't.tap': '1..1\nnot ok 1 - x\n',
    });
    const inputs = ['--input', 'r.xml', '--input', 't.tap'];
    await run(findingsImport, ...inputs, '-o', 'all.jsonl');
    await run(findingsClassify, ...inputs);
    const direct = classification();
    await run(findingsClassify, '--input', 'findings:all.jsonl');
    expect(classification()).toEqual(direct);
    expect(direct.summary.inputs).toEqual(['junit', 'tap']);
  });

  test('a folder of reports is one input, and one that is broken refuses it', async () => {
    write({
      'out/TEST-b.xml': junit(failing('b')),
      'out/TEST-a.xml': junit('<testcase name="a"/>'),
      'out/notes.txt': 'x',
    });
    expect((await run(findingsClassify, '--input', 'junit:out/')).code).toBe(0);
    expect(classification().workflows.map(({ path }) => path)).toEqual(['s › a', 's › b']);
    write({ 'out/TEST-c.xml': '<testsuite>\n<x' });
    const { code, err } = await run(findingsClassify, '--input', 'junit:out');
    expect([code, err]).toEqual([2, expect.stringMatching(/^out\/TEST-c\.xml:2:\d+: /)]);
    fs.mkdirSync(join(cwd, 'none'));
    expect((await run(findingsClassify, '--input', 'junit:none')).code).toBe(2);
  });

  test('what passes alone is flaky, and does not fail', async () => {
    write({ 'r.xml': junit(failing('a')), 'again.xml': junit('<testcase name="a"/>') });
    const argv = ['--input', 'r.xml', '--alone', 'again.xml', '--fail-on', 'any'];
    expect((await run(findingsClassify, ...argv)).code).toBe(0);
    expect(classification().summary.flaky).toEqual([{ path: 's › a', message: 'no' }]);
  });

  test('flakes: a test that broke fails, one that is flaky does not', async () => {
    write({ 'good.xml': junit('<testcase name="a"/>'), 'bad.xml': junit(failing('a')) });
    const before = ['--before', 'good.xml', '--before', 'good.xml'];
    const broke = await run(findingsFlakes, ...before, '--after', 'bad.xml', '--alone', 'bad.xml');
    expect([broke.code, broke.out]).toEqual([1, expect.stringMatching(/^broken/m)]);
    const flaky = await run(findingsFlakes, ...before, '--after', 'bad.xml', '--alone', 'good.xml');
    expect([flaky.code, flaky.out]).toEqual([0, expect.stringMatching(/^flaky/m)]);
  });
});

test('template, list and prune', async () => {
  write({ 'a.aether': foo, 'b.aether': bar });
  await run(findingsClassify);
  const template = await run(findingsSuppress, 'template', '--top', '1');
  expect(template.out).toMatch(/"owner": "TODO"/);
  write({ 'seatrial.suppressions.yaml': template.out });
  expect((await run(findingsSuppress, 'list')).code).toBe(2);
  write({ 'seatrial.suppressions.yaml': suppress('a.aether') + suppress('b.aether') });
  const listed = JSON.parse((await run(findingsSuppress, 'list', '--json')).out) as object;
  expect(listed).toMatchObject({ entries: [{ state: 'active', days_left: 92 }, {}] });
  write({ 'b.aether': clean });
  await run(findingsClassify);
  expect((await run(findingsSuppress, 'prune', '--unused', '--dry-run')).out).toMatch(
    /would remove .*\n1 of 2/,
  );
  await run(findingsSuppress, 'prune', '--unused');
  expect(read('seatrial.suppressions.yaml').trimEnd().split('\n').length).toBe(1);
});

test('trends tell what came back, and a corrupt file is told anew', async () => {
  for (const content of [foo, clean, foo]) {
    write({ 'a.aether': content });
    await run(findingsClassify);
  }
  const told = await run(findingsTrends, '--json');
  expect(JSON.parse(told.out)).toMatchObject({ came_back: [{ subjects: ['a.aether'] }] });
  fs.writeFileSync(join(cwd, '.aetherra/workflow_history/trends.json'), '[{');
  const again = await run(findingsTrends, '--json');
  expect([again.out, again.err]).toEqual([told.out, expect.stringMatching(/corrupt/)]);
});

test.each(['sarif', 'junit', 'json', 'markdown'])('export as %s', async (format) => {
  write({ 'a.aether': foo });
  await run(findingsClassify);
  const { code, out } = await run(findingsExport, '--format', format);
  expect(code).toBe(0);
  expect(out).toContain(format === 'markdown' ? 'ValidationError' : 'unknown function');
});
