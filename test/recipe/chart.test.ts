// The chart of what is to be done with a recipe without the tools of operators, row by row. Three rows have
// their tests where their subject is; the last test asks that none is lost.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeSource } from '../../src/diagnostics/source.ts';
import { pullImages } from '../../src/drivers/docker/images.ts';
import type { Instance } from '../../src/drivers/docker/instance.ts';
import { readStack } from '../../src/drivers/docker/place-stack.ts';
import { converge } from '../../src/drivers/swarm/converge.ts';
import type { JsonObject } from '../../src/ports/json.ts';
import type { PreparedRelease } from '../../src/ports/release.ts';
import type { Stack } from '../../src/ports/stack.ts';
import { isError } from '../../src/recipe/problem.ts';
import { stackOfRecipe } from '../../src/recipe/stack.ts';
import { loadManifest } from '../../src/scenario/load-manifest.ts';
import { changed, good, lint, load, told, without, type Tree } from './recipe-fixture.ts';

const recipeOf = (tree: Tree, env: Readonly<Record<string, string>> = {}) => {
  const { recipe, problems } = load(tree, env);
  if (recipe === undefined) throw new Error(problems.map(told).join(', '));
  return recipe;
};

function stackOf(tree: Tree, env: Readonly<Record<string, string>> = {}): Stack {
  const { stack, problems } = stackOfRecipe(recipeOf(tree, env), { given: {}, hostAccess: [] });
  if (stack === undefined) throw new Error(problems.map(told).join(', '));
  return stack;
}

const errorsOf = (tree: Tree) => load(tree).problems.filter(isError).map(told);
const linted = (tree: Tree) => lint(tree).map(told);
const sample = (...lines: readonly string[]): Tree => ({
  ...good,
  '.env.sample': [good['.env.sample'], ...lines, ''].join('\n'),
});
const onDb = (...lines: readonly string[]): Tree =>
  changed('compose.yml', [
    '    image: postgres:15',
    ['    image: postgres:15', ...lines.map((line) => `    ${line}`)].join('\n'),
  ]);
const valueOf = (tree: Tree, name: string) => recipeOf(tree).variables.get(name);
const hostnameOf = (written: string, ...lines: readonly string[]) =>
  stackOf({
    ...sample(...lines),
    'compose.yml': onDb(`hostname: "${written}"`)['compose.yml'] ?? '',
  }).services['db']?.hostname;

test.each([
  ['off behind a hash', ['#A=1'], undefined],
  ['an end at a space and a hash', ['A=x y # z'], 'x y'],
  ['no end at a hash alone', ['A=x#y'], 'x#y'],
  ['single quotes are literal', ['B=1', "A='$B'"], '$B'],
  ['an earlier one expands', ['B=1', 'A="$B${B}"'], '11'],
  ['a dollar stays before small letters', ['b=1', 'A="$b ${b} $ 5$$b"'], '$b ${b} $ 5$$b'],
  ['the last one wins', ['A=1', 'A=2'], '2'],
])('row 1: the sample: %s', (_, lines, want) => {
  expect(valueOf(sample(...lines), 'A')).toBe(want);
});

test('row 2: a sample that is not at the root is not looked for', () => {
  const { recipe, problems } = load({ ...without('.env.sample'), 'deploy/.env.sample': 'X=y\n' });
  expect(problems.map(told)).toContain('RCP026 .env.sample:1');
  expect(recipe?.variables.get('X')).toBeUndefined();
});

test('row 3: compose files are those that are listed, in their order', () => {
  const more = (image: string) => `version: "3.8"\nservices: {db: {image: ${image}}}\n`;
  const tree = { ...good, 'sub/a.yml': more('a'), 'b.yml': more('b') };
  const imageOf = (list: string) => stackOf(tree, { COMPOSE_FILE: list }).services['db']?.image;
  expect(imageOf('compose.yml:sub/a.yml:b.yml')).toBe('b');
  expect(imageOf('compose.yml:b.yml:sub/a.yml')).toBe('a');
  expect(imageOf('')).toBe('postgres:15');
  const { problems } = load(good, { COMPOSE_FILE: 'compose.yml:none.yml' });
  expect(problems.filter(isError).map(({ diagnostic }) => diagnostic.code)).toEqual(['RCP006']);
});

