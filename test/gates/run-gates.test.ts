import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { gatesReport } from '../../src/cli/commands/gates-report.ts';
import { runCommand } from '../cli/run-command.ts';
import { gateFolder, server, type GateFolder } from './gate-folder.ts';

const made: GateFolder[] = [];
afterEach(() => {
  for (const each of made.splice(0)) each.remove();
});
function folderOf(gates: string, head = ''): GateFolder {
  const target = `target: {start: [node, ${server}, --port, $port], ready: stdout-json, stop: SIGTERM, boot: 10, faults: {variable: FAULTS, get: /status}}`;
  const folder = gateFolder(`version: 1\n${head}${target}\ngates:\n${gates}`);
  made.push(folder);
  return folder;
}

/** A gate of one check; its canary is there because the file must have one. */
const gate = (name: string, check: string, more = ''): string => `  ${name}:
    kind: http
${more}    checks:
      - {id: gate.${name}.asked, ${check}}
    canary: [{fault: any-token, red: gate.${name}.asked}]
`;
const status = 'request: {get: /status}, expect: {status: 200, json: {/running: true}}';

describe('states, decision and exit code', () => {
  test('all pass: go, exit 0, both files, evidence in the store', async () => {
    const folder = folderOf(gate('one', status) + gate('two', status));
    const { code, out } = await folder.run();
    expect([code, out]).toEqual([0, expect.stringContaining('decision: go')]);
    const { _meta: meta, one } = folder.results();
    expect(meta).toMatchObject({
      all_passed: true,
      decision: 'go',
      complete: true,
      dirty: false,
      profile: 'test',
      expected: ['one', 'two'],
      not_run: [],
      commit: folder.git('rev-parse', 'HEAD').trim(),
    });
    const store = join(folder.folder, '.seatrial/runs', String(meta['run_id']));
    for (const { path } of one?.evidence ?? []) expect(existsSync(join(store, path))).toBe(true);
    expect(folder.read('gate_sign_off.md')).toContain(
      '**Decision: GO** — 2 pass, 0 manual-pending, 0 fail, 0 error, 0 not-run of 2',
    );
  });

  test('a failed check: no-go, exit 1, and the note says what was seen', async () => {
    const folder = folderOf(gate('one', status.replace('true', 'false')) + gate('two', status));
    expect((await folder.run()).code).toBe(1);
    const { one, two, _meta: meta } = folder.results();
    expect([one?.state, two?.state, meta['decision']]).toEqual(['fail', 'pass', 'no-go']);
    expect(one?.checks[0]?.summary).toBe('/running is true, not false');
    expect(folder.read('gate_sign_off.md')).toMatch(/\| `one` \| ❌ fail \|.*gate\.one\.asked/u);
  });

  test('a failed gate that is not required is shown and not counted', async () => {
    const folder = folderOf(
      gate('one', status.replace('true', 'false'), '    required: false\n') + gate('two', status),
    );
    expect((await folder.run()).code).toBe(0);
    expect(folder.results()._meta['decision']).toBe('go');
    expect(folder.read('gate_sign_off.md')).toContain('❌ fail (not required)');
  });

  test('a subset is partial, exit 0; the others are no gates of the results', async () => {
    const folder = folderOf(gate('one', status) + gate('two', status) + gate('three', status));
    const { code } = await folder.run('--gates', 'two', 'three');
    const results = folder.results();
    expect([code, results._meta['decision'], results._meta['complete']]).toEqual([
      0,
      'partial',
      false,
    ]);
    expect(Object.keys(results)).toEqual(['_meta', 'two', 'three']);
    expect(results._meta['not_run']).toEqual(['one']);
    expect(folder.read('gate_sign_off.md')).toContain('| `one` | ⚪ not-run |  | not selected |');
  });
});

describe('the command line', () => {
  // [argv, what is said]
  test.each([
    [['--gates', 'oen'], 'no gate "oen"'],
    [['--gates', 'one', 'one'], 'twice'],
    [['--gates', 'one,'], 'empty'],
    [['--gates', ''], 'empty'],
    [['--all', '--gates', 'one'], 'exclude'],
    [['--gates'], 'argument missing'],
    [['one'], 'unexpected argument'],
    [['--jobs', '0'], '--jobs'],
    [['--target', 'ftp://x'], '--target'],
  ])('%j is a usage error; nothing runs and nothing is written', async (argv, said) => {
    const folder = folderOf(gate('one', status));
    const { code, err } = await folder.run(...argv);
    expect([code, err]).toEqual([2, expect.stringContaining(said)]);
    expect(existsSync(join(folder.folder, 'gate_results.json'))).toBe(false);
    expect(existsSync(join(folder.folder, '.seatrial'))).toBe(false);
  });
});

