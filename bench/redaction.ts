// Speed of redaction against SHA-256 over the same bytes, and memory on a long stream.
// npx tsx bench/redaction.ts

import { createHash, randomBytes } from 'node:crypto';
import { makeRedactor } from '../src/evidence/redact.ts';

const mebibyte = 1024 * 1024;
const chunkBytes = 64 * 1024;
const limitMbPerS = 50;
const grownMaxMib = 64;
const secretCount = 50;

const secrets = Array.from({ length: secretCount }, (_, index) => ({
  name: `secret-${String(index)}`,
  value: secretValue(index),
}));

function secretValue(index: number): string {
  const random = randomBytes(24);
  return [
    random.toString('base64'),
    random.toString('hex'),
    `pa"ss\\w&rd-${random.toString('base64url')}`,
  ][index % 3] as string;
}

/** Log lines, JSON, base64, percent and JSON escapes and now and then a secret in some form. */
function mixedText(bytes: number): Uint8Array {
  const lines: string[] = [];
  for (let size = 0, line = 0; size < bytes; line++) {
    const text = `${lineOf(line)}\n`;
    lines.push(text);
    size += text.length;
  }
  return new TextEncoder().encode(lines.join('')).subarray(0, bytes);
}

function lineOf(line: number): string {
  const noise = randomBytes(45);
  const at = `2026-11-21T04:${String(line % 60).padStart(2, '0')}:00.123Z`;
  if (line % 200 === 0)
    return `${at} leaked ${formOf(secrets[(line / 200) % secretCount]?.value ?? '', line)}`;
  switch (line % 6) {
    case 0:
      return `${at} INFO [web.1] GET /api/items/${String(line)}?page=2&sort=name 200 in ${String(line % 90)} ms`;
    case 1:
      return JSON.stringify({
        at,
        level: 'warn',
        message: `queue "mail" has ${String(line)} jobs`,
        nested: JSON.stringify({ a: line }),
      });
    case 2:
      return `${at} data:image/png;base64,${noise.toString('base64')}`;
    case 3:
      return `${at} sha256:${noise.toString('hex')}`;
    case 4:
      return `${at} redirect to ${encodeURIComponent(`https://example.org/ä/ö?q=${noise.toString('latin1')}`)}`;
    default:
      return `${at} The quick brown fox token count is ${String(line)}; no password was asked for, secret or not.`;
  }
}

function formOf(value: string, line: number): string {
  const bytes = Buffer.from(value);
  return [
    value,
    bytes.toString('base64'),
    bytes.toString('hex'),
    encodeURIComponent(value),
    JSON.stringify(value),
  ][line % 5] as string;
}

function* repeated(text: Uint8Array, bytes: number): Generator<Uint8Array> {
  for (let done = 0; done < bytes; done += text.length)
    for (let at = 0; at < text.length; at += chunkBytes) yield text.subarray(at, at + chunkBytes);
}

/** Of the processor, so that a busy machine does not decide an absolute limit. */
function timeMs(work: () => void): number {
  const start = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

function redactAll(chunks: Iterable<Uint8Array>): number {
  const redactor = makeRedactor();
  for (const secret of secrets) redactor.add(secret);
  const stream = redactor.stream();
  let bytes = 0;
  for (const chunk of chunks) bytes += stream.push(chunk).length;
  return bytes + stream.end().length;
}

function hashAll(chunks: Iterable<Uint8Array>): string {
  const hash = createHash('sha256');
  for (const chunk of chunks) hash.update(chunk);
  return hash.digest('hex');
}

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const text = mixedText(32 * mebibyte);
const bytes = 224 * mebibyte;
const speeds: number[] = [];
const ratios: number[] = [];
for (let round = 0; round < 3; round++) {
  const hashMs = timeMs(() => hashAll(repeated(text, bytes)));
  const redactMs = timeMs(() => redactAll(repeated(text, bytes)));
  speeds.push(bytes / 1e6 / (redactMs / 1000));
  ratios.push(hashMs / redactMs);
}
const speed = speeds.sort((a, b) => a - b)[1] ?? 0;
const ratio = ratios.sort((a, b) => a - b)[1] ?? 0;
print(
  `redaction: ${speed.toFixed(1)} MB per processor second, ${String(secretCount)} secrets in all forms, ${(bytes / 1e6).toFixed(0)} MB of mixed text`,
);
print(`redaction-speed: ratio ${(speed / limitMbPerS).toFixed(2)} (limit ≥ 1.00)`);
if (speed < limitMbPerS) process.exitCode = 1;
print(`redaction-vs-sha256: ratio ${ratio.toFixed(2)} (no limit)`);

const before = process.memoryUsage().rss;
let peak = before;
const watched = function* (): Generator<Uint8Array> {
  let count = 0;
  for (const chunk of repeated(text, 1024 * mebibyte)) {
    if (count++ % 256 === 0) peak = Math.max(peak, process.memoryUsage().rss);
    yield chunk;
  }
};
redactAll(watched());
const grownMib = (peak - before) / mebibyte;
print(
  `redaction-memory: a stream of 1 GiB made the resident set grow by ${grownMib.toFixed(0)} MiB (limit ≤ ${String(grownMaxMib)} MiB)`,
);
if (grownMib > grownMaxMib) process.exitCode = 1;
