// The reference kernel by itself: what its gates do not look at, and its streams cut at any byte.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const program = resolve('dist/packs/aetherra/kernel/main.js');
const script = resolve('packs/aetherra/engine-script.json');

type Kernel = { readonly url: string; readonly stop: () => Promise<unknown> };

let folder: string;
let kernel: Kernel;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kernel-'));
  kernel = await start(join(folder, 'data'));
});
afterAll(async () => {
  await kernel.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function start(data: string, env: Readonly<Record<string, string>> = {}): Promise<Kernel> {
  const child = spawn(process.execPath, [program, '--port', '0', '--data', data], {
    env: {
      PATH: process.env['PATH'],
      AETHERRA_HUB_CONTROL_TOKEN: 'control',
      SEATRIAL_ENGINE_SCRIPT: script,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const { url } = JSON.parse(line.toString()) as { url: string };
  const ended = once(child, 'exit');
  return {
    url,
    stop: () => {
      child.kill('SIGTERM');
      return ended;
    },
  };
}

type Json = Readonly<Record<string, unknown>>;
const post = async (path: string, body: Json, base = kernel.url) => {
  const response = await fetch(`${base}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer control' },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, text, headers: response.headers };
};
const json = ({ text }: { readonly text: string }): Json => JSON.parse(text) as Json;

const resumed = async (trace: string, last: number): Promise<string> => {
  const headers = { 'last-event-id': String(last), 'x-aetherra-trace-id': trace };
  const response = await fetch(`${kernel.url}/api/ai/stream`, { headers });
  return response.text();
};

/** So many bytes of a new stream, and then nothing more of it. */
async function cutAt(bytes: number): Promise<{ readonly trace: string; readonly text: string }> {
  const leave = new AbortController();
  const address = `${kernel.url}/api/ai/stream?message=live`;
  const response = await fetch(address, { signal: leave.signal });
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    parts.push(chunk);
    length += chunk.length;
    if (length >= bytes) break;
  }
  leave.abort();
  const text = Buffer.concat(parts).subarray(0, bytes).toString('latin1');
  return { trace: response.headers.get('x-aetherra-trace-id') ?? '', text };
}

const engineCalls = async (): Promise<number> => {
  const page = await (await fetch(`${kernel.url}/metrics`)).text();
  return Number(/^aetherra_chat_engine_calls_total (\d+)$/mu.exec(page)?.[1]);
};

describe('streams', () => {
  test('cut at any byte and resumed are the bytes of the log, with one call of the engine', async () => {
    const before = await engineCalls();
    const runs = 12;
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 2200 }), async (bytes) => {
        const { trace, text } = await cutAt(bytes);
        const whole = text.slice(0, text.lastIndexOf('\n\n') + 2);
        const kept = text.includes('\n\n') ? whole : '';
        const last = [...kept.matchAll(/^id: (\d+)$/gmu)].at(-1)?.[1] ?? '0';
        const tail = Buffer.from(await resumed(trace, Number(last))).toString('latin1');
        const log = Buffer.from(await resumed(trace, 0)).toString('latin1');
        expect(kept + tail).toBe(log);
      }),
      { numRuns: runs, endOnFailure: true },
    );
    expect((await engineCalls()) - before).toBe(runs);
  });

  test('a message that came before is a duplicate', async () => {
    const body = { message: 'ping', client_message_id: 'one' };
    expect((await post('/api/ai/stream', body)).status).toBe(200);
    expect(await post('/api/ai/stream', body)).toMatchObject({
      status: 409,
      text: '{"error":"duplicate"}',
    });
  });

  test('one that came too late ends in error, usage, final, and in the dead letters', async () => {
    const { text } = await post('/api/ai/stream', { message: 'late', ttl_sec: 0 });
    const events = [...text.matchAll(/^event: (\w+)$/gmu)].map(([, name]) => name);
    expect(events.slice(-3)).toEqual(['error', 'usage', 'final']);
    const letters = readFileSync(join(folder, 'data/.aetherra/kernel_dlq.jsonl'), 'utf8');
    expect(JSON.parse(letters.split('\n')[0] ?? '')).toMatchObject({ reason: 'expired' });
  });
});

describe('tasks', () => {
  test('need the control token, and a type that there is', async () => {
    const response = await fetch(`${kernel.url}/api/kernel/tasks`, { method: 'POST', body: '{}' });
    expect(response.status).toBe(403);
    expect((await post('/api/kernel/tasks', { type: 'no-such' })).status).toBe(400);
  });

  test('a full queue refuses and leaves a dead letter', async () => {
    const data = join(folder, 'small');
    const small = await start(data, {
      AETHERRA_KERNEL_QSIZE_BACKGROUND: '1',
      SEATRIAL_KERNEL_FAULTS: 'kernel.stopped',
    });
    const task = { type: 'aetherra_thought', data: { text: 'x' }, priority: 'background' };
    const statuses = [];
    for (let count = 0; count < 2; count += 1)
      statuses.push((await post('/api/kernel/tasks', task, small.url)).status);
    await small.stop();
    expect(statuses).toEqual([202, 429]);
    const reasons = readFileSync(join(data, '.aetherra/kernel_dlq.jsonl'), 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => (JSON.parse(line) as Json)['reason']);
    expect(reasons).toEqual(['queue_full:background', 'drain:background']);
  });
});

describe('edits of Lyrixa', () => {
  const chat = (file: string, root: string, allowed = true) =>
    post('/api/lyrixa/chat', {
      message: `edit ${file}: changed`,
      allow_edits: allowed,
      edit_root: root,
    });

  test('are made inside the folder that the caller names, and only when allowed', async () => {
    const root = join(folder, 'edits');
    mkdirSync(root);
    await chat('kept.txt', root, false);
    expect(existsSync(join(root, 'kept.txt'))).toBe(false);
    expect(json(await chat('made.txt', root))).toMatchObject({ applied_changes: ['made.txt'] });
    expect(readFileSync(join(root, 'made.txt'), 'utf8')).toBe('changed');
  });

  test.each([
    ['a parent', '../outside.txt'],
    ['an absolute path', '/tmp/seatrial-outside.txt'],
    ['a folder that is a link', 'link/outside.txt'],
    ['a file that is a link', 'file-link'],
  ])('are refused through %s', async (_what, file) => {
    const root = mkdtempSync(join(folder, 'root-'));
    const outside = mkdtempSync(join(folder, 'outside-'));
    writeFileSync(join(outside, 'file'), 'as it was');
    symlinkSync(outside, join(root, 'link'));
    symlinkSync(join(outside, 'file'), join(root, 'file-link'));
    expect((await chat(file, root)).status).toBe(403);
    expect(readFileSync(join(outside, 'file'), 'utf8')).toBe('as it was');
    expect(existsSync(join(outside, 'outside.txt'))).toBe(false);
  });
});

test.each([
  ['AETHERRA_SSE_REPLAY_MAX_EVENTS', '0'],
  ['AETHERRA_PROFILE', 'tset'],
  ['AETHERRA_CHAT_TEMPERATURE', 'warm'],
  ['AETHERRA_HMR_ENABLED', 'maybe'],
  ['SEATRIAL_ENGINE_SCRIPT', '{"default":[{"delay_ms":-1}]}'],
])('%s=%s keeps it from starting', async (name, value) => {
  const child = spawn(process.execPath, [program, '--data', folder], {
    env: { PATH: process.env['PATH'], [name]: value },
    stdio: 'ignore',
  });
  expect(await once(child, 'exit')).toEqual([2, null]);
});
