import { expect, test } from 'vitest';
import { renderJson } from '../../src/diagnostics/render-json.ts';
import { makeSource } from '../../src/diagnostics/source.ts';

test('places count from 1 and end after the last character', () => {
  const source = makeSource('seatrial.yaml', 'a: 1\r\nb: |\r\n  x\r\n');
  const diagnostics = [
    { code: 'SC003', severity: 'error', message: 'M.', span: { start: 9, end: 15 } },
    {
      code: 'SC001',
      severity: 'warning',
      message: 'N.',
      hint: 'H.',
      span: { start: 6, end: 7 },
      related: [{ span: { start: 0, end: 1 }, message: 'R.' }],
    },
  ] as const;
  expect(renderJson([{ source, diagnostics }])).toEqual([
    {
      file: 'seatrial.yaml',
      line: 2,
      column: 1,
      endLine: 2,
      endColumn: 2,
      code: 'SC001',
      severity: 'warning',
      message: 'N.',
      hint: 'H.',
      related: [{ line: 1, column: 1, message: 'R.' }],
    },
    {
      file: 'seatrial.yaml',
      line: 2,
      column: 4,
      endLine: 3,
      endColumn: 4,
      code: 'SC003',
      severity: 'error',
      message: 'M.',
      hint: null,
      related: [],
    },
  ]);
});

test('no text of the source is repeated', () => {
  const source = makeSource('f', 'KEY: hunter2');
  const span = { start: 0, end: 3 };
  const diagnostics = [{ code: 'MF002', severity: 'error', message: 'A secret.', span }] as const;
  expect(JSON.stringify(renderJson([{ source, diagnostics }]))).not.toContain('hunter2');
});