test('row 4: two files become one by key, name, published port and target', () => {
  const more = `version: "3.8"
services:
  db:
    command: [c]
    environment: {A: "2"}
    ports: ["80:2", "81:2"]
    volumes: ["data:/a:ro"]
`;
  const first = onDb(
    'command: [a, b]',
    'environment: [A=1, B=1]',
    'ports: ["80:1"]',
    'volumes: ["data:/a", "data:/b"]',
  );
  const { db } = stackOf(
    { ...first, 'm.yml': more },
    { COMPOSE_FILE: 'compose.yml:m.yml' },
  ).services;
  expect(db).toMatchObject({
    image: 'postgres:15',
    command: ['c'],
    environment: { A: '2', B: '1' },
  });
  expect(db?.ports?.map(({ published, target }) => [published, target])).toEqual([
    [80, 2],
    [81, 2],
  ]);
  expect(db?.volumes?.map(({ target, read_only: ro }) => [target, ro])).toEqual([
    ['/a', true],
    ['/b', undefined],
  ]);
});

test('row 5: of abra.sh literal exports count, and the rest is counted', () => {
  const { exports, variables } = recipeOf({
    ...good,
    'abra.sh': 'export APP_CONF_VERSION=v3\nexport B=$(id)\nC=1\nexport D="$(id)"\n',
  });
  expect([...exports.entries.keys(), exports.ignoredLines]).toEqual(['APP_CONF_VERSION', 3]);
  expect([variables.get('APP_CONF_VERSION'), variables.get('B')]).toEqual(['v3', undefined]);
});

test('row 6: sample, then env of the manifest, then abra.sh, then the instance', () => {
  const tree = {
    ...sample('A=s', 'B=s', 'C=s'),
    'abra.sh': `${good['abra.sh'] ?? ''}export C=abra\n`,
  };
  const given = { B: 'm', C: 'm', DOMAIN: 'm', STACK_NAME: 'm', LETS_ENCRYPT_ENV: 'm' };
  expect(Object.fromEntries(recipeOf(tree, given).variables)).toMatchObject({
    ...{ A: 's', B: 'm', C: 'abra', DOMAIN: 'notes.example.org' },
    ...{ STACK_NAME: 'notes_example_org', LETS_ENCRYPT_ENV: '' },
  });
});

test.each([
  ['$A/${A}', 'x/x'],
  ['${E-d}${E:-d}${N-d}', 'dd'],
  ['${N:-${A}}', '${A}'],
  ['$$A', '$A'],
])('row 7: %s is filled in as %s', (written, want) => {
  expect(hostnameOf(written, 'A=x', 'E=')).toBe(want);
});

test('row 7: a required one without a value is an error', () => {
  expect(errorsOf(onDb('hostname: "${N:?say}"'))).toEqual(['RCP005 compose.yml:32']);
});

test.each(['${A:+d}', '${1}', 'a$ b', 'a$'])('row 8: %s is refused', (form) => {
  expect(errorsOf(onDb(`hostname: "${form}"`))).toEqual(['RCP004 compose.yml:32']);
});

test('row 8: a type is looked at when its variable is filled in', () => {
  const replicas = onDb('deploy: {replicas: "${N}"}');
  const { db } = stackOf(replicas, { N: '2' }).services;
  expect(db?.deploy).toEqual({ replicas: 2 });
  expect(errorsOf(replicas)).toEqual(['RCP003 compose.yml:32']);
});

test('row 9: a bare name takes its value from the recipe’s variables and from nowhere else', () => {
  const { db } = stackOf(onDb('environment: [TITLE, HOME, NODE_ENV]')).services;
  expect(db?.environment).toEqual({
    TITLE: 'Notes of notes.example.org',
    HOME: null,
    NODE_ENV: null,
  });
});

test('row 10: what is not set yet goes to `app`, and to no other service', () => {
  const { app, db } = stackOf(
    changed('compose.yml', ['      - TITLE\n', '      - TITLE=own\n']),
  ).services;
  expect(app?.environment).toMatchObject({ TITLE: 'own', DOMAIN: 'notes.example.org' });
  expect(db?.environment).toBeUndefined();
});

const secretNamed = (version: string) =>
  changed('compose.yml', ['_db_password_${SECRET_DB_PASSWORD_VERSION}', `_db_password_${version}`]);

test('row 11: secrets are those that services use, under the version in their name', () => {
  expect(recipeOf(secretNamed('${OTHER_VERSION:-v7}')).secrets).toMatchObject([
    { name: 'notes_example_org_db_password_v7' },
  ]);
  const unused = changed('compose.yml', ['    secrets:\n      - db_password\n', '']);
  expect(recipeOf(unused).secrets).toEqual([]);
});

test.each([
  ['length=12 charset=hex', { length: 12, charset: 'hex', generate: true }],
  ['charset=alnum,special', { length: 32, charset: 'special', generate: true }],
  ['generate=false', { length: 32, charset: 'default', generate: false }],
])('row 12: behind the version: %s', (comment, want) => {
  const tree = changed('.env.sample', ['length=40 charset=hex', comment]);
  expect(recipeOf(tree).secrets).toMatchObject([want]);
});

