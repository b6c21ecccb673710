import { expect, test } from 'vitest';
import { makeSource } from '../../src/diagnostics/source.ts';
import { overlayProblems } from '../../src/recipe/overlay.ts';
import { told } from './recipe-fixture.ts';

const problemsOf = (text: string): readonly string[] =>
  overlayProblems(makeSource('ci.yml', text)).map(told);

test('an overlay may add what a testbed needs', () => {
  expect(
    problemsOf(
      'services:\n  app:\n    ports: ["80:80"]\n    environment: {A: b}\n    deploy: {replicas: 1}\n',
    ),
  ).toEqual([]);
});

test.each([
  ['an image', '    image: nginx:1', 'RCP036 ci.yml:3'],
  ['a command', '    command: ["true"]', 'RCP036 ci.yml:3'],
  ['an entrypoint', '    entrypoint: ["true"]', 'RCP036 ci.yml:3'],
  ['a build', '    build: .', 'RCP036 ci.yml:3'],
  ['configs', '    configs: [a]', 'RCP036 ci.yml:3'],
  ['the content of a config', '    tty: true\nconfigs:\n  a: {file: ./a}', 'RCP036 ci.yml:5'],
  ['what is not YAML', '\ttty: true', 'RCP001 ci.yml:3'],
])('but not %s', (_, text, want) => {
  expect(problemsOf(`services:\n  app:\n${text}\n`)).toContain(want);
});
