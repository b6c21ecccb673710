// Targets and commands that flood, crash, never end or leave things behind: the right state, and the
// other gates unaffected.

import { afterEach, expect, test } from 'vitest';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gateFolder, type GateFolder, type GateResult } from './gate-folder.ts';

const hostile = resolve('test/fixtures/gates/hostile.mjs');
let folder: GateFolder;
afterEach(() => {
  folder.remove();
});

const gate = (name: string, check: string, more = ''): string =>
  `  ${name}:\n    kind: http\n${more}    checks: [{id: gate.${name}.asked, ${check}}]\n    canary: [{env: {A: b}, red: gate.${name}.asked}]\n`;
const sound = gate('sound', 'request: {get: /fine}, expect: {status: 200}');

/** The gate beside a sound one, which must pass whatever the other one does. */
async function asked(check: string, more = ''): Promise<GateResult | undefined> {
  const target = `target: {start: [node, ${hostile}, $port], ready: port, boot: 20}\n`;
  folder = gateFolder(`version: 1\n${target}gates:\n${gate('bad', check, more)}${sound}`);
  const { code } = await folder.run();
  const { bad, sound: other, _meta: meta } = folder.results();
  expect(other?.state).toBe('pass');
  expect(code).toBe(meta['decision'] === 'no-go' ? 1 : meta['decision'] === 'go' ? 0 : 3);
  return bad;
}

const get = (path: string, expected = 'status: 200'): string =>
  `request: {get: ${path}, timeout: 5}, expect: {${expected}}`;

// [what, the check, what stands beside it, the state, what is said]
test.each<[string, string, string, string, RegExp]>([
  ['a body without end', get('/flood'), '', 'fail', /the body is larger than 4 MiB/],
  ['a hundred thousand headers', get('/headers'), '', 'error', /No answer from/],
  ['a crash in the middle of an answer', get('/crash'), '', 'error', /No answer from/],
  [
    'an answer that never comes',
    'request: {get: /never, timeout: 0.5}, expect: {status: 200}',
    '',
    'error',
    /^timeout/,
  ],
  ['a gate out of time', get('/never'), '    timeout: 1\n', 'error', /^timeout after 1 s/],
  [
    'a stream without end',
    'kind: sse, request: {get: /endless}',
    '',
    'fail',
    /the stream is a flood/,
  ],
  [
    'one frame without end',
    'kind: sse, request: {get: /frame}',
    '',
    'fail',
    /the stream is a flood/,
  ],
  [
    'a stream that stops talking',
    'kind: sse, request: {get: /silent, timeout: 0.5}',
    '',
    'error',
    /^timeout/,
  ],
  ['a status of nothing that HTTP knows', get('/garbage'), '', 'error', /No answer from/],
])('%s', async (...[, check, more, state, said]) => {
  const bad = await asked(check, more);
  expect([bad?.state, bad?.checks[0]?.summary]).toEqual([state, expect.stringMatching(said)]);
});

test('a target that floods its output is judged by what it answers, and its flood is cut', async () => {
  const bad = await asked(get('/fine'), '    env: {FLOOD: "1"}\n');
  expect(bad?.state).toBe('pass');
});

test('a command that floods is cut, and what is kept of it is bounded', async () => {
  const bad = await asked('kind: command, run: [sh, -c, "yes | head -c 50000000"]');
  expect(bad?.state).toBe('pass');
  const run = String(folder.results()._meta['run_id']);
  for (const { path } of bad?.evidence ?? [])
    expect(readFileSync(join(folder.folder, '.seatrial/runs', run, path)).length).toBeLessThan(
      2 * 1024 * 1024,
    );
});

test('a command that leaves a child behind is an error that names it', async () => {
  const leave = 'kind: command, run: [sh, -c, "setsid sleep 300 >/dev/null 2>&1 & exit 0"]';
  const bad = await asked(leave);
  expect([bad?.state, bad?.checks[0]?.summary]).toEqual([
    'error',
    expect.stringMatching(/left processes behind: \d+ .*sleep 300/u),
  ]);
});

test('a command that a signal kills is an error', async () => {
  const bad = await asked('kind: command, run: [sh, -c, "kill -SEGV $$$$"]');
  expect([bad?.state, bad?.checks[0]?.summary]).toEqual([
    'error',
    expect.stringContaining('killed by SIGSEGV'),
  ]);
});
