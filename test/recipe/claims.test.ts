import { describe, expect, test } from 'vitest';
import { isRecipe, timeoutOf } from '../../src/recipe/claims.ts';
import { versionLabels } from '../../src/recipe/lint-versions.ts';
import { stackOfRecipe, type StackOptions } from '../../src/recipe/stack.ts';
import { changed, good, load, type Tree } from './recipe-fixture.ts';

const recipeOf = (tree: Tree, env: Readonly<Record<string, string>> = {}) => {
  const { recipe } = load(tree, env);
  if (recipe === undefined) throw new Error('the recipe does not load');
  return recipe;
};

const label = '        - "coop-cloud.${STACK_NAME}.version=1.2.0+3.4"';
const withLabel = (text: string): Tree => changed('compose.yml', [label, text]);
const elsewhere = changed(
  'compose.yml',
  [`${label}\n`, ''],
  [
    '    image: postgres:15\n',
    '    image: postgres:15\n    deploy: {labels: ["coop-cloud.${STACK_NAME}.version=2.0.0+1"]}\n',
  ],
);

describe('row 16: the version of a recipe', () => {
  test.each([
    ['the label of app', good, '1.2.0+3.4'],
    ['the label of one other service', elsewhere, '2.0.0+1'],
    [
      'none: a label of one service',
      withLabel(label.replace('.version', '.app.version')),
      undefined,
    ],
    ['none: an empty label', withLabel(label.replace('1.2.0+3.4', '')), undefined],
    ['none: latest', withLabel(label.replace('1.2.0+3.4', 'latest')), undefined],
  ])('is %s', (_, tree, version) => {
    expect(versionLabels(recipeOf(tree))[0]?.version).toBe(version);
  });
});

describe('row 17: labels that tools of operators add', () => {
  const labelsOf = (claims: NonNullable<StackOptions['claims']>, tree = good, service = 'app') => {
    const { stack } = stackOfRecipe(recipeOf(tree), { given: {}, hostAccess: [], claims });
    return stack?.services[service]?.deploy?.labels;
  };

  test('say the recipe, and of a commit that it is none of the releases', () => {
    expect(labelsOf({ recipe: 'notes', chaosVersion: '0a1b2c3d' })).toMatchObject({
      'coop-cloud.notes_example_org.recipe': 'notes',
      'coop-cloud.notes_example_org.version': '1.2.0+3.4',
      'coop-cloud.notes_example_org.chaos': 'true',
      'coop-cloud.notes_example_org.chaos-version': '0a1b2c3d',
    });
  });

  test('say of a release that it is one', () => {
    const labels = labelsOf({ recipe: 'notes' });
    expect(labels).toMatchObject({ 'coop-cloud.notes_example_org.chaos': 'false' });
    expect(labels).not.toHaveProperty(['coop-cloud.notes_example_org.chaos-version']);
  });

  test('stand at the service with the version where there is no app', () => {
    const tree = {
      ...good,
      'compose.yml': (elsewhere['compose.yml'] ?? '').replace('\n  app:\n', '\n  web:\n'),
    };
    expect(labelsOf({ recipe: 'notes' }, tree, 'db')).toMatchObject({
      'coop-cloud.notes_example_org.recipe': 'notes',
    });
  });
});

describe('row 18: how long a recipe may take to come up', () => {
  test.each([
    [
      'the label',
      withLabel(`${label}\n        - "coop-cloud.\${STACK_NAME}.timeout=900"`),
      {},
      900,
    ],
    ['the variable', good, { TIMEOUT: '300' }, 300],
    ['nothing', good, {}, undefined],
    ['no number', good, { TIMEOUT: 'soon' }, undefined],
  ])('%s', (_, tree, env, seconds) => {
    expect(timeoutOf(recipeOf(tree, env))).toBe(seconds);
  });
});

test('a Compose file alone is no recipe', () => {
  expect(isRecipe(recipeOf(good))).toBe(true);
  const plain = { 'compose.yml': 'services:\n  web: {image: nginx}\n' };
  expect(isRecipe(recipeOf(plain))).toBe(false);
  expect(isRecipe(recipeOf({ ...plain, 'abra.sh': 'export A_VERSION=v1\n' }))).toBe(true);
});

test('without an app the harness’s own variables go to one service, and no others do', () => {
  const tree = {
    '.env.sample': 'NAME=x\n',
    'compose.yml': 'services:\n  web: {image: nginx}\n  db: {image: pg}\n',
  };
  const recipe = recipeOf(tree, { SEATRIAL_CANARY_A: 'planted' });
  const { stack } = stackOfRecipe(recipe, { given: {}, hostAccess: [] });
  expect(stack?.services['web']?.environment).toEqual({ SEATRIAL_CANARY_A: 'planted' });
  expect(stack?.services['db']?.environment).toBeUndefined();
});
