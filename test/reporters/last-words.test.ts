import { expect, test } from 'vitest';
import { lastWords } from '../../src/reporters/last-words.ts';
import { renderHtml } from '../../src/reporters/html.ts';
import { renderMarkdown } from '../../src/reporters/markdown.ts';
import { renderTerminal } from '../../src/reporters/terminal.ts';
import { firstUnseen, hostileStrings, obeyedLines } from './hostile.ts';
import { evidence, failedState, objects, operation } from './state.ts';

const ended = (outcome: 'done' | 'failed' | 'error', text: string) => ({
  ...failedState,
  operations: [
    operation('install', [0, 1], {
      outcome,
      observations: [
        {
          operation: 'install',
          what: 'logs',
          seq: 1,
          object: evidence('l', text, 'text/plain'),
        },
      ],
    }),
  ],
});

const many = Array.from({ length: 5000 }, (_, at) => `line ${String(at)}`).join('\n');

test.each([
  { outcome: 'failed', text: 'a\n\nb\n', want: ['a', 'b'] },
  { outcome: 'error', text: 'a', want: ['a'] },
  { outcome: 'failed', text: many, want: many.split('\n').slice(-12) },
] as const)('an operation that ended as $outcome', ({ outcome, text, want }) => {
  expect(lastWords(ended(outcome, text), objects)).toEqual([{ operation: 'install', lines: want }]);
});

test('nothing is told of an operation that was done, or that wrote nothing', () => {
  expect(lastWords(ended('done', 'a'), objects)).toEqual([]);
  expect(lastWords(ended('failed', ''), objects)).toEqual([]);
});

test('every report for people shows them', () => {
  const state = ended('failed', 'no such table');
  for (const text of [
    renderTerminal(state, { objects, width: 80, colour: false }),
    renderMarkdown(state, { objects }),
    renderHtml(state, { objects }),
  ])
    expect(text).toMatch(
      /What the app wrote last[^┆]*no such table|What the app wrote last\n  ┆ no such/u,
    );
});

test('a log that is not at hand still has its command', () => {
  const state = ended('failed', 'a');
  expect(lastWords(state, () => undefined)).toEqual([{ operation: 'install', lines: [] }]);
  const text = renderTerminal(state, { objects: () => undefined, width: 80, colour: false });
  expect(text).toContain(`seatrial logs ${state.started.run} --operation install`);
});

test.each(Object.keys(hostileStrings))('hostile output is inert: %s', (name) => {
  const state = ended('failed', hostileStrings[name] ?? '');
  const text = renderTerminal(state, { objects, width: 80, colour: false });
  expect(firstUnseen(text)).toBeUndefined();
  expect(obeyedLines(text)).toEqual([]);
  expect(firstUnseen(renderMarkdown(state, { objects }))).toBeUndefined();
});
