// The rows of the acceptance table that need no kernel, each on a small server. The others are asked
// of the kernel's own pack.

import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { dsse } from '@sigstore/core';
import { afterEach, expect, test } from 'vitest';
import { gatesAttest } from '../../src/cli/commands/gates-attest.ts';
import { gatesVerify } from '../../src/cli/commands/gates-verify.ts';
import { keysNew } from '../../src/cli/commands/keys-new.ts';
import { UsageError } from '../../src/cli/command.ts';
import { parseKeys } from '../../src/evidence/keys.ts';
import { makeSource } from '../../src/diagnostics/source.ts';
import { loadGates } from '../../src/gates/load-gates.ts';
import { judgeManual } from '../../src/gates/manual-record.ts';
import { reportGates } from '../../src/gates/gates-report.ts';
import { runGates } from '../../src/gates/run-gates.ts';
import { runCommand } from '../cli/run-command.ts';
import { gateFolder, server, type GateFolder } from './gate-folder.ts';
import { bytesOf } from './gates-text.ts';
import { manualCase } from './manual-case.ts';
import { ranGates } from './ran-gates.ts';

const made: GateFolder[] = [];
afterEach(() => {
  for (const each of made.splice(0)) each.remove();
});
const target = `target: {start: [node, ${server}, --port, $port], ready: stdout-json, boot: 10}\n`;
const fileOf = (...gates: readonly string[]): string =>
  `version: 1\n${target}gates:\n${gates.join('')}`;
const gate = (name: string, check: string, more = ''): string =>
  `  ${name}:\n    kind: http\n${more}    checks: [{id: gate.${name}.asked, ${check}}]\n    canary: [{env: {A: b}, red: gate.${name}.asked}]\n`;
const status = 'request: {get: /status}, expect: {status: 200}';
const manual = gate('seen', status, '    manual: {signers: [ann]}\n');

async function opened(yaml: string): Promise<GateFolder> {
  const folder = gateFolder(yaml);
  made.push(folder);
  folder.write('note.md', 'I saw it.\n');
  const argv = ['--owner', 'ann', '--out', 'ann.key', '--keys', 'seatrial.keys.yaml'];
  await runCommand(keysNew, argv, folder.around);
  folder.git('add', '.');
  folder.git('commit', '-qm', 'keys');
  return folder;
}
const attest = (folder: GateFolder) =>
  runCommand(
    gatesAttest,
    [
      ...['seen', '--statement', 'I watched it for an hour.'],
      ...['--evidence', 'note.md', '--key', 'ann.key'],
    ],
    folder.around,
  );

test('rows 1 and 2: pending, strict no-go, and go once somebody signed', async () => {
  const folder = await opened(fileOf(gate('one', status), manual));
  expect((await folder.run()).code).toBe(0);
  expect(folder.results()).toMatchObject({
    _meta: { decision: 'pending' },
    one: { state: 'pass' },
    seen: { state: 'manual-pending' },
  });
  expect((await folder.run('--strict-manual')).code).toBe(1);
  expect((await attest(folder)).code).toBe(0);
  expect((await folder.run('--strict-manual', '--sign', 'ann.key')).code).toBe(0);
  const { payload } = JSON.parse(folder.read('gate_sign_off.intoto.jsonl')) as { payload: string };
  expect(Buffer.from(payload, 'base64').toString()).toContain('"SEATRIAL_GO"');
});

test('row 3: previous commit, 73 hours, revoked key, no evidence: four reasons', async () => {
  const { question, found } = await manualCase();
  const reason = (change: Partial<typeof question>, objects = found.objects): string =>
    judgeManual({ ...question, ...change }, [{ ...found, objects }]).reason;
  const later = new Date(question.now.getTime() + 73 * 3_600_000);
  const revoked = question.keys.map((key) => ({
    ...key,
    revoked: { at: '2026-01-01T00:00:00Z', reason: 'lost' },
  }));
  expect([
    reason({ commit: 'b'.repeat(40) }),
    reason({ now: later }),
    reason({ keys: revoked }),
    reason({}, new Map()),
  ]).toEqual(['other commit', 'stale by 1 h', 'key revoked', 'evidence missing: note.md']);
});

test('row 4: a wrong selection runs nothing and writes nothing', async () => {
  const folder = await opened(fileOf(gate('one', status)));
  for (const argv of [['--gates', 'no_such_gate'], ['--gates'], ['--all', '--gates', 'one']])
    expect((await folder.run(...argv)).code).toBe(2);
  expect(fs.readdirSync(folder.folder)).not.toContain('gate_results.json');
  expect(fs.readdirSync(folder.folder)).not.toContain('.seatrial');
});

test('row 5: two of three are partial; the third is no gate of the JSON', async () => {
  const folder = await opened(fileOf(gate('one', status), gate('two', status), manual));
  expect((await folder.run('--gates', 'one', 'two')).code).toBe(0);
  expect(folder.results()._meta['decision']).toBe('partial');
  expect(folder.results()['seen']).toBeUndefined();
  expect(folder.read('gate_sign_off.md').match(/⚪ not-run/gu)).toHaveLength(1);
});

