import { expect, test } from 'vitest';
import { makeSource } from '../../src/diagnostics/source.ts';
import { readEnvSample } from '../../src/recipe/env-sample.ts';

test('a value in double quotes goes on over lines', () => {
  const { entries, problems } = readEnvSample(
    makeSource('.env.sample', 'A="one\ntwo" # length=3\nB=c\n'),
  );
  expect(problems).toEqual([]);
  expect(entries.get('A')).toMatchObject({ value: 'one\ntwo', comment: 'length=3' });
  expect(entries.get('B')?.value).toBe('c');
});
