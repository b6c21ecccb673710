// Forms of YAML that the operators' client reads in its own way: here by table, and below by the client itself.

import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { escapeFaultIn, indentingTabIn, quoteEscaped } from '../../src/recipe/go-yaml.ts';
import { isError } from '../../src/recipe/problem.ts';
import { at, toJson } from '../../src/recipe/tree.ts';
import { load, told } from './recipe-fixture.ts';
import { hasStackConfig } from './stack-config.ts';

const service = 'services:\n  app:\n    image: x\n';

/** What `labels` of the service holds. */
const taken: readonly (readonly [string, string, Readonly<Record<string, string>>])[] = [
  [
    'a quote behind a backslash',
    '{a: "it\\\'s", b: "\\\\\'", "c\\\'": d}',
    { a: "it's", b: "\\'", "c'": 'd' },
  ],
  [
    'a tag of a text',
    '{a: !!str 012, b: !!binary aGk=, !!str 1: c}',
    { a: '012', b: 'hi', '1': 'c' },
  ],
  ['a tag of a number', '{a: !!int "12", b: !!null ""}', { a: '12', b: '' }],
  ['an alias as a key', '{&k a: b, c: {}}'.replace('{}', '*k'), { a: 'b', c: 'a' }],
  ['a merge in quotes', '{"<<": a}', { '<<': 'a' }],
  ['a tab behind a value', '\n      a: b\t# c\n      d:\te', { a: 'b', d: 'e' }],
  ['a tab in a block of text', '\n      a: |-\n        b\n        \tc', { a: 'b\n\tc' }],
  ['numbers in quotes as keys', '{"1": a, \'true\': b}', { '1': 'a', true: 'b' }],
];

const refused: readonly (readonly [string, string, number])[] = [
  ['an escaped slash', `${service}    labels: {a: "b\\/c"}\n`, 4],
  ['a line with a tab alone', `${service}\t\n    labels: {a: b}\n`, 4],
  ['a comment behind a tab', `${service}    labels:\n  \t# c\n      a: b\n`, 5],
  ['a tab at the end', `${service}    labels: {a: b}\n\t\n`, 5],
  ['a control character', `${service}    labels: {a: "\u0001"}\n`, 4],
  ['a number as a key', `${service}    labels: {1: a}\n`, 4],
  ['nothing as a key', `${service}    labels: {~: a}\n`, 4],
  ['a key without a name', `${service}    labels:\n      : b\n`, 5],
  ['another YAML', `%YAML 1.2\n---\n${service}`, 1],
  ['no mode of a service', `${service}    deploy: {mode: daemon}\n`, 4],
];

const labelled = (labels: string): string => `${service}    labels: ${labels}\n`;

describe('YAML as the client reads it', () => {
  test.each(taken)('takes %s', (_, labels, want) => {
    const { recipe, problems } = load({ 'compose.yml': labelled(labels) });
    expect(problems.filter(isError).map(told)).toEqual([]);
    const found = recipe === undefined ? undefined : at(recipe.tree, 'services', 'app', 'labels');
    expect(found && toJson(found)).toEqual(want);
  });

  test.each(refused)('refuses %s', (_, text, line) => {
    const errors = load({ 'compose.yml': text }).problems.filter(isError).map(told);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatch(new RegExp(`^RCP00[13] compose\\.yml:${String(line)}$`));
  });

  test.each([
    ['nothing', '---\n', 0],
    ['services', '---\nservices: {b: {image: y}}\n', 1],
  ])('reads the first document alone, with %s behind it', (_, rest, warnings) => {
    const { recipe, problems } = load({ '.env.sample': '', 'compose.yml': service + rest });
    expect(problems.map(told)).toEqual(
      Array.from({ length: warnings }, () => 'RCP025 compose.yml:5'),
    );
    expect(Object.keys(toJson(recipe?.tree ?? missing()) as object)).toEqual(['services']);
  });
});

const missing = (): never => {
  throw new Error('the recipe does not load');
};

test('tabs count where nothing else begins', () => {
  expect(indentingTabIn('a: [\n\tb]\n', [{ start: 3, end: 8 }])).toBeUndefined();
  expect(indentingTabIn('a: [b]\n\t\n', [{ start: 3, end: 6 }])?.span.start).toBe(7);
});

test('escapes are told apart from what only looks like one', () => {
  expect(escapeFaultIn('"a\\\\/b"', 0)).toBeUndefined();
  expect(escapeFaultIn('"a\\/b"', 10)?.span).toEqual({ start: 12, end: 14 });
  expect(quoteEscaped('"a\\\\\'b"')).toBe("a\\'b");
  expect(quoteEscaped("'a'")).toBeUndefined();
});

describe.skipIf(!hasStackConfig)('against `docker stack config`, where this host has it', () => {
  const ask = (input: string) =>
    spawnSync('docker', ['stack', 'config', '-c', '-'], { input, encoding: 'utf8' });

  test('the same is taken, for the same', () => {
    for (const [name, labels, want] of taken) {
      const { status, stdout } = ask(labelled(labels));
      expect(status, name).toBe(0);
      const theirs = parse(stdout) as { services: { app: { labels: unknown } } };
      expect(theirs.services.app.labels, name).toEqual(want);
    }
  });

  test('the same is refused', () => {
    // Only when it deploys does the client look at the mode.
    for (const [name, text] of refused.filter(([, each]) => !each.includes('mode:')))
      expect(ask(text).status, name).not.toBe(0);
  });
});
