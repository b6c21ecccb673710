// What is observed of plugins, without a sandbox: commands of a sandbox are run here, or answered from a table.

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject, PackCollector, PackContext, PackPorts, PackResult } from 'seatrial';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { installPlugin, renamePair } from '../../../packs/nemoclaw/actions/plugins.ts';
import * as checks from '../../../packs/nemoclaw/checks/plugins.ts';
import { systemFiles } from '../../../src/drivers/files.ts';
import type { Expectation } from '../../../src/evidence/expectation.ts';
import { judgeFacts } from '../../../src/evidence/judge.ts';
import { landlockLauncher } from '../../../src/lifecycle/landlock-launcher.ts';
import { loadPack, type Pack } from '../../../src/scenario/load-pack.ts';
import { afterAction, packContext } from './pack-context.ts';

const canRestrict =
  Number(spawnSync('perl', ['-e', 'print 0 + syscall(444, 0, 0, 1)']).stdout.toString()) >= 2;
if (!canRestrict) process.stderr.write('SKIPPED: no Landlock 2 here\n');

let pack: Pack;
beforeAll(async () => {
  const { pack: loaded, reports } = await loadPack(systemFiles, 'packs/nemoclaw');
  if (loaded === undefined) throw new Error(JSON.stringify(reports));
  pack = loaded;
});

const made: string[] = [];
afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
});

type Exec = PackPorts['sandbox']['exec'];
type Commanded = Parameters<Exec>[1];

/** `live` is what the gateway tells of the sandbox's policy. */
function contextWith(exec: Exec, live: JsonObject = {}): PackContext {
  const read: PackPorts['state']['read'] = async (path) => ({
    ...{ kind: 'file', text: await systemFiles.readText(path) },
  });
  const never = (): Promise<never> => Promise.reject(new Error('nothing is asked here'));
  const ports = { run: never, state: { read, tree: never } };
  const context = packContext({ product: '/product', home: '/home', ports });
  const gateway: PackPorts['gateway'] = ({ path }) =>
    Promise.resolve({
      status: 200,
      text: JSON.stringify(path === '/sandbox.get' ? { containerId: 'c1' } : { body: live }),
    });
  const sandbox = { ...context.ports.sandbox, exec };
  return { ...context, ports: { ...context.ports, gateway, sandbox } };
}

const ended = (stdout: string): PackResult => ({ exit: 0, timedOut: false, stdout, stderr: '' });

const here: Exec = (_container, { argv: [program, ...args] }) =>
  Promise.resolve(ended(spawnSync(program, args).stdout.toString()));

function verdictOf(id: string, facts: JsonObject): string {
  const { expect: asked = [] } = pack.register.get(`runtime.plugin.${id}`) ?? {};
  return judgeFacts(facts, asked as readonly Expectation[]).verdict;
}

const observed = (check: PackCollector, context: PackContext, exit = 0): Promise<JsonObject> =>
  check.after({ ...context, ...afterAction({ exit }) });

describe.skipIf(!canRestrict)('renames under rules of the kernel', () => {
  function pairs(abi: 1 | 2): PackContext {
    const root = mkdtempSync(join(tmpdir(), 'seatrial-plugins-'));
    made.push(root);
    mkdirSync(join(root, 'source/moved'), { recursive: true });
    mkdirSync(join(root, 'target'));
    const path = join(root, 'launch');
    writeFileSync(path, landlockLauncher({ abi, read: ['/'], write: [root] }));
    const from = join(root, 'source/moved');
    return {
      ...contextWith(here),
      fixtures: {
        'landlock-v1': { path },
        'exdev-landlock': { from, to: join(root, 'target/moved') },
        'exdev-control': { from, to: join(root, 'source/moved-too') },
      },
    };
  }

  test.each([
    [1, 'EXDEV'],
    [2, 'done'],
  ] as const)(
    'with rules of version %i it is told as %s, and the control is done',
    async (abi, errno) => {
      const facts = await observed(checks.exdevReproduced, pairs(abi));
      expect(facts).toMatchObject({
        landlock: { errno, device: 'same' },
        control: { errno: 'done', device: 'same' },
        mount: { errno: '2' },
      });
      expect(verdictOf('exdev-reproduced', facts)).toBe('failed');
    },
  );

  test('the operation says what stands in the way', async () => {
    const context = pairs(1);
    const launcher = context.fixtures['landlock-v1']?.['path'] ?? '';
    const across = { fixture: 'exdev-landlock', launcher };
    expect((await renamePair({ ...context, with: across })).stdout).toMatch(/cross-device/i);
    const within = { fixture: 'exdev-control', launcher };
    expect((await renamePair({ ...context, with: within })).stdout).toBe('');
  });
});

