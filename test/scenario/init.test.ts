import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeSource } from '../../src/diagnostics/source.ts';
import type { AppFolder } from '../../src/scenario/guess-folder.ts';
import { changeMe, initManifest } from '../../src/scenario/init.ts';
import { loadManifest } from '../../src/scenario/load-manifest.ts';

const load = (text: string) =>
  loadManifest(makeSource('seatrial.yaml', text), { exists: () => false });

const counter = { name: 'counter', version: '1.2.0', bin: { other: 'x.js', counter: './cli.js' } };
const files = ['package.json'];

describe('guesses', () => {
  test.each<[string, AppFolder, object]>([
    [
      'a published package: its bin of the same name',
      { name: 'x', files, packageJson: counter },
      {
        app: 'counter',
        driver: 'process',
        source: { npm: 'counter', head: 'dir:.' },
        process: { start: ['{node}', '{release}/node_modules/counter/cli.js'] },
      },
    ],
    [
      'a scoped package with one bin',
      { name: 'x', files, packageJson: { name: '@scope/My.App', bin: 'bin/run.mjs' } },
      { app: 'my-app', process: { start: ['{node}', '{release}/bin/run.mjs'] } },
    ],
    [
      'a package with main alone',
      { name: 'x', files, packageJson: { name: '@scope/app', main: 'lib/index.js' } },
      {
        source: { npm: '@scope/app' },
        process: { start: ['{node}', '{release}/node_modules/@scope/app/lib/index.js'] },
      },
    ],
    [
      'a private repository with tags',
      {
        name: 'x',
        files: [...files, 'package-lock.json'],
        tags: ['v1.0.0'],
        packageJson: {
          name: 'web',
          private: true,
          main: 'a.js',
          scripts: { start: 'node src/server.js --quiet' },
          dependencies: { a: '1' },
        },
      },
      {
        source: { git: '.' },
        process: {
          start: ['{node}', '{release}/src/server.js', '--quiet'],
          prepare: ['npm', 'ci', '--omit=dev', '--ignore-scripts'],
        },
      },
    ],
    [
      'a recipe',
      {
        name: 'wiki',
        files: ['compose.yml', 'abra.sh', '.env.sample'],
        remote: 'https://git.example.org/recipes/wiki.git',
      },
      { app: 'wiki', driver: 'swarm', source: { git: 'https://git.example.org/recipes/wiki.git' } },
    ],
    ['a compose file', { name: 'shop', files: ['compose.yaml'] }, { driver: 'compose' }],
    ['a Dockerfile', { name: 'shop', files: ['Dockerfile'] }, { driver: 'compose' }],
  ])('%s', (_name, folder, expected) => {
    const { text, guesses } = initManifest(folder);
    const { manifest, problems } = load(text);
    expect(problems).toEqual([]);
    expect(manifest).toMatchObject(expected);
    for (const guess of guesses) expect(text).toContain(`# Guess: ${guess}`);
  });
});

test('an empty folder is never the code under test of a package from the registry', () => {
  const published = load(
    initManifest({ name: 'x', files, packageJson: counter, published: true }).text,
  );
  expect(published.manifest).toMatchObject({
    source: { npm: 'counter' },
    timeouts: { deploy: 60 },
  });
  expect(published.manifest?.source.head).toBeUndefined();
  const here = load(initManifest({ name: 'x', files, packageJson: counter }).text);
  expect(here.manifest?.source.head).toBe('dir:.');
});

test('what cannot be guessed is marked', () => {
  const { text, incomplete } = initManifest({ name: '', files: [] });
  expect(incomplete).toBe(true);
  expect(text).toContain(`{release}/${changeMe}.js`);
  expect(load(text)).toMatchObject({ manifest: { app: 'app', source: {} }, problems: [] });
  const complete = initManifest({ name: 'x', files, packageJson: counter });
  expect(complete.incomplete).toBe(false);
  expect(complete.text).not.toContain(changeMe);
});

test.each([
  { bin: '../../etc/passwd' },
  { bin: '/bin/sh' },
  { bin: 'a b.js' },
  { bin: '-e' },
  { scripts: { start: 'rm -rf / && node x.js' } },
  { scripts: { start: 'node -e "evil"' } },
  { scripts: { start: 'node $(evil)' } },
  { main: '{"x"}\n- y' },
])('nothing odd is taken over from package.json: %j', (packageJson) => {
  const { text } = initManifest({
    name: 'x',
    files,
    packageJson: { private: true, ...packageJson },
  });
  expect(text).toContain(`start: ["{node}", "{release}/${changeMe}.js"]`);
});

test('a token in the URL of the remote is not written down', () => {
  const remote = ['https://me', ':', 'hunter2', '@git.example.org/x.git'].join('');
  const { text } = initManifest({ name: 'x', files: ['compose.yml', 'abra.sh'], remote });
  expect(text).not.toContain('hunter2');
  expect(load(text).manifest?.source.git).toBe('.');
});

test('an editor is told where the schema is', () => {
  const line = '# yaml-language-server: $schema=';
  const folder = { name: 'x', files: [] };
  expect(initManifest(folder).text.split('\n')[0]).toBe(
    `${line}./node_modules/seatrial/schema/seatrial.schema.json`,
  );
  expect(initManifest(folder, 'https://e.example/s.json\nx: 1').text.split('\n')[0]).toBe(
    `${line}https://e.example/s.jsonx:1`,
  );
});

test('whatever the folder holds, the result loads without errors', { timeout: 60_000 }, () => {
  const word = fc.oneof(
    fc.string(),
    fc.constantFrom('counter', '@a/b', './x.js', 'node a.js', 'true', '1.0'),
  );
  const packageJson = fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.record(
      {
        name: word,
        private: fc.boolean(),
        main: word,
        bin: fc.oneof(word, fc.dictionary(word, word)),
        scripts: fc.record({ start: word }),
        dependencies: fc.dictionary(word, word),
      },
      { requiredKeys: [] },
    ),
  );
  const folder = fc.record(
    {
      name: word,
      files: fc.subarray([
        'compose.yml',
        'abra.sh',
        '.env.sample',
        'Dockerfile',
        'package-lock.json',
      ]),
      packageJson,
      tags: fc.array(word),
      remote: word,
    },
    { requiredKeys: ['name', 'files'] },
  );
  fc.assert(
    fc.property(folder, (each) => {
      const { text } = initManifest(each as AppFolder);
      expect(load(text).problems).toEqual([]);
    }),
    { numRuns: 150 },
  );
});
