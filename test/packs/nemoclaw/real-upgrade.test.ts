// A published release and its successor, without their packages: a program that keeps and tells what they do.

import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject, PackContext } from 'seatrial';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { replaceAgent, useAgent } from '../../../packs/nemoclaw/actions/real-upgrade.ts';
import { realStateKept, realVersionChanged } from '../../../packs/nemoclaw/checks/real-upgrade.ts';
import { landlockLauncher } from '../../../src/lifecycle/landlock-launcher.ts';
import { afterAction, packContext } from './pack-context.ts';

const canRestrict =
  spawnSync('unshare', ['--net', '--pid', '--fork', 'true']).status === 0 &&
  Number(spawnSync('perl', ['-e', 'print 0 + syscall(444, 0, 0, 1)']).stdout.toString()) >= 2;
if (!canRestrict) process.stderr.write('SKIPPED: no namespaces or no Landlock 2 here\n');

/** Hangs up once before it is asked anything, as one does that is still starting. */
const program = (version: string): string => `#!/bin/sh
kept=$HOME/.openclaw
mkdir -p "$kept/identity"
case "$1 $2 $3" in
  "--version"*) echo "OpenClaw ${version} (stand-in)" ;;
  "config set "*) echo "$4" > "$kept/model" ;;
  "config get "*) cat "$kept/model" ;;
  "gateway run "*)
    [ -e "$kept/identity/device.json" ] || echo '{"deviceId":"d1"}' > "$kept/identity/device.json"
    echo '[gateway] ready (0 plugins, 1.0s)'
    exec sleep 600 ;;
  "cron add "*)
    if [ ! -e "$kept/hung-up" ]; then : > "$kept/hung-up"; echo 'gateway connect failed' >&2; exit 1; fi
    echo '{"id":"j1","name":"kept","schedule":{"expr":"0 4 * * *"}}' >> "$kept/jobs" ;;
  "cron list "*) printf '{"jobs":[%s]}' "$(cat "$kept/jobs" 2> /dev/null)" ;;
  "gateway call chat.inject") echo "$5" > "$kept/said" ;;
  "gateway call chat.history")
    [ -e "$kept/said" ] || { echo '{"messages":[]}'; exit; }
    printf '{"sessionId":"s1","messages":[{"content":[{"type":"text","text":"%s"}]}]}' "$(sed 's/.*"message":"\\([^"]*\\)".*/\\1/' "$kept/said")" ;;
  "gateway call sessions.create") echo '{}' ;;
  *) exit 2 ;;
esac
`;

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'seatrial-real-'));
  for (const [release, version] of [
    ['openclaw-base', '2026.4.24'],
    ['openclaw-head', '2026.5.22'],
  ] as const) {
    const folder = join(root, 'product', release);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'openclaw'), program(version));
    chmodSync(join(folder, 'openclaw'), 0o755);
    writeFileSync(join(folder, 'version'), `${version}\n`);
  }
  mkdirSync(join(root, 'home'));
  const rules = { abi: 2, read: ['/'], write: ['/dev/null'] } as const;
  writeFileSync(join(root, 'launcher'), landlockLauncher(rules));
  chmodSync(join(root, 'launcher'), 0o755);
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

const context = (): PackContext =>
  packContext({
    ...{ product: join(root, 'product'), home: join(root, 'home') },
    ports: {
      run: ({ argv: [name, ...args], env }) =>
        new Promise((resolve, reject) => {
          const child = spawn(name, args, {
            env: { PATH: process.env['PATH'], ...env },
            stdio: ['ignore', 'pipe', 'pipe'],
          });
          let [stdout, stderr] = ['', ''];
          child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
          child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
          child.on('error', reject).on('close', (code) => {
            resolve({ exit: code ?? undefined, timedOut: false, stdout, stderr });
          });
        }),
      state: { read: (path) => Promise.resolve(fileAt(path)), tree: () => Promise.resolve({}) },
    },
  });

function fileAt(path: string) {
  try {
    const text = readFileSync(path, 'utf8');
    const sha256 = createHash('sha256').update(text).digest('hex');
    return { kind: 'file', text, sha256 } as const;
  } catch {
    return { kind: 'absent' } as const;
  }
}

/** Facts of before and after a replacement with these inputs. */
async function replaced(inputs: JsonObject) {
  const launcher = join(root, 'launcher');
  const used = await useAgent({ ...context(), with: { release: 'openclaw-base', launcher } });
  expect(used).toMatchObject({ exit: 0 });
  const [before, version] = [
    await realStateKept.before?.(context()),
    await realVersionChanged.before?.(context()),
  ];
  const ended = await replaceAgent({
    ...context(),
    with: { release: 'openclaw-head', launcher, ...inputs },
  });
  expect(ended).toMatchObject({ exit: 0 });
  const after = { ...context(), ...afterAction(ended) };
  return {
    state: [before, await realStateKept.after(after)],
    version: [version, await realVersionChanged.after(after)],
  };
}

describe.skipIf(!canRestrict)('a release that is replaced by its successor', () => {
  test('is asked through the same command, and its state by itself', async () => {
    const { state, version } = await replaced({});
    expect(version).toEqual([
      { version: '2026.4.24' },
      { version: '2026.5.22', released: '2026.5.22' },
    ]);
    const [before, after] = state;
    expect(before).toEqual({
      ...{ model: 'fake/kept-1', session: 's1', device: 'd1' },
      jobs: [{ id: 'j1', name: 'kept', schedule: { expr: '0 4 * * *' }, payload: 'none' }],
      said: [`${context().nonce} was said before`],
    });
    expect(after).toMatchObject(before ?? {});
  });

  test('canary: on another home it knows neither appointment nor conversation', async () => {
    const { state } = await replaced({ home: 'another' });
    expect(state[1]).toMatchObject({ jobs: 'none', said: 'none', session: 'none' });
  });
});