test('row 6: order changes nothing, and what one gate leaves to another is named', async () => {
  const leaves =
    'kind: command, run: [sh, -c, "export TOKEN=x; cd /; echo mock > $here/registered"]';
  const asks = 'kind: command, run: [sh, -c, "pwd; test -z $TOKEN; ls -A | grep -v .tmp | wc -l"]';
  const first = gate('first', leaves);
  const second = gate('second', `${asks}, expect: {stdout: {matches: "^/.*second\\n0$"}}`);
  for (const gates of [
    [first, second],
    [second, first],
  ]) {
    const folder = await opened(`watch: [registered]\n${fileOf(...gates)}`);
    expect((await folder.run()).code).toBe(3);
    const results = folder.results();
    expect([results['first']?.state, results['second']?.state]).toEqual(['error', 'pass']);
    expect(results['first']?.checks.at(-1)?.summary).toBe('leak: registered changed');
  }
});

test('row 7: a target that hangs at its start is an error, and nothing of it is left', async () => {
  const hang = gate('one', status, '    env: {FAULTS: hang}\n    timeout: 1\n');
  const folder = await opened(fileOf(hang));
  expect((await folder.run()).code).toBe(3);
  expect(folder.results()['one']?.details['error']).toMatch(/^timeout/u);
  const processes = execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' });
  expect(processes).not.toContain(folder.folder);
});

test('row 9: one flipped byte of anything that a sign-off rests on is named', async () => {
  const folder = await opened(fileOf(gate('one', status), manual));
  await attest(folder);
  await folder.run('--sign', 'ann.key');
  const root = join(folder.folder, '.seatrial/runs', String(folder.results()._meta['run_id']));
  const inBundle = fs
    .readdirSync(root, { recursive: true, encoding: 'utf8' })
    .map((name) => join(root, name))
    .filter((path) => fs.statSync(path).isFile());
  const documents = fs
    .readdirSync(folder.folder)
    .filter((name) => name.startsWith('gate_'))
    .map((name) => join(folder.folder, name));
  expect([inBundle.length > 9, documents.length]).toEqual([true, 3]);
  const verify = async () => {
    try {
      const { code, out, err } = await runCommand(gatesVerify, ['.'], folder.around);
      return { code, told: out + err };
    } catch (error) {
      if (error instanceof UsageError || !(error instanceof Error)) throw error;
      return { code: 3, told: error.message };
    }
  };
  expect((await verify()).code).toBe(0);
  for (const path of [...documents, ...inBundle]) {
    const bytes = fs.readFileSync(path);
    const flipped = Buffer.from(bytes);
    const at = Math.floor(bytes.length / 2);
    flipped[at] = (flipped[at] ?? 0) ^ 1;
    fs.writeFileSync(path, flipped);
    const { code, told } = await verify();
    const name = relative(path.startsWith(root) ? root : folder.folder, path);
    expect(code, name).toBeGreaterThan(0);
    expect(told).toMatch(name === 'gate_results.json' ? /gate_results|no run/u : name);
    fs.writeFileSync(path, bytes);
  }
});

test('row 9: the signature holds for programs that are not ours', async () => {
  const folder = await opened(fileOf(gate('one', status)));
  await folder.run('--sign', 'ann.key');
  const envelope = JSON.parse(folder.read('gate_sign_off.intoto.jsonl')) as {
    readonly payloadType: string;
    readonly payload: string;
    readonly signatures: readonly { readonly sig: string }[];
  };
  const payload = Buffer.from(envelope.payload, 'base64');
  const { keys } = parseKeys(makeSource('keys', folder.read('seatrial.keys.yaml')));
  const der = Buffer.from(keys[0]?.publicKey ?? new Uint8Array()).toString('base64');
  const file = (name: string, content: string | Uint8Array): string => {
    fs.writeFileSync(join(folder.folder, name), content);
    return join(folder.folder, name);
  };
  const pem = file('ann.pem', `-----BEGIN PUBLIC KEY-----\n${der}\n-----END PUBLIC KEY-----\n`);
  const sig = file('sig', Buffer.from(envelope.signatures[0]?.sig ?? '', 'base64'));
  const openssl = (bytes: Uint8Array): string => {
    const argv = ['-verify', '-pubin', '-inkey', pem, '-rawin', '-in', file('pae', bytes)];
    try {
      return execFileSync('openssl', ['pkeyutl', ...argv, '-sigfile', sig], { encoding: 'utf8' });
    } catch {
      return 'refused';
    }
  };
  const bytes = dsse.preAuthEncoding(envelope.payloadType, payload);
  expect(openssl(bytes)).toContain('Successfully');
  const changed = Buffer.from(bytes);
  changed[changed.length - 9] = (changed[changed.length - 9] ?? 0) ^ 1;
  expect(openssl(changed)).toBe('refused');
  const { subject } = JSON.parse(payload.toString()) as {
    subject: readonly { readonly name: string; readonly digest: Record<string, string> }[];
  };
  // As any reader of in-toto statements would compare them.
  for (const name of ['gate_results.json', 'gate_sign_off.md']) {
    const sum = execFileSync('sha256sum', [join(folder.folder, name)], { encoding: 'utf8' });
    expect(subject.find((each) => each.name === name)?.digest['sha256']).toBe(sum.slice(0, 64));
  }
});

