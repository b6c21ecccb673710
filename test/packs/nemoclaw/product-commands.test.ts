// Products that answer what nobody can read: every one of them ends in an error, and none in an answer.

import { expect, test } from 'vitest';
import {
  livePolicy,
  lookAtSandbox,
  pinSaid,
  probeVersion,
  readUpgradeCheck,
  versionInLine,
  versionsOf,
} from '../../../packs/nemoclaw/checks/product-commands.ts';
import type { JsonObject } from '../../../src/ports/json.ts';
import type { PackResult } from '../../../src/ports/pack.ts';
import { packContext } from './pack-context.ts';

const sound: PackResult = { exit: 0, timedOut: false, stdout: '', stderr: '' };

const never = (): Promise<never> => Promise.reject(new Error('no file is read here'));

function asking(answer: Partial<PackResult>, containers: readonly JsonObject[] = []) {
  const run = () => Promise.resolve({ ...sound, ...answer });
  const context = packContext({
    ...{ product: '', home: '', ports: { run, state: { read: never, tree: never } } },
  });
  const sandbox = { ...context.ports.sandbox, list: () => Promise.resolve(containers) };
  return { ...context, ports: { ...context.ports, sandbox } };
}

const container = { Id: 'c1', ImageID: 'i1', Labels: { 'openshell.ai/sandbox-name': 'demo' } };

test.each<readonly [string, Partial<PackResult>, RegExp]>([
  ['hangs', { exit: undefined, timedOut: true }, /did not answer in time/],
  ['is killed', { exit: undefined }, /ended by a signal/],
  ['says too much', { stdout: 'x'.repeat(1024 * 1024 + 1) }, /said more than/],
  ['fails', { exit: 70, stderr: 'a trace' }, /ended with 70/],
  [
    'says junk',
    { stdout: '\u0000\u001b[2J 12 monkeys\n' },
    /tells no version|no body|list names it/,
  ],
])('a program that %s', async (_, answer, message) => {
  const context = asking(answer, [container]);
  await expect(versionsOf(context)).rejects.toThrow(message);
  await expect(livePolicy(context, 'demo')).rejects.toThrow(message);
  await expect(lookAtSandbox(context, 'demo')).rejects.toThrow(message);
});

test.each([
  ['an anchor bomb', 'a: &a [1]\nb: [*a, *a]\n'],
  ['a list', '- 1\n'],
  ['nothing', ''],
])('a policy whose body is %s', async (_, body) => {
  await expect(
    livePolicy(asking({ stdout: `Version: 1\n---\n${body}` }), 'demo'),
  ).rejects.toThrow();
});

test('a policy may begin with its line', async () => {
  expect(await livePolicy(asking({ stdout: '---\nversion: 1\n' }), 'demo')).toEqual({ version: 1 });
});

test.each<readonly [string, string, readonly JsonObject[], string]>([
  ['listed without a container', 'demo ready\n', [], 'no container has its label'],
  ['a container that is not listed', 'other ready\n', [container], 'the list names it not'],
  ['two containers', 'demo ready\n', [container, container], 'more than one container'],
])('list and engine differ: %s', async (_, stdout, containers, message) => {
  await expect(lookAtSandbox(asking({ stdout }, containers), 'demo')).rejects.toThrow(message);
});

test('a list as tables have it, and no gateway', async () => {
  const stdout = 'NAME   NAMESPACE  CREATED     PHASE\ndemo   openshell  2026-01-01  Ready\n';
  expect(await lookAtSandbox(asking({ stdout }, [container]), 'demo')).toMatchObject({
    ...{ container: 'c1', image: 'i1', state: 'ready' },
  });
  expect(await lookAtSandbox(asking({ exit: 5 }), 'demo')).toMatchObject({ container: '' });
});

test('an agent that does not answer has no version, and one that says junk cannot be judged', async () => {
  expect(await probeVersion(asking({ exit: 125 }), 'demo', 'openclaw')).toBe('');
  await expect(probeVersion(asking({ stdout: 'v1\n' }), 'demo', 'openclaw')).rejects.toThrow();
});

test.each([
  ['openshell 0.0.44 (reference 01234567)', '0.0.44'],
  ['v0.5.0', '0.5.0'],
  ['Version: 0.0.44, schema 2', '0.0.44'],
  ['OpenClaw 2026.5.22', '2026.5.22'],
  ['1.2', undefined],
  ['1.2.3.4', undefined],
  ['10.1.2.3x', undefined],
  [`1.2.3${' '.repeat(600)}`, undefined],
])('the version in %j is %j', (line, version) => {
  expect(versionInLine(line)).toBe(version);
});

test('what the check says is read of the line that names the sandbox, whole', () => {
  const { lineOf, isStale } = readUpgradeCheck('demo-2: up to date\n  demo   need upgrading\n');
  expect(lineOf('demo')).toBe('  demo   need upgrading');
  expect(isStale).toBe(true);
});

test.each([
  ['0.0.36 is below minimum 0.0.44', 'below'],
  ['0.0.45 is above the maximum 0.0.44', 'above'],
  ['openshell 0.0.44 is in place', 'neither'],
])('%s', (said, why) => {
  expect(pinSaid(said)).toBe(why);
});
