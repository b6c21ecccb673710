// T14 of the pack, without its packages: a program that says what they say, and really renames.

import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject, PackPorts } from 'seatrial';
import { afterEach, describe, expect, test } from 'vitest';
import { runGateway } from '../../../packs/nemoclaw/actions/real-gateway.ts';
import {
  currentPluginsLoad,
  oldExdevObserved,
} from '../../../packs/nemoclaw/checks/real-gateway.ts';
import { landlockLauncher } from '../../../src/lifecycle/landlock-launcher.ts';
import { afterAction, packContext } from './pack-context.ts';

const canRestrict =
  spawnSync('unshare', ['--net', '--pid', '--fork', 'true']).status === 0 &&
  Number(spawnSync('perl', ['-e', 'print 0 + syscall(444, 0, 0, 1)']).stdout.toString()) >= 2;
if (!canRestrict) process.stderr.write('SKIPPED: no namespaces or no Landlock 2 here\n');

/** Places each of three plugins as the old release does, tells that network and processes are its own, and stays. */
const program = `#!/usr/bin/perl
$| = 1;
if ($ARGV[0] eq '--version') { print "OpenClaw 2026.4.24 (stand-in)\\n"; exit; }
my $to = "$ENV{HOME}/extensions";
my @loaded;
mkdir $to;
for my $name ('device-pair', 'phone-control', 'talk-voice') {
  mkdir "$to/.plugin-$name-abc"; mkdir "$to/.plugin-$name-abc/plugin";
  if (rename("$to/.plugin-$name-abc/plugin", "$to/$name")) { push @loaded, $name; next; }
  print "[gateway] EXDEV: cross-device link not permitted, rename '$to/.plugin-$name-abc/plugin' -> '$to/$name'\\n" if $! == 18;
}
my $count = @loaded;
opendir(my $links, '/sys/class/net'); open(my $self, '<', '/proc/net/dev');
my $others = grep { /:/ && !/^\\s*lo:/ } <$self>;
print "others $others\\n";
print '[gateway] ready (', $count, ' plugins', ($count ? ': ' . join(', ', @loaded) . ';' : ','), " 1.0s)\\n";
sleep 600;
`;

const made: string[] = [];
afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
});

const run: PackPorts['run'] = ({ argv: [name, ...args], env }) =>
  new Promise((resolve, reject) => {
    const base = { PATH: process.env['PATH'] ?? '' };
    const child = spawn(name, args, {
      env: { ...base, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.on('error', reject).on('close', (code) => {
      resolve({ exit: code ?? undefined, timedOut: false, stdout, stderr });
    });
  });

function world(abi: 1 | 2, text = program) {
  const root = mkdtempSync(join(tmpdir(), 'seatrial-real-'));
  made.push(root);
  const [launcher, bin] = [join(root, 'launch'), join(root, 'product/openclaw-base')];
  mkdirSync(bin, { recursive: true });
  const programs = {
    [launcher]: landlockLauncher({ abi, read: ['/'], write: [] }),
    [join(bin, 'openclaw')]: text,
  };
  for (const [path, content] of Object.entries(programs)) {
    writeFileSync(path, content);
    chmodSync(path, 0o755);
  }
  const never = (): Promise<never> => Promise.reject(new Error('nothing is read here'));
  const ports = { run, state: { read: never, tree: never } };
  const context = packContext({ product: join(root, 'product'), home: root, ports });
  return { context, with: { release: 'openclaw-base', launcher, home: 'old-v1' } };
}

async function facts(abi: 1 | 2): Promise<JsonObject> {
  const { context, with: inputs } = world(abi);
  const ended = await runGateway({ ...context, with: inputs });
  expect(ended.stdout).toContain('others 0\n');
  return oldExdevObserved.after({ ...context, ...afterAction(ended) });
}

const judged = ['device-pair', 'phone-control', 'talk-voice'];

describe.skipIf(!canRestrict)('a gateway under a launcher', () => {
  test('without the right to refer: each plugin is refused once, none is loaded', async () => {
    expect(await facts(1)).toEqual({
      ...{ ready: true, loaded: [], loadedCount: 0, refused: judged, refusedCount: 3 },
      ...{ version: '2026.4.24', devices: 1, exit: 0 },
    });
  });

  test('with it, all are loaded', async () => {
    expect(await facts(2)).toMatchObject({ loaded: judged, refused: [], refusedCount: 0, exit: 0 });
  });

  test('one that ends early is not waited for, and is not ready', async () => {
    const { context, with: inputs } = world(1, '#!/bin/sh\necho broken >&2\nexit 3\n');
    const ended = await runGateway({ ...context, with: inputs });
    expect(ended).toMatchObject({ exit: 1, stdout: 'broken\n' });
  });
});

test('the current release says it in another way', async () => {
  const stdout =
    '[gateway] http server listening (4 plugins: browser, device-pair, phone-control, talk-voice; 15.3s)\n';
  const { context } = world(1);
  mkdirSync(join(context.home, 'current-v1'));
  const silent: PackPorts['run'] = () =>
    Promise.resolve({ exit: 0, timedOut: false, stdout: '', stderr: '' });
  const ports = { ...context.ports, run: silent };
  const seen = await currentPluginsLoad.after({
    ...{ ...context, ports },
    ...afterAction({ exit: 0, stdout }),
  });
  expect(seen).toMatchObject({ ready: true, loaded: judged, refusedCount: 0 });
});