/** Digests of what is in place, of the newer tree and of the older one; what the agent loads. */
const sandboxWith =
  (digests: readonly string[], loaded: readonly string[]): Exec =>
  (_container, { argv: [program] }) =>
    Promise.resolve(
      ended(
        program === 'sh'
          ? digests.join('\n')
          : JSON.stringify(loaded.map((name) => ({ name, isLoaded: true }))),
      ),
    );

const atomic = ['kill-first', 'kill-second', 'kill-third'];

describe('trees of plugins', () => {
  type Case = {
    readonly what: string;
    readonly id: 'survives-mount' | 'replacement-atomic';
    readonly digests: readonly string[];
    readonly loaded?: readonly string[];
    readonly verdict: string;
  };
  const table: readonly Case[] = [
    {
      ...{ what: 'the newer one, loaded', id: 'survives-mount', verdict: 'passed' },
      digests: ['new', 'new', 'old'],
    },
    {
      ...{ what: 'still the older one', id: 'survives-mount', verdict: 'failed' },
      digests: ['old', 'new', 'old'],
    },
    {
      ...{ what: 'in place, not loaded', id: 'survives-mount', verdict: 'failed' },
      ...{ digests: ['new', 'new', 'old'], loaded: [] },
    },
    {
      ...{ what: 'versions that are equal', id: 'survives-mount', verdict: 'failed' },
      digests: ['one', 'one', 'one'],
    },
    {
      ...{ what: 'old and whole', id: 'replacement-atomic', verdict: 'passed' },
      digests: ['old', 'new', 'old'],
    },
    {
      ...{ what: 'new and whole', id: 'replacement-atomic', verdict: 'passed' },
      digests: ['new', 'new', 'old'],
    },
    {
      ...{ what: 'half of it', id: 'replacement-atomic', verdict: 'failed' },
      digests: ['half', 'new', 'old'],
    },
    {
      ...{ what: 'nothing at all', id: 'replacement-atomic', verdict: 'failed' },
      digests: ['absent', 'new', 'absent'],
    },
  ];

  test.each(table)('$id, $what: $verdict', async ({ id, digests, loaded, verdict }) => {
    const isKilled = id === 'replacement-atomic';
    const check = isKilled ? checks.replacementAtomic : checks.survivesMount;
    const exec = sandboxWith(digests, loaded ?? ['across-mount', ...atomic]);
    const facts = await observed(check, contextWith(exec), isKilled ? 137 : 0);
    expect(verdictOf(id, facts)).toBe(verdict);
  });

  test.each([
    ['what was there is there', ['new', 'new', 'old'], 'passed'],
    ['gone', ['absent', 'new', 'old'], 'failed'],
  ] as const)('after a restart, %s', async (_, digests, verdict) => {
    const good = contextWith(sandboxWith(['new', 'new', 'old'], ['across-mount']));
    const before = (await checks.persists.before?.(good)) ?? {};
    const context = contextWith(sandboxWith(digests, ['across-mount']));
    const facts = await observed(checks.persists, context);
    expect(verdictOf('persists', { ...facts, before })).toBe(verdict);
  });
});

test.each([
  [{ filesystem_policy: { read_write: ['/sandbox', '/dev', '/dev/shm'] } }, 'passed'],
  [{ filesystem_policy: { read_write: ['/sandbox', '/dev'] } }, 'failed'],
  [{ filesystem_policy: { read_write: [] } }, 'failed'],
  [{}, 'inconclusive'],
] as const)('the live policy is asked for both folders: %j', async (live, verdict) => {
  const context = contextWith(here, live);
  expect(verdictOf('dev-policy-live', await observed(checks.devPolicyLive, context))).toBe(verdict);
});

test('an installation runs as the user of the sandbox, by the agent that is named', async () => {
  const asked: Commanded[] = [];
  const exec: Exec = (_container, command) => {
    asked.push(command);
    return Promise.resolve(ended(''));
  };
  const inputs = { plugin: 'one', agent: 'old', temporary: '/elsewhere', crash: 'stored' };
  await installPlugin({ ...contextWith(exec), with: inputs });
  expect(asked).toEqual([
    {
      user: '998:998',
      argv: ['/opt/openclaw-old/openclaw', 'plugins', 'install', '/opt/plugins/one', '--force'],
      env: { HOME: '/sandbox', TMPDIR: '/elsewhere', NEMOCLAW_REF_CRASH_AT: 'stored' },
    },
  ]);
});
