import { expect, test } from 'vitest';
import { showEvidence } from '../../src/reporters/evidence-text.ts';
import { evidence, objects } from './state.ts';

const limits = { limitBytes: 40, limitLines: 3 };

test.each([
  ['text', 'a\nb\n', 'text/plain', { kind: 'text', text: 'a\nb' }],
  ['JSON', '{"a":1}', 'application/json', { kind: 'json', text: '{\n  "a": 1\n}' }],
  ['broken JSON', '{"a":', 'application/json', { kind: 'text', text: '{"a":' }],
  [
    'many lines',
    'a\nb\nc\nd\ne',
    'text/plain',
    { kind: 'text', text: 'a\nb\nc', omitted: 'Cut here: 2 more lines in the bundle.' },
  ],
  [
    'many bytes, cut inside a character',
    `${'x'.repeat(39)}é${'y'.repeat(9)}`,
    'text/plain',
    { kind: 'text', text: 'x'.repeat(39), omitted: 'Cut here: 10 B more in the bundle.' },
  ],
  ['an image', 'GIF', 'image/gif', { kind: 'binary', text: '', omitted: '3 B of image/gif.' }],
  [
    'text with NUL',
    'a\u0000b',
    'text/plain',
    { kind: 'binary', text: '', omitted: '3 B of text/plain.' },
  ],
])('%s', (_name, content, mediaType, expected) => {
  expect(showEvidence(evidence('e', content, mediaType), objects, limits)).toEqual(expected);
});

test('an object that cannot be had is said to be missing', () => {
  const ref = { path: 'e', sha256: 'f'.repeat(64), bytes: 1, mediaType: 'text/plain' };
  expect(showEvidence(ref, objects, limits).kind).toBe('missing');
});