describe('a target that misbehaves', () => {
  const withFaults = (faults: string): string => `    env: {FAULTS: "${faults}"}\n`;

  test('one that hangs at its start is an error, and the next gate is asked', async () => {
    const folder = folderOf(
      gate('one', status, `${withFaults('hang')}    timeout: 2\n`) + gate('two', status),
    );
    expect((await folder.run()).code).toBe(3);
    const { one, two } = folder.results();
    expect([one?.state, two?.state]).toEqual(['error', 'pass']);
    expect(one?.details['error']).toMatch(/^timeout/u);
  });

  test('one that leaves a process behind is a named leak', async () => {
    const open = 'target: {start: [node, ' + server + ', --port, $port], ready: stdout-json}';
    const folder = folderOf(
      gate('one', status, `${withFaults('child')}    ${open}\n`) + gate('two', status),
    );
    expect((await folder.run()).code).toBe(3);
    const { one, two } = folder.results();
    expect([one?.state, two?.state]).toEqual(['error', 'pass']);
    const leak = one?.checks.find(({ id }) => id === 'gate.runner.leak.one');
    expect(leak?.summary).toMatch(/leak: process \d+ sleep/u);
  });

  test('faults that are switched on outside a canary are an error', async () => {
    const folder = folderOf(gate('one', status, withFaults('any-token')));
    expect((await folder.run()).code).toBe(3);
    expect(folder.results()['one']?.checks[0]?.summary).toContain('faults switched on: any-token');
  });

  test('one that cannot be started is an error', async () => {
    const folder = folderOf(gate('one', status, '    target: {start: [no-such-program]}\n'));
    expect((await folder.run()).code).toBe(3);
    expect(folder.results()['one']?.checks[0]?.summary).toContain('no-such-program');
  });
});

describe('isolation', () => {
  test('the environment is built from nothing', async () => {
    process.env['AETHERRA_LEFTOVER'] = 'x';
    const folder = folderOf(
      gate(
        'one',
        'request: {get: /env}, expect: {status: 200, absent: [/AETHERRA_LEFTOVER, /SEATRIAL_LOCKS], json: {/TZ: UTC, /LANG: C.UTF-8, /AETHERRA_QUIET: "1", /PYTHONHASHSEED: "0", /AETHERRA_PROFILE: dev}}',
      ),
    );
    const { code } = await folder.run('--profile', 'dev');
    delete process.env['AETHERRA_LEFTOVER'];
    expect(folder.results()['one']?.checks[0]?.summary).toBe('200 as expected');
    expect(code).toBe(0);
  });

  test('a secret of the run is never written', async () => {
    const folder = folderOf(
      gate(
        'one',
        'request: {get: /env}, expect: {status: 200}',
        '    env: {TOKEN: "$random:token"}\n',
      ),
    );
    expect((await folder.run()).code).toBe(0);
    const [ref] = folder.results()['one']?.evidence ?? [];
    const run = String(folder.results()._meta['run_id']);
    expect(folder.read(`.seatrial/runs/${run}/${ref?.path ?? ''}`)).toContain('[REDACTED:token]');
  });

  test('a watched file that changes is a leak', async () => {
    const folder = folderOf(
      gate('one', 'kind: command, run: [sh, -c, "echo x > $here/kept.txt"]'),
      'watch: [kept.txt]\n',
    );
    expect((await folder.run()).code).toBe(3);
    expect(folder.results()['one']?.checks.at(-1)?.summary).toBe('leak: kept.txt changed');
  });
});

test('order and parallel running do not change what is said', async () => {
  const safe = '    parallel: safe\n';
  const folder = folderOf(['one', 'two', 'three'].map((name) => gate(name, status, safe)).join(''));
  expect((await folder.run('--jobs', '3')).code).toBe(0);
  expect(Object.keys(folder.results())).toEqual(['_meta', 'one', 'two', 'three']);
});

test('a running system is judged, and a gate that would change it is not run', async () => {
  const folder = folderOf(
    gate('one', status) + gate('two', 'request: {post: /api, body: {a: 1}}, expect: {status: 403}'),
  );
  const { runningServer } = await import('./running-server.ts');
  const running = await runningServer();
  const { code } = await folder.run('--target', running.url);
  await running.stop();
  const { one, two, _meta: meta } = folder.results();
  expect([one?.state, two?.state, meta['decision'], code]).toEqual([
    'pass',
    'not-run',
    'undecided',
    3,
  ]);
  expect(two?.details['error']).toBe('gate.two.asked may change the running system');
});

test('untrusted text is inert in the sign-off', async () => {
  const folder = folderOf(gate('one', 'request: {get: /note}, expect: {json: {/note: fine}}'));
  await folder.run();
  const signOff = folder.read('gate_sign_off.md');
  const row = signOff.split('\n').find((line) => line.startsWith('| `one`')) ?? '';
  expect(row.split('|')).toHaveLength(7);
  expect(signOff).not.toContain('<script>');
  expect(signOff).not.toContain('\u202e');
  const { out } = await runCommand(gatesReport, ['--format', 'html'], folder.around);
  expect(out).not.toContain('<script>alert');
});

test('the report makes both files again, byte for byte', async () => {
  const folder = folderOf(gate('one', status));
  await folder.run();
  const before = [folder.read('gate_results.json'), folder.read('gate_sign_off.md')];
  const json = await runCommand(gatesReport, ['--json'], folder.around);
  const markdown = await runCommand(gatesReport, [], folder.around);
  expect([json.out, markdown.out, json.code]).toEqual([...before, 0]);
});

test('a run that was interrupted leaves truthful files and exit 130', async () => {
  const folder = folderOf(
    gate('one', status) + gate('two', 'kind: command, run: [sleep, "60"]') + gate('three', status),
  );
  const stop = new AbortController();
  const { gatesRun } = await import('../../src/cli/commands/gates-run.ts');
  const { makeStopper } = await import('./running-server.ts');
  const ended = await runCommand(gatesRun, [], {
    ...folder.around,
    signal: stop.signal,
    ...makeStopper(folder, stop),
  });
  const { one, two, three, _meta: meta } = folder.results();
  expect(ended.code).toBe(130);
  expect([one?.state, two?.state, three?.state]).toEqual(['pass', 'not-run', 'not-run']);
  expect(meta).toMatchObject({ decision: 'undecided', all_passed: false });
});
