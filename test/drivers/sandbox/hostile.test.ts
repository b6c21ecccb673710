// What code of a change tries in the sandbox, coop-cloud.md C.5. Each case is also run outside of it, where
// the attempt succeeds: a test that could not go red would prove nothing.

import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createServer as createSocket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SandboxResult, SandboxSpec } from '../../../src/ports/sandbox.ts';
import { makeSandbox } from '../../../src/drivers/sandbox/sandbox.ts';
import { noSandbox, sandboxHere, sandboxSettings } from './sandbox-here.ts';

const inSandbox = test.skipIf(noSandbox);

const secret = 'sesame-4711-open';
const planted = join('/tmp', `seatrial-planted-${String(process.pid)}`);
let root = '';
let url = '';
let elsewhere = '';
const servers: { readonly close: () => unknown }[] = [];
const asked: string[] = [];

const at = (path: string): string => join(root, path);

async function listen(answer: string): Promise<string> {
  const server: Server = createServer((request, response) => {
    asked.push(`${answer} ${request.headers.host ?? ''} ${request.url ?? ''}`);
    response.end(answer);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  servers.push(server);
  const address = server.address();
  return `http://127.0.0.1:${String(typeof address === 'object' ? address?.port : 0)}`;
}

beforeAll(async () => {
  root = fs.mkdtempSync(join(tmpdir(), 'seatrial-hostile-'));
  for (const folder of ['snapshot', 'store/runs/1', 'harness', 'outside'])
    fs.mkdirSync(at(folder), { recursive: true });
  fs.chmodSync(at('outside'), 0o777);
  fs.writeFileSync(at('snapshot/data.txt'), 'shown\n');
  for (const file of ['store/runs/1/journal.jsonl', 'harness/trust.allow', 'harness/secret.txt'])
    fs.writeFileSync(at(file), secret, { mode: 0o666 });
  const engine = createSocket().listen(at('docker.sock'));
  servers.push(engine);
  url = await listen('the app');
  elsewhere = await listen('another service');
});

afterAll(() => {
  for (const server of servers) server.close();
  fs.rmSync(root, { recursive: true, force: true });
});

let runs = 0;

async function inside(
  script: string,
  more: Partial<SandboxSpec> & { readonly app?: boolean } = {},
  sandbox = sandboxHere,
): Promise<SandboxResult & { readonly said: string; readonly results: string }> {
  runs += 1;
  const results = at(`results-${String(runs)}`);
  fs.mkdirSync(results);
  const { app = true, ...spec } = more;
  const result = await sandbox.run({
    argv: ['/bin/sh', '-c', script],
    cwd: '/tmp',
    env: { SEATRIAL_RESULTS: results },
    readOnly: [at('snapshot')],
    ...{ results, timeoutMs: 20_000 },
    ...(app ? { url } : {}),
    ...spec,
  });
  const said = Buffer.concat([result.stdout, result.stderr]).toString('utf8');
  return { ...result, said, results };
}

/** The same outside: what the harness's own children could do. */
function outside(script: string): string {
  const env = { PATH: process.env['PATH'], SEATRIAL_TEST_SECRET: secret };
  const { stdout, stderr } = spawnSync('/bin/sh', ['-c', script], { env, encoding: 'utf8' });
  return stdout + stderr;
}

const node = (program: string): string => `node -e ${JSON.stringify(program)}`;

inSandbox('HC2: says what holds it, and as whom it runs', async () => {
  const state = await sandboxHere.state();
  expect(state).toMatchObject({
    limits: { memoryBytes: 512 * 1024 ** 2, processes: 128, processors: 1, outputBytes: 1 << 20 },
  });
  const { said } = await inside('id -u; cut -d: -f2 </proc/self/uid_map; cat /proc/self/status');
  expect(said).toMatch(/^65534\n/);
  expect(said).toMatch(/CapEff:\s+0{16}/);
  expect(said).toMatch(/NoNewPrivs:\s+1/);
  expect(said).toMatch(/Seccomp:\s+2/);
  if (process.getuid?.() === 0) expect(said).toMatch(/Uid:\s+65534\s+65534\s+65534/);
});

inSandbox.each([
  ['secrets in files', () => `cat ${at('harness/secret.txt')}`],
  ['the journal', () => `cat ${at('store/runs/1/journal.jsonl')}`],
  ['the allowlist', () => `cat ${at('harness/trust.allow')}`],
  ['secrets of the environment', () => 'env; tr "\\0" "\\n" </proc/self/environ'],
  [
    'the environment of the harness by way of /proc',
    () => 'for each in /proc/[0-9]*/environ; do tr "\\0" "\\n" <$each; done 2>/dev/null',
  ],
  [
    'files by way of the root of another process',
    () => `for each in /proc/[0-9]*/root; do cat $each${at('harness/secret.txt')}; done`,
  ],
])('HC2: cannot read %s', async (_, script) => {
  const before = process.env['SEATRIAL_TEST_SECRET'];
  process.env['SEATRIAL_TEST_SECRET'] = secret;
  try {
    expect(outside(script())).toContain(secret);
    expect((await inside(script())).said).not.toContain(secret);
  } finally {
    if (before === undefined) delete process.env['SEATRIAL_TEST_SECRET'];
  }
});

inSandbox('HC2: has the declared environment and nothing else', async () => {
  const { said, results } = await inside('env -u PWD -u SHLVL -u _ | sort');
  expect(said.split('\n').filter(Boolean)).toEqual([
    'LANG=C.UTF-8',
    'PATH=/usr/local/bin:/usr/bin:/bin',
    `SEATRIAL_RESULTS=${results}`,
  ]);
});

inSandbox('HC2: sees no process of the host', async () => {
  expect(outside('ls /proc')).toContain(String(process.pid));
  const script = 'cat /proc/[0-9]*/comm | sort -u';
  expect(outside(script).split('\n').length).toBeGreaterThan(8);
  const found = (await inside(script)).said.split('\n').filter(Boolean);
  expect(
    found.filter((name) => !['bwrap', 'perl', 'sh', 'dash', 'cat', 'sort'].includes(name)),
  ).toEqual([]);
});

inSandbox('HC2: cannot reach the engine’s socket', async () => {
  const script = node(
    `require('net').connect('${at('docker.sock')}').on('connect',()=>{console.log('reached');process.exit()}).on('error',(e)=>console.log(e.code))`,
  );
  expect(
    await new Promise((resolve) => {
      const socket = createSocket().listen(at('canary.sock'), () => {
        socket.close();
        resolve(fs.existsSync(at('docker.sock')));
      });
    }),
  ).toBe(true);
  expect((await inside(script)).said).toBe('ENOENT\n');
});

inSandbox('HC2: reaches the app, under whatever name it asks, and nothing else', async () => {
  const ask = (address: string, host: string) =>
    node(
      `require('http').get('${address}/x',{headers:{host:'${host}'}},(r)=>r.pipe(process.stdout)).on('error',(e)=>console.log(e.code))`,
    );
  expect((await inside(ask(url, 'other.example'))).said).toBe('the app');
  expect(asked.at(-1)).toBe(`the app ${new URL(url).host} /x`);
  expect((await inside(ask(elsewhere, 'x'))).said).toBe('ECONNREFUSED\n');
  expect((await inside(ask('http://192.0.2.1', 'x'))).said).toBe('ENETUNREACH\n');
  expect((await inside(ask(url, 'x'), { app: false })).said).toBe('ECONNREFUSED\n');
  // An absolute address in the request line is how one asks a proxy for another host.
  const proxied = node(
    `const s=require('net').connect(${new URL(url).port},'127.0.0.1');s.end('GET ${elsewhere}/ HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n');s.pipe(process.stdout)`,
  );
  const { said } = await inside(proxied);
  expect(said).toContain('400');
  expect(said).not.toContain('another service');
  const tunnel = node(
    `const s=require('net').connect(${new URL(url).port},'127.0.0.1');s.write('CONNECT ${new URL(elsewhere).host} HTTP/1.1\\r\\n\\r\\nGET / HTTP/1.0\\r\\n\\r\\n');s.pipe(process.stdout)`,
  );
  expect((await inside(tunnel)).said).not.toContain('another service');
});

inSandbox.each([
  ['outside its tree', () => `echo x >${at('outside/planted')}`],
  ['into its snapshot', () => `echo x >${at('snapshot/data.txt')}`],
  ['into the programs of the host', () => 'echo x >/usr/bin/planted-by-a-change'],
  ['at the root', () => 'echo x >/planted-by-a-change'],
  ['into /dev', () => 'echo x >/dev/planted-by-a-change'],
  ['kernel settings', () => 'echo x >/proc/sys/kernel/core_pattern'],
])('HC2: cannot write %s', async (_, script) => {
  const { said, exitCode } = await inside(script());
  expect(exitCode).not.toBe(0);
  expect(said).toMatch(/Read-only|denied|nonexistent|No such/);
  expect(fs.readFileSync(at('snapshot/data.txt'), 'utf8')).toBe('shown\n');
  expect(fs.readdirSync(at('outside'))).toEqual([]);
});

inSandbox('HC2: the same writes succeed where there is no sandbox', () => {
  outside(`echo x >${at('outside/planted')}`);
  expect(fs.readdirSync(at('outside'))).toEqual(['planted']);
  fs.rmSync(at('outside/planted'));
});

inSandbox.each([
  [
    'a link out of its tree',
    () => `ln -s ${at('harness')} ${planted} && cat ${planted}/secret.txt`,
  ],
  ['`..` out of its tree', () => `cat ${at('snapshot/../harness/secret.txt')}`],
  ['a hard link', () => `ln ${at('harness/secret.txt')} ${planted} && cat ${planted}`],
])('HC2: %s leads nowhere', async (_, script) => {
  expect((await inside(script())).said).not.toContain(secret);
  expect(outside(script())).toContain(secret);
  fs.rmSync(planted, { force: true });
});

inSandbox('HC2: results are plain files, within limits; links and pipes stay behind', async () => {
  const { results } = await inside(
    [
      'cd $SEATRIAL_RESULTS',
      'echo kept >kept.txt',
      'ln -s /etc/passwd link.txt',
      'mkfifo pipe.txt',
      'mkdir folder.txt',
      'echo x >"$(printf "a\\nb")"',
      'echo x >.hidden',
      'head -c 9000000 /dev/zero >large.bin',
    ].join('; '),
  );
  expect(fs.readdirSync(results)).toEqual(['kept.txt']);
  expect(fs.readFileSync(join(results, 'kept.txt'), 'utf8')).toBe('kept\n');
});

inSandbox('HC2: a fork bomb ends with it', async () => {
  const { timedOut, said } = await inside('b(){ b|b& };b; sleep 1; echo still here', {
    timeoutMs: 10_000,
  });
  expect(said).toMatch(/[Cc]annot fork/);
  expect(timedOut).toBe(false);
  expect(outside('echo alive')).toBe('alive\n');
});

inSandbox('HC2: who takes too much memory is killed', async () => {
  const hungry = 'const all=[];for(;;)all.push(Buffer.alloc(8<<20,1))';
  const { exitCode, signal } = await inside('', { argv: ['/usr/bin/env', 'node', '-e', hungry] });
  expect([exitCode, signal]).not.toEqual([0, undefined]);
});

inSandbox('HC2: files fill 64 MiB and no more', async () => {
  const { said, stdout } = await inside('head -c 200000000 /dev/zero >/tmp/x; wc -c </tmp/x');
  const bytes = Number(Buffer.from(stdout).toString());
  expect(bytes).toBeGreaterThan(0);
  expect(bytes).toBeLessThanOrEqual(64 * 1024 ** 2);
  expect(said).toMatch(/No space|too large/i);
});

inSandbox('HC2: 1 GiB of output is not taken', async () => {
  const { flooded, exitCode, stdout } = await inside('head -c 1073741824 /dev/zero');
  expect(flooded).toBe(true);
  expect(exitCode).toBeUndefined();
  expect(stdout.length).toBe(1 << 20);
});

inSandbox('HC2: who does not end is ended, with everything it started', async () => {
  const mark = `3${String(process.pid)}.71`;
  const { timedOut } = await inside(`setsid sleep ${mark} & sleep ${mark}`, { timeoutMs: 700 });
  expect(timedOut).toBe(true);
  expect(outside(`pgrep -f '[s]leep ${mark}' || echo none`)).toContain('none');
});

inSandbox.each([
  ['a namespace', 'unshare -U true'],
  ['a mount', 'mount -t tmpfs none /tmp'],
  ['a trace', "perl -e 'exit(syscall(101, 16, 1, 0, 0) == 0 ? 0 : 1)'"],
  ['the user it came from', 'setpriv --reuid 0 true'],
])('HC2: the kernel refuses %s', async (_, script) => {
  expect((await inside(script)).exitCode).not.toBe(0);
});

inSandbox('HC2: which it grants outside', () => {
  expect(outside('unshare -U echo made')).toBe('made\n');
});

inSandbox('HC2: who ends the first program in it gets no result', async () => {
  const { exitCode, signal } = await inside('kill -9 -1; exit 0');
  expect(exitCode).toBeUndefined();
  expect(signal).toBe('SIGKILL');
});

inSandbox('HC2: cannot say by itself how it ended', async () => {
  const { exitCode } = await inside('echo "exited code 0" >&3; exit 7');
  expect([7, 2]).toContain(exitCode);
});

inSandbox('HC2: leaves no control group behind', async () => {
  await inside('true');
  const folder = '/sys/fs/cgroup/pids';
  const left = fs.existsSync(folder) ? fs.readdirSync(folder) : [];
  expect(
    left.filter((name) => name.startsWith(`seatrial-sandbox-${String(process.pid)}-`)),
  ).toEqual([]);
});

test.skipIf(noSandbox || process.getuid?.() !== 0)(
  'HC2: what lies below /usr is hidden where it is the harness’s',
  async () => {
    const hidden = fs.mkdtempSync('/usr/share/seatrial-hidden-');
    try {
      fs.chmodSync(hidden, 0o755);
      fs.writeFileSync(join(hidden, 'journal.jsonl'), secret);
      fs.chmodSync(join(hidden, 'journal.jsonl'), 0o644);
      const script = `cat ${join(hidden, 'journal.jsonl')}`;
      expect((await inside(script)).said).toContain(secret);
      const careful = makeSandbox({ ...sandboxSettings, hidden: [hidden] });
      expect((await inside(script, {}, careful)).said).toContain('No such file');
    } finally {
      fs.rmSync(hidden, { recursive: true });
    }
  },
);

inSandbox('HC2: a caller who is not root has the same sandbox', async () => {
  const other = makeSandbox({ ...sandboxSettings, user: 1000, controlGroups: at('outside') });
  expect(await other.state()).toMatchObject({ enforcement: 'limits', kernelUser: 1000 });
  const { said } = await inside(
    `id -u; cat ${at('harness/secret.txt')}; unshare -U true`,
    {},
    other,
  );
  expect(said).toMatch(/^65534\n/);
  expect(said).not.toContain(secret);
  expect(said).toMatch(/unshare failed/);
});

test.each([
  ['there is no bwrap', { find: () => Promise.resolve(undefined) }],
  [
    'bwrap cannot make namespaces',
    {
      find: (name: string) => Promise.resolve(name === 'bwrap' ? at('refuses') : '/usr/bin/perl'),
    },
  ],
])('%s: nothing runs', async (_, processes) => {
  fs.writeFileSync(at('refuses'), '#!/bin/sh\necho bwrap: No permissions >&2\nexit 1\n', {
    mode: 0o755,
  });
  const none = makeSandbox({
    ...sandboxSettings,
    processes: { ...sandboxSettings.processes, ...processes },
  });
  expect(await none.state()).toHaveProperty('unavailable');
  const ran = at('outside/ran');
  await expect(inside(`touch ${ran}`, {}, none)).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('no-sandbox') as string,
  });
  expect(fs.existsSync(ran)).toBe(false);
});