test('row 13: else 32 letters and digits; given where not generated; a version there must be', () => {
  expect(recipeOf(changed('.env.sample', [' # length=40 charset=hex', ''])).secrets).toMatchObject([
    { length: 32, charset: 'default' },
  ]);
  const given = recipeOf(changed('.env.sample', ['charset=hex', 'generate=false']));
  const made = (values: Readonly<Record<string, string>>) =>
    stackOfRecipe(given, { given: values, hostAccess: [] });
  expect(made({}).problems.map(({ diagnostic }) => diagnostic.code)).toEqual(['RCP035']);
  expect(made({ db_password: 'x' }).stack?.secrets).toMatchObject({
    db_password: { value: { given: 'x' } },
  });
  expect(errorsOf(secretNamed('secret'))).toEqual(['RCP029 compose.yml:51']);
});

test('row 14: new content under an old name is told at plan, of the template as it is written', () => {
  const head = { ...good, 'app.conf.tmpl': 'title = {{ env "OTHER" }}\n' };
  expect(lint(head, good).map(({ diagnostic }) => diagnostic.code)).toContain('RCP013');
  const raised = { ...head, 'abra.sh': 'export APP_CONF_VERSION=v3\n' };
  expect(lint(raised, good).map(({ diagnostic }) => diagnostic.code)).not.toContain('RCP013');
});

/** An engine that has what the paths name, and writes down what it is asked to do. */
function instanceWith(stack: Stack, has: readonly string[], settings: JsonObject = {}) {
  const asked: string[] = [];
  const note = () => Promise.resolve();
  const instance = {
    engine: {
      call: ({ path }: { readonly path: string }) =>
        Promise.resolve(has.includes(path) ? { status: 200, value: {} } : { status: 404 }),
      stream: ({ path }: { readonly path: string }) => {
        asked.push(path);
        return Promise.resolve(Object.assign((async function* () {})(), { statusCode: 200 }));
      },
    },
    context: { env: {}, upgradeEnv: {}, app: 'notes', instance: 'n', settings: {}, note },
    options: { stacks: { stackOf: () => Promise.resolve(stack) }, clock: {} },
    earlier: [],
    settings,
    state: { rewritten: new Set(), missingNetworks: new Set(), ports: {}, deployed: undefined },
  } as unknown as Instance;
  return { instance, asked };
}

const release = { release: { ref: 'dir:x' } } as unknown as PreparedRelease;

describe('row 15: networks', () => {
  test('`proxy` is the worker’s where there is one, and else one of the stack', async () => {
    const stack = stackOf(good);
    const shared = instanceWith(stack, ['/networks/proxy']).instance;
    expect((await readStack(shared, release, 'base')).networks).toEqual({
      proxy: { name: 'proxy', external: true },
      internal: {},
    });
    const alone = instanceWith(stack, []).instance;
    expect((await readStack(alone, release, 'base')).networks).toEqual({ proxy: {}, internal: {} });
  });

  test('another one that is not there is nobody’s to make', async () => {
    const tree = changed('compose.yml', ['  internal:\n\n', '  internal: {external: true}\n\n']);
    const { instance } = instanceWith(stackOf(tree), ['/networks/proxy']);
    await expect(readStack(instance, release, 'base')).rejects.toMatchObject({
      code: 'unavailable',
    });
  });

  test('a service beside `app` on a shared one may reach another stack’s', () => {
    const tree = changed('compose.yml', ['networks: [internal]', 'networks: [internal, proxy]']);
    expect(lint(tree).map(({ diagnostic }) => diagnostic.code)).toContain('RCP027');
  });
});

test('row 19: what Swarm ignores is told, and odd files are read', () => {
  const ignored = onDb(
    'depends_on: [app]',
    'restart: always',
    'container_name: x',
    'build: .',
    'links: [app]',
  );
  expect(linted(ignored)).toEqual(
    expect.arrayContaining(
      [32, 33, 34, 35, 36].map((line) => `RCP025 compose.yml:${String(line)}`),
    ),
  );
  const { db } = stackOf(ignored).services;
  expect(db).toEqual({
    image: 'postgres:15',
    networks: { internal: {} },
    deploy: { restart_policy: { condition: 'any' } },
  });
  const anchored = ['version: "3.8"\n\nservices:', 'x-a: &a {cap_drop: [ALL]}\nservices:'] as const;
  const merged = ['    image: postgres:15', '    <<: *a\n    image: postgres:15'] as const;
  const odd = stackOf(changed('compose.yml', anchored, merged)).services['db'];
  expect(odd?.other).toEqual({ cap_drop: ['ALL'] });
});

