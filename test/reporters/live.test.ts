import fc from 'fast-check';
import stringWidth from 'string-width';
import { expect, test } from 'vitest';
import type { Entry, JournalRecord } from '../../src/evidence/record.ts';
import {
  renderFrame,
  startProgress,
  step,
  type LiveEvent,
  type Progress,
} from '../../src/reporters/live.ts';
import { firstUnseen, hostileStrings, obeyedLines } from './hostile.ts';
import { at, failedState } from './state.ts';

const record = (seq: number, entry: Entry): LiveEvent => ({
  kind: 'record',
  record: { seq, at: at(seq), prev: '', ...entry } as JournalRecord,
});

const ended = (check: string, verdict: 'passed' | 'failed', message = 'm'): Entry => ({
  type: 'check.ended',
  data: {
    check,
    operation: 'install',
    boundary: 'http',
    verdict,
    attempt: 1,
    message,
    evidence: [],
    touched: [],
    durationMs: 1,
  },
});

const entries: readonly Entry[] = [
  { type: 'run.started', data: failedState.started },
  { type: 'operation.started', data: { operation: 'install', stage: 'base', budgetMs: 60_000 } },
  {
    type: 'operation.ended',
    data: {
      operation: 'install',
      outcome: 'failed',
      durationMs: 4200,
      cause: 'app-failed',
      message: 'exit 3',
    },
  },
  { type: 'check.started', data: { check: 'a.b.c', operation: 'install', boundary: 'http' } },
  ended('a.b.c', 'passed'),
  ended('a.b.d', 'failed', 'two\nlines'),
  { type: 'note', data: { code: 'quiet', message: 'm', severity: 'info' } },
  { type: 'note', data: { code: 'loud', message: 'm', severity: 'warning' } },
  { type: 'undo.ended', data: { undo: 'u1', outcome: 'restored' } },
  { type: 'undo.ended', data: { undo: 'u2', outcome: 'timed-out', message: 'stuck' } },
  { type: 'run.ended', data: { outcome: 'completed' } },
];

function play(events: readonly LiveEvent[]): { progress: Progress; lines: readonly string[] } {
  return events.reduce<{ progress: Progress; lines: readonly string[] }>(
    ({ progress, lines }, event) => {
      const next = step(progress, event);
      return { progress: next.progress, lines: [...lines, ...next.lines] };
    },
    { progress: startProgress, lines: [] },
  );
}

const view = { now: at(63), width: 60, height: 5, colour: false };

test('plain lines: starts, ends and bad news only', () => {
  expect(play(entries.map((entry, seq) => record(seq, entry))).lines).toMatchInlineSnapshot(`
    [
      "09:30:00 run 20260301-093000-notes-k3q9: notes, lifecycle, npm:notes@1.4.2 → git:change-7 (1.5.0) (9f2e6d33a371)",
      "09:30:01 ▸ install started, at most 1 min 00 s",
      "09:30:02 ✕ install failed after 4.2 s: app-failed: exit 3",
      "09:30:05 ✕ a.b.d failed: two …",
      "09:30:07 ! warning loud: m",
      "09:30:09 ! undo u2 timed-out: stuck",
      "09:30:10 run completed",
    ]
  `);
});

test('a frame says what runs, for how long, and the last output', () => {
  const { progress } = play([
    ...entries.slice(0, 5).map((entry, seq) => record(seq, entry)),
    { kind: 'output', text: 'one\ntwo\n' },
    { kind: 'output', text: 'three\nfour \u001b[31mred\n' },
  ]);
  expect(renderFrame(progress, view)).toMatchInlineSnapshot(`
    [
      "⠋ install  1 min 02 s",
      "  1 of 12 checks answered, 0 not passed",
      "  │ two",
      "  │ three",
      "  │ four red",
    ]
  `);
  expect(renderFrame(progress, { ...view, height: 2 })).toHaveLength(2);
  expect(renderFrame(progress, { ...view, now: at(-5) })[0]).toContain('0 ms');
});

test('no frame before the start or after the end', () => {
  expect(renderFrame(startProgress, view)).toEqual([]);
  expect(renderFrame(play(entries.map((each, seq) => record(seq, each))).progress, view)).toEqual(
    [],
  );
});

test('a flooding app neither grows the state nor widens a frame', () => {
  const flood: LiveEvent[] = Array.from({ length: 50 }, () => ({
    kind: 'output',
    text: '漢'.repeat(100_000),
  }));
  const { progress } = play([record(0, entries[0] as Entry), ...flood]);
  expect(JSON.stringify(progress.output).length).toBeLessThan(2000);
  for (const line of renderFrame(progress, view)) expect(stringWidth(line)).toBeLessThanOrEqual(60);
});

test('hostile text stays inert in lines and frames', () => {
  for (const text of Object.values(hostileStrings)) {
    const { progress, lines } = play([
      record(0, entries[0] as Entry),
      record(1, {
        type: 'operation.started',
        data: { operation: text, stage: 'base', budgetMs: 1 },
      }),
      record(2, ended(text, 'failed', text)),
      { kind: 'output', text },
    ]);
    const all = [...lines, ...renderFrame(progress, view)];
    for (const line of all) expect(firstUnseen(line)).toBeUndefined();
    for (const line of all) expect(line).not.toContain('\n');
    expect(obeyedLines(all.join('\n'))).toEqual([]);
  }
});

test('never throws on output, however it is split', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' })), (texts) => {
      const { progress } = play([
        record(0, entries[0] as Entry),
        ...texts.map((text): LiveEvent => ({ kind: 'output', text })),
      ]);
      for (const line of renderFrame(progress, view)) expect(firstUnseen(line)).toBeUndefined();
    }),
  );
});
