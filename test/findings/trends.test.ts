import { expect, test } from 'vitest';
import { classify } from '../../src/findings/classify.ts';
import type { Classification } from '../../src/findings/classification-schema.ts';
import {
  isSnapshot,
  snapshotName,
  sortSnapshots,
  surplusSnapshots,
  trendsMax,
} from '../../src/findings/history.ts';
import {
  latestTrends,
  mergeTrends,
  readTrends,
  renderTrends,
  reportTrends,
  trendOf,
  trendReportJsonSchema,
  trendsJsonSchema,
  type Trend,
} from '../../src/findings/trends.ts';
import { intake, schemaErrors, subject } from './samples.ts';

const day = (number: number) => `2026-03-${String(number).padStart(2, '0')}T00:00:00.000Z`;
const snapshot = (number: number, contexts: readonly string[]): Classification =>
  classify(
    intake([
      subject(
        'a',
        contexts.map((context) => ({ context })),
      ),
    ]),
    {
      ...{ timestamp: day(number), today: day(number).slice(0, 10), requireOwner: false },
      ...{ suppressions: [], categories: 'word' as const },
    },
  ).classification;
const name = (number: number) => snapshotName(day(number), new Set());
const trend = (number: number, contexts: readonly string[] = []): Trend =>
  trendOf(name(number), snapshot(number, contexts));

test('names of snapshots, also of several in one second', () => {
  const first = snapshotName('2025-09-12T10:15:00.123Z', new Set());
  expect(first).toBe('20250912T101500_classification.json');
  const second = snapshotName('2025-09-12T10:15:00.900Z', new Set([first]));
  expect(second).toBe('20250912T101500-2_classification.json');
  const third = snapshotName('2025-09-12T10:15:00.900Z', new Set([first, second]));
  expect(sortSnapshots([third, second, first, 'trends.json'])).toEqual([first, second, third]);
  expect(isSnapshot('../20250912T101500_classification.json')).toBe(false);
});

test('pruning keeps at least as many as trends tell of', () => {
  const names = Array.from({ length: 28 }, (_, index) => name(index + 1));
  expect(surplusSnapshots(names, 5)).toEqual(names.slice(0, 8));
  expect(surplusSnapshots(names, 25)).toEqual(names.slice(0, 3));
  expect(surplusSnapshots(names, 100)).toEqual([]);
});

test('trends have the shape of the source document, the last twenty, and fit their schema', () => {
  const all = Array.from({ length: 25 }, (_, index) => trend(index + 1, ['x']));
  const latest = latestTrends([...all].reverse());
  expect(latest).toEqual(all.slice(-trendsMax));
  expect(latest[0]).toMatchObject({
    file: '20260306T000000_classification.json',
    failed: 1,
    total: 1,
  });
  expect(readTrends(renderTrends(latest))).toEqual(latest);
  expect(schemaErrors(trendsJsonSchema, latest)).toEqual([]);
  expect(schemaErrors(trendsJsonSchema, all)).not.toEqual([]);
});

test.each(['', '{}', '[', '[{"file":"../x"}]', `<<<<<<< a\n[]`])('corrupt trends: %j', (text) => {
  expect(readTrends(text)).toBeUndefined();
});

test('snapshots of both sides are in the merge', () => {
  const [a, b, c] = [trend(1), trend(2), trend(3)];
  const merged = mergeTrends({
    base: renderTrends([a]),
    ours: renderTrends([a, c]),
    theirs: renderTrends([a, b]),
  });
  expect(merged).toMatchObject({ text: renderTrends([a, b, c]), conflicts: [] });
  expect(mergeTrends({ base: '', ours: '[', theirs: '[]' })).toHaveProperty('problems');
});

test('changes per code, and what came back', () => {
  const told = [['x', 'y'], ['y'], ['y', 'x', 'z']].map((contexts, index) => ({
    trend: trend(index + 1, contexts),
    snapshot: snapshot(index + 1, contexts),
  }));
  const trends = told.map((each) => each.trend);
  const report = reportTrends(
    trends,
    new Map(told.map((each) => [each.trend.file, each.snapshot])),
  );
  expect(report.changes).toEqual([{ code: 'VALIDATION_ERROR', first: 1, previous: 1, last: 1 }]);
  expect(report.came_back).toMatchObject([{ subjects: ['a'], last_seen: name(1) }]);
  expect(schemaErrors(trendReportJsonSchema, report)).toEqual([]);
  expect(schemaErrors(trendReportJsonSchema, { ...report, changes: 1 })).not.toEqual([]);
  const without = reportTrends(
    trends,
    new Map([
      [name(3), told[2]?.snapshot],
      [name(2), told[1]?.snapshot],
    ]),
  );
  expect([without.came_back, without.unreadable]).toEqual([[], [name(1)]]);
});

test('nothing to tell is no error', () => {
  expect(reportTrends([], new Map())).toEqual({
    snapshots: [],
    changes: [],
    came_back: [],
    unreadable: [],
  });
});