test('row 20: no replica is a state to be in; a mount of the host is refused', () => {
  expect(stackOf(onDb('deploy: {replicas: 0}')).services['db']?.deploy).toEqual({ replicas: 0 });
  const seen = {
    spec: 'a',
    mode: 'replicated',
    wanted: 0,
    restart: 'any',
    attempts: 0,
    tasks: [],
  } as const;
  const before = { spec: 'a', before: undefined, updatedAt: undefined };
  const answer = converge(
    { db: before } as never,
    [{ atMs: 0, services: { db: seen } }] as never,
    [],
  );
  expect(JSON.stringify(answer)).toContain('scaled-to-zero');
  const { stack, problems } = stackOfRecipe(recipeOf(onDb('volumes: ["/etc:/etc"]')), {
    given: {},
    hostAccess: [],
  });
  expect([stack, problems.map(told)]).toEqual([undefined, ['RCP022 compose.yml:32']]);
});

test('row 21: one port has one service, whichever mode it is published in', () => {
  const tree = changed(
    'compose.yml',
    ['    image: nginx:1.27.1', '    image: nginx:1.27.1\n    ports: ["80:80"]'],
    [
      '    image: postgres:15',
      '    image: postgres:15\n    ports: [{target: 1, published: 80, mode: host}]',
    ],
  );
  expect(linted(tree)).toContain('RCP023 compose.yml:33');
});

describe('row 22: images', () => {
  const stack: Stack = { name: 'n', services: { app: { image: 'a:1' }, db: { image: 'b' } } };
  const { signal } = new AbortController();

  test('are pulled before anything is deployed, each once', async () => {
    const { instance, asked } = instanceWith(stack, ['/images/a:1/json'], {
      resolveImage: 'changed',
    });
    await pullImages(instance, stack, signal);
    expect(asked).toEqual(['/images/create?fromImage=b%3Alatest']);
  });

  test('that only this host has are never pulled, and must be there', async () => {
    const never = { resolveImage: 'never' };
    const { instance, asked } = instanceWith(stack, ['/images/a:1/json', '/images/b/json'], never);
    await pullImages(instance, stack, signal);
    const missing = instanceWith(stack, ['/images/a:1/json'], never).instance;
    await expect(pullImages(missing, stack, signal)).rejects.toMatchObject({ code: 'app-failed' });
    expect(asked).toEqual([]);
  });
});

test('row 23: what speaks no HTTP is declared, with a reason and other probes', () => {
  const head = 'seatrial: 1\napp: tcp\ndriver: swarm\nsource: {git: x}\n';
  const told = (more: string) =>
    loadManifest(makeSource('seatrial.yaml', head + more), {
      exists: () => true,
      checkIds: new Set(),
    }).problems.map(({ code }) => code);
  const none = 'health: {none: speaks its own protocol}\n';
  expect(told('health: {path: /sub}\n')).toEqual([]);
  expect(told(`${none}probes: [{exec: [nc, app], service: app}]\n`)).toEqual([]);
  expect(told(none)).not.toEqual([]);
});

test.each([
  ['no image', changed('compose.yml', ['    image: postgres:15\n', '']), 'RCP010'],
  [
    'no version label',
    changed('compose.yml', ['        - "coop-cloud.${STACK_NAME}.version=1.2.0+3.4"\n', '']),
    'RCP011',
  ],
  [
    'a config without a version',
    changed('compose.yml', ['_app_conf_${APP_CONF_VERSION}', '_app_conf']),
    'RCP012',
  ],
  ['a credential', onDb('environment: {DB_PASSWORD: hunter2hunter2}'), 'RCP014'],
  [
    'a backup without a volume',
    changed('compose.yml', [
      '        - "backupbot.backup=true"',
      '        - "backupbot.backup=true"\n        - "backupbot.backup.volumes.data=false"',
    ]),
    'RCP015',
  ],
])('row 24: %s is an error', (_, tree, code) => {
  const errors = lint(tree).filter(isError);
  expect(errors.map(({ diagnostic }) => diagnostic.code)).toEqual([code]);
});

test('every row of the chart has a test that bears its number', () => {
  const here = import.meta.dirname;
  const texts = readdirSync(here).filter((name) => name.endsWith('.test.ts'));
  const named = texts.flatMap((name) =>
    [...readFileSync(join(here, name), 'utf8').matchAll(/['"`]row (\d+): /g)].map(([, row]) =>
      Number(row),
    ),
  );
  const rows = Array.from({ length: 24 }, (_, index) => index + 1);
  expect([...new Set(named)].sort((a, b) => a - b)).toEqual(rows);
});