test('row 10: an unknown key, a check without a canary, a name twice: each with its place', () => {
  const broken = fileOf(
    gate('one', `${status}, wrong: 1`),
    `  two:\n    kind: command\n    checks: [{id: gate.two.asked, run: [x]}]\n`,
  );
  const lineOf = (yaml: string, word: RegExp): readonly (string | number)[][] => {
    const { problems, source } = loadGates('gates.yaml', bytesOf(yaml));
    return problems
      .filter(({ code }) => word.test(code))
      .map(({ span, code }) => [code, source.text.slice(0, span.start).split('\n').length]);
  };
  expect(lineOf(broken, /SC002/u)).toEqual([['SC002', 6]]);
  expect(lineOf(broken.replace(', wrong: 1', ''), /GT002/u)).toEqual([['GT002', 10]]);
  const twice = fileOf(gate('one', status), gate('one', status));
  expect(loadGates('gates.yaml', bytesOf(twice)).problems).not.toEqual([]);
});

test('row 12: what a gate says of itself leaves the table intact and is inert', async () => {
  const says = 'request: {get: /note}, expect: {json: {/note: fine}}';
  const folder = await opened(fileOf(gate('one', says)));
  await folder.run();
  const signOff = folder.read('gate_sign_off.md');
  const table = signOff.split('\n').filter((line) => line.startsWith('| `one`'));
  expect(table.map((line) => line.split('|').length)).toEqual([7]);
  expect(signOff).not.toMatch(/<script>|\u202e|\]\(javascript/u);
});

test('row 14: twice on the same tree and clock are the same bytes', async () => {
  const app = createServer((_, response) => {
    response.sendDate = false;
    response.end('{"running":true}');
  });
  app.listen(0, '127.0.0.1');
  await once(app, 'listening');
  const { port } = app.address() as AddressInfo;
  const yaml = fileOf(gate('one', status), gate('two', 'kind: command, run: [echo, hello]'));
  const folder = fs.mkdtempSync(join(tmpdir(), 'seatrial-twice-'));
  const run = async (): Promise<readonly string[]> => {
    const { documents } = await ranGates({ runGates, loadGates, reportGates }, yaml, {
      ...{ folder, world: sameWorld(port) },
    });
    return [documents.results, documents.signOff];
  };
  const [first, second] = [await run(), await run()];
  app.close();
  expect(JSON.parse(first[0] ?? '')).toMatchObject({ _meta: { decision: 'go' } });
  expect(second).toEqual(first);
});

/** Everything that differs between two runs of one host: time, randomness, processes and ports. */
function sameWorld(port: number) {
  let [ticks, nonces] = [0, 0];
  const url = `http://127.0.0.1:${String(port)}`;
  const until = new Promise<{ code: number }>(() => undefined);
  const end = { exitCode: 0, signal: undefined, forced: false, survivors: [] };
  return {
    clock: {
      now: () => new Date(Date.UTC(2026, 2, 1) + ticks),
      monotonicMs: () => (ticks += 1),
      // Limits never come; whoever ends one aborts it.
      sleep: (_: number, signal?: AbortSignal) =>
        new Promise<void>((_resolve, reject) => {
          signal?.addEventListener('abort', () => {
            reject(new Error('aborted'));
          });
        }),
    },
    ids: {
      nonce: (bytes: number) => (nonces += 1).toString(16).padStart(2 * bytes, '0'),
    },
    pid: 1,
    targets: {
      leasePort: () => Promise.resolve({ port, release: () => Promise.resolve() }),
      isFree: () => Promise.resolve(true),
      start: () =>
        Promise.resolve({
          identity: { pid: 1 },
          running: () => true,
          output: () => ({ stdout: `${JSON.stringify({ ready: true, url })}\n`, stderr: '' }),
          exited: until,
          stop: () => Promise.resolve(end),
        }),
    },
  };
}

test('a whole run has a limit; beyond it nothing is decided', async () => {
  const { report } = await ranGates(
    { runGates, loadGates, reportGates },
    fileOf(gate('one', status)),
    {
      world: { clock: { ...sameWorld(1).clock, sleep: (ms) => endOfRun(ms) } },
    },
  );
  expect([report.exitCode, report.state.ended]).toEqual([
    3,
    { outcome: 'stopped', cause: 'max-lifetime', message: 'the run took longer than 180 s' },
  ]);
  expect(report.gates[0]).toMatchObject({ state: 'not-run', reason: 'the run was stopped' });
});

/** Only the limit of the run is over at once: 120 s of its gate and 60 s. */
const endOfRun = (ms: number): Promise<void> =>
  ms === 180_000 ? Promise.resolve() : new Promise<void>(() => undefined);
