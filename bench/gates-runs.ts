// What runs of gates cost: two gates at once against one after the other, the runner's own part of a
// gate against a script that does the same by hand, and resuming a stream against reading it.
// npx tsx bench/gates-runs.ts

import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { systemHttpStreams } from '../src/drivers/http-stream.ts';
import { readStream } from '../src/gates/read-stream.ts';
import { inTurns, median, say } from './timed.ts';

const limits = { jobsMin: 1.4, runnerMsMax: 1500, resumesMax: 3 };
const rounds = 3;
const gates = 6;
const waitMs = 700;
const streamEvents = 200;
const resumes = 1000;

const main = resolve('dist/cli/main.js');
const app = resolve('test/fixtures/gates/slow-server.mjs');

/** Gates that mostly wait for their target, as gates do. */
const gatesFile = (): string => {
  const one = (name: string): string =>
    `  ${name}:\n    kind: http\n    parallel: safe\n    checks: [{id: gate.${name}.asked, request: {get: /slow}, expect: {status: 200}}]\n    canary: [{env: {A: b}, red: gate.${name}.asked}]\n`;
  const names = Array.from({ length: gates }, (_, index) => `g${String(index)}`);
  const target = `target: {start: [node, ${app}, $port, "${String(waitMs)}"], ready: stdout-json}\n`;
  return `version: 1\n${target}gates:\n${names.map(one).join('')}`;
};

const wallMs = (timings: readonly { readonly wallMs: number }[]): number =>
  median(timings.map((each) => each.wallMs));

async function runs(folder: string): Promise<boolean> {
  await writeFile(join(folder, 'gates.yaml'), gatesFile());
  const run = (jobs: number) => ({
    name: `gates --jobs ${String(jobs)}`,
    argv: [
      ...[process.execPath, main, 'gates', 'run', '--quiet', '--file', join(folder, 'gates.yaml')],
      ...['--jobs', String(jobs), '--out', folder, '--store', join(folder, 'store')],
    ] as [string, ...string[]],
  });
  const byHand = {
    name: 'by hand',
    argv: [
      ...[process.execPath, resolve('bench/gates-by-hand.mjs')],
      ...[app, String(waitMs), String(gates)],
    ] as [string, ...string[]],
  };
  const [one = [], two = [], hand = []] = inTurns([run(1), run(2), byHand], rounds);
  const faster = wallMs(one) / wallMs(two);
  const perGate = (wallMs(one) - wallMs(hand)) / gates;
  say(`gates.jobs: 2 at once are ${faster.toFixed(2)} × faster than 1 (limit ≥ 1.40)`);
  say(
    `gates.runner: ${perGate.toFixed(0)} ms per gate beyond a script that does the same (limit ≤ 1500)`,
  );
  return faster >= limits.jobsMin && perGate <= limits.runnerMsMax;
}

/** A stream that is a log: whoever says an id gets what is behind it. */
function streamServer(frames: readonly string[]) {
  return createServer((request, response: ServerResponse) => {
    const from = Number(request.headers['last-event-id'] ?? 0);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(frames.slice(from).join(''));
  });
}

async function resuming(): Promise<boolean> {
  const frames = Array.from({ length: streamEvents }, (_, index) => {
    const id = String(index + 1);
    return `id: ${id}\nevent: chunk\ndata: {"id":${id},"type":"chunk","data":{"text":"some words"}}\n\n`;
  });
  const whole = frames.join('');
  const server = streamServer(frames);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/`;
  const read = async (after: number, cut?: number): Promise<string> => {
    const headers = after === 0 ? {} : { 'last-event-id': String(after) };
    const request = { url, headers, timeoutMs: 10_000 };
    const stop = cut === undefined ? undefined : { events: cut, partial: false };
    const { events } = await readStream(systemHttpStreams, request, stop);
    return Buffer.concat(events.slice(0, cut).map(({ raw }) => raw)).toString();
  };
  /** The same requests without a parser. */
  const plain = async (after: number): Promise<number> => {
    const headers = after === 0 ? {} : { 'last-event-id': String(after) };
    const response = await fetch(url, { headers });
    return (await response.arrayBuffer()).byteLength;
  };
  const timedMs = async (work: (k: number) => Promise<void>): Promise<number> => {
    const started = performance.now();
    for (let count = 0; count < resumes; count += 1) await work(count % streamEvents);
    return performance.now() - started;
  };
  let lost = 0;
  const ratios: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const plainMs = await timedMs(async (k) => {
      await plain(0);
      await plain(k);
    });
    const resumedMs = await timedMs(async (k) => {
      const before = k === 0 ? '' : await read(0, k);
      if (before + (await read(k)) !== whole) lost += 1;
    });
    ratios.push(resumedMs / plainMs);
  }
  server.close();
  const ratio = median(ratios);
  say(
    `gates.resume: ${String(resumes)} resumes of ${String(streamEvents)} events, ${String(lost)} not whole, ${ratio.toFixed(2)} × reading the same bytes (limit ≤ 3.00)`,
  );
  return lost === 0 && ratio <= limits.resumesMax;
}

const folder = await mkdtemp(join(tmpdir(), 'seatrial-bench-'));
try {
  const fine = [await runs(folder), await resuming()];
  process.exitCode = fine.every(Boolean) ? 0 : 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
