// Logs on a real disk that are appended to, rotated, cut and removed between two looks.

import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemLogFiles } from '../../src/drivers/log-files.ts';
import { followLog, type Followed } from '../../src/gates/follow-log.ts';

let folder = '';
let log = '';
let last: Followed | undefined;
beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), 'seatrial-follow-'));
  log = join(folder, 'audit.jsonl');
  last = undefined;
});
afterEach(() => {
  fs.rmSync(folder, { recursive: true });
});

async function look(tailAbove?: number): Promise<Followed> {
  last = await followLog({ logs: systemLogFiles, path: log, before: last?.parts, tailAbove });
  return last;
}
const read = async (): Promise<readonly string[]> => (await look()).lines;
const append = (text: string): void => {
  fs.appendFileSync(log, text);
};
const line = (name: string): string => `{"ts":"2026-03-01T00:00:00Z","name":"${name}"}\n`;
const nameOf = (text: string): string => (JSON.parse(text) as { name: string }).name;
const rotate = (name: string): void => {
  fs.renameSync(log, `${log}.${name}`);
};

test('begins at the end of what is there, and reads each line once', async () => {
  append(line('old'));
  expect(await read()).toEqual([]);
  append(line('a') + line('b'));
  expect((await read()).map(nameOf)).toEqual(['a', 'b']);
  expect(await read()).toEqual([]);
});

test('a log that appears later is read from its beginning', async () => {
  expect((await look()).parts).toEqual([]);
  append(line('first'));
  expect((await read()).map(nameOf)).toEqual(['first']);
});

test('half a line waits for its other half', async () => {
  await look();
  append(line('a').slice(0, 9));
  expect(await read()).toEqual([]);
  append(line('a').slice(9));
  expect((await read()).map(nameOf)).toEqual(['a']);
});

test('rotation by name, several times between two looks', async () => {
  await look();
  append(line('a'));
  await look();
  append(line('b'));
  rotate('20260301T000100Z');
  append(line('c'));
  rotate('20260301T000200Z');
  append(line('d'));
  const { lines, lost, parts } = await look();
  expect([lines.map(nameOf), lost]).toEqual([['b', 'c', 'd'], false]);
  expect(parts.map(({ name }) => name.slice(11))).toEqual([
    ...['.20260301T000100Z', '.20260301T000200Z', ''],
  ]);
});

test('a copy that is made before the log is cut', async () => {
  append(line('old'));
  await look();
  append(line('a'));
  await look();
  append(line('b'));
  fs.copyFileSync(log, `${log}.1`);
  fs.truncateSync(log);
  append(line('c').replace('2026', '2027'));
  const { lines, lost } = await look();
  expect([lines.map(nameOf), lost]).toEqual([['b', 'c'], false]);
});

test('a log that is cut goes on from its beginning, and says that lines may be gone', async () => {
  append(line('a long one before the cut'));
  await look();
  fs.truncateSync(log);
  append(line('b'));
  const { lines, lost } = await look();
  expect([lines.map(nameOf), lost]).toEqual([['b'], true]);
});

test('a newest file that is removed may have held more; a backup that was read may go', async () => {
  await look();
  append(line('a'));
  await look();
  rotate('1');
  append(line('b'));
  expect((await look()).lost).toBe(false);
  fs.rmSync(`${log}.1`);
  expect((await look()).lost).toBe(false);
  fs.rmSync(log);
  expect((await look()).lost).toBe(true);
});

test('another file under the number of an old one is another file', async () => {
  append(line('a'));
  const { parts } = await look();
  const [first] = parts;
  // Written in place, as a file system may give the number of a removed file to the next one.
  fs.writeFileSync(log, line('z').replace('2026', '2031') + line('y'));
  const { lines, parts: now } = await look();
  expect(now[0]?.inode).toBe(first?.inode);
  expect(lines.map(nameOf)).toEqual(['z', 'y']);
});

test('links, pipes and folders are no logs', async () => {
  const elsewhere = join(folder, 'elsewhere');
  fs.writeFileSync(elsewhere, line('secret'));
  fs.symlinkSync(elsewhere, log);
  execFileSync('mkfifo', [`${log}.1`]);
  fs.mkdirSync(`${log}.2`);
  expect(await look()).toMatchObject({ parts: [], lines: [], behind: false });
});

test('a line without an end is passed over, and a flood is read in pieces', async () => {
  await look();
  append(`${'x'.repeat(200_000)}\n${line('after')}`);
  const { overlong, lines } = await look();
  expect(overlong).toBeGreaterThan(0);
  expect(nameOf(lines.at(-1) ?? '')).toBe('after');
  const flood = 20_000;
  append(Array.from({ length: flood }, (_, at) => line(String(at))).join(''));
  const names: string[] = [];
  let behind = true;
  while (behind) {
    const next = await look();
    names.push(...next.lines.map(nameOf));
    behind = next.behind;
  }
  expect(names).toEqual(Array.from({ length: flood }, (_, at) => String(at)));
});

test('the length of the last line of a file that is too large', async () => {
  append(line('a') + line('bb'));
  const [part] = (await look(10)).parts;
  expect(part?.last).toBe(line('bb').length);
});

test('whatever is appended and rotated, each line comes once and in order', async () => {
  const step = fc.oneof(
    fc.constant('rotate' as const),
    fc.constant('look' as const),
    fc.integer({ min: 1, max: 90 }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      for (const name of fs.readdirSync(folder)) fs.rmSync(join(folder, name));
      last = undefined;
      await look();
      let [written, rotations, pending] = [0, 100, ''];
      const names: string[] = [];
      for (const each of steps) {
        if (each === 'look') names.push(...(await read()).map(nameOf));
        else if (each === 'rotate') {
          append(pending);
          pending = '';
          if (fs.existsSync(log)) rotate(String(rotations++));
        } else {
          // Lines arrive in pieces of any length.
          if (pending === '') pending = line(String(written++));
          append(pending.slice(0, each));
          pending = pending.slice(each);
        }
      }
      append(pending);
      names.push(...(await read()).map(nameOf));
      expect(names).toEqual(Array.from({ length: written }, (_, at) => String(at)));
    }),
    { numRuns: 60 },
  );
});
