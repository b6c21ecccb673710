import { expect, test } from 'vitest';
import { recipeChecks, type RecipeFacts } from '../../src/checks/floor-recipe.ts';
import type { RecipeFinding } from '../../src/ports/recipes.ts';

const clean = { errors: [], lint: [] };
const finding: RecipeFinding = {
  ...{ code: 'RCP010', severity: 'error', path: 'compose.yml', line: 3, column: 5 },
  message: 'The service `app` has no image.',
};
const warning: RecipeFinding = { ...finding, code: 'RCP025', severity: 'warning' };

const judge = (name: string, facts: RecipeFacts) =>
  recipeChecks.find(({ id }) => id === `floor.recipe.${name}`)?.judge(facts);

test.each<[string, string, RecipeFacts, string]>([
  ['renders', 'both render', { base: clean, head: clean }, 'passed'],
  ['renders', 'head alone renders', { head: clean }, 'passed'],
  [
    'renders',
    'canary: head does not',
    { base: clean, head: { ...clean, errors: [finding] } },
    'failed',
  ],
  [
    'renders',
    'canary: base does not',
    { base: { ...clean, errors: [finding] }, head: clean },
    'failed',
  ],
  ['lint', 'warnings alone', { head: { ...clean, lint: [warning] } }, 'passed'],
  ['lint', 'canary: an error', { head: { ...clean, lint: [finding] } }, 'failed'],
  [
    'lint',
    'an error of base, which operators run',
    { base: { ...clean, lint: [finding] }, head: clean },
    'passed',
  ],
])('floor.recipe.%s: %s', (name, _, facts, verdict) => {
  const answer = judge(name, facts);
  expect(answer?.verdict).toBe(verdict);
  if (verdict === 'failed') expect(answer?.message).toContain('compose.yml:3:5 RCP010');
});
