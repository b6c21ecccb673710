import { expect, it } from 'vitest';
import { secretProblem } from '../../src/evidence/secret-forms.ts';

it.each([
  ['swordfish', 'no such text', undefined],
  ['12345678', '', undefined],
  ['1234567', '', 'secret-too-short'],
  ['🔑🔑🔑🔑🔑🔑🔑', '', 'secret-too-short'],
  ['', '', 'secret-too-short'],
  ['changeme', 'set it to changeme first', 'secret-in-own-text'],
])('%j within %j: %s', (value, ownText, code) => {
  const problem = secretProblem({ name: 'db', value }, ownText);
  expect(problem?.code).toBe(code);
  if (value !== '') expect(problem?.message ?? '').not.toContain(value);
});
