import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { openRecipeFolder } from '../../src/drivers/recipes/recipe-folder.ts';
import { canonicalJson } from '../../src/evidence/canonical.ts';
import type { Json, JsonObject } from '../../src/ports/json.ts';
import { loadRecipe, type Recipe } from '../../src/recipe/load-recipe.ts';
import { isError } from '../../src/recipe/problem.ts';
import { composeLimits } from '../../src/recipe/read-compose.ts';
import { toJson } from '../../src/recipe/tree.ts';
import { hasStackConfig } from './stack-config.ts';
import { changed, filesOf, good, load, told, type Tree } from './recipe-fixture.ts';

function recipeOf(tree: Tree, env: Readonly<Record<string, string>> = {}): Recipe {
  const { recipe, problems } = load(tree, env);
  expect(problems.filter(isError).map(told)).toEqual([]);
  if (recipe === undefined) throw new Error('no recipe and no error');
  return recipe;
}

const serviceOf = (recipe: Recipe, name: string): JsonObject =>
  (toJson(recipe.tree) as { services: Record<string, JsonObject> }).services[name] ?? {};

describe('loadRecipe', () => {
  test('reads environment, secrets and configs', () => {
    const recipe = recipeOf(good);
    expect(Object.fromEntries(recipe.variables)).toMatchObject({
      DOMAIN: 'notes.example.org',
      STACK_NAME: 'notes_example_org',
      LETS_ENCRYPT_ENV: '',
      TITLE: 'Notes of notes.example.org',
      APP_CONF_VERSION: 'v2',
    });
    expect(recipe.secrets).toMatchObject([
      { name: 'notes_example_org_db_password_v1', length: 40, charset: 'hex', generate: true },
    ]);
    expect(recipe.configs).toMatchObject([
      { name: 'notes_example_org_app_conf_v2', file: 'app.conf.tmpl' },
    ]);
    expect(serviceOf(recipe, 'app')['environment']).toEqual({
      TITLE: 'Notes of notes.example.org',
      DB_PASSWORD_FILE: '/run/secrets/db_password',
    });
  });

  test('never runs abra.sh: only literal exports count', () => {
    const tree = {
      ...good,
      'abra.sh':
        'export APP_CONF_VERSION=$(touch /tmp/x; echo v9)\nexport OTHER=v1\nfoo() { :; }\n',
    };
    const { problems } = load(tree);
    expect(problems.map(told)).toEqual([]);
    const { exports } = recipeOf(tree);
    expect([...exports.entries.keys()]).toEqual(['OTHER']);
    expect(exports.ignoredLines).toBe(2);
  });

  test.each([
    ['the sample', {}, '', 'sample'],
    ['the manifest wins over the sample', { WHO: 'manifest' }, '', 'manifest'],
    ['abra.sh wins over both', { WHO: 'manifest' }, 'export WHO=abra\n', 'abra'],
  ])('takes a variable from %s', (_, env, abra, want) => {
    const tree = {
      ...good,
      '.env.sample': `${good['.env.sample'] ?? ''}WHO=sample\n`,
      'abra.sh': `${good['abra.sh'] ?? ''}${abra}`,
    };
    expect(recipeOf(tree, env).variables.get('WHO')).toBe(want);
  });

  test('looks for files beside the first compose file, whichever file names them', () => {
    const more = `version: "3.8"\nservices: {app: {configs: [more]}}\nconfigs: {more: {file: conf/more, name: "\${STACK_NAME}_more_v1"}}\n`;
    const tree = { ...good, 'sub/more.yml': more, 'conf/more': 'x' };
    const env = { COMPOSE_FILE: 'compose.yml:sub/more.yml' };
    expect(recipeOf(tree, env).configs.map(({ file }) => file)).toContain('conf/more');
    const beside = { ...good, 'sub/more.yml': more, 'sub/conf/more': 'x' };
    expect(load(beside, env).problems.filter(isError).map(told)).toEqual(['RCP006 sub/more.yml:3']);
  });

  test('no sample or manifest decides the domain', () => {
    expect(recipeOf(good, { DOMAIN: 'evil.example.org' }).variables.get('DOMAIN')).toBe(
      'notes.example.org',
    );
  });
});

test.each([
  ['a name alone', '', null],
  ['a fraction', '1234567.0', '1.234567e+06'],
  ['a small one', '0.00001', '1e-05'],
  ['a whole one', '1234567', '1234567'],
  ['more than 64 bits', '1e21', '1e+21'],
  ['nothing below nothing', '-0.0', '-0'],
  ['a day', '2020-1-2', '2020-01-02 00:00:00 +0000 UTC'],
  ['an hour', '2020-01-02 03:04:05.60', '2020-01-02 03:04:05.6 +0000 UTC'],
  ['an hour far away', '2020-01-02t3:04:05-05:00', '2020-01-02 03:04:05 -0500 -0500'],
  ['no day', '2020-13-01', '2020-13-01'],
  ['a day in quotes', '"2020-1-2"', '2020-1-2'],
])('prints a variable as Docker does: %s', (_, written, want) => {
  const tree = changed('compose.yml', [
    '    image: postgres:15',
    `    image: postgres:15\n    environment:\n      A: ${written}`,
  ]);
  expect(serviceOf(recipeOf(tree), 'db')['environment']).toEqual({ A: want });
});

test('reads conditions of `depends_on` for `docker compose` alone', () => {
  const tree = changed('compose.yml', [
    '    image: postgres:15',
    '    image: postgres:15\n    depends_on: {app: {condition: service_healthy}}',
  ]);
  expect(load(tree).problems.filter(isError).map(told)).toEqual(['RCP003 compose.yml:32']);
  const instance = { app: 'notes', domain: 'n.example.org', stack: 'n', env: {} };
  const { recipe } = loadRecipe(filesOf(tree), { ...instance, program: 'compose' });
  expect(recipe).toBeDefined();
});

describe('the YAML of compose files', () => {
  test('expands anchors and merge keys', () => {
    const tree = changed('compose.yml', [
      'services:\n',
      'x-env: &env\n  A: "1"\n  B: two\nservices:\n  job:\n    image: busybox\n    environment:\n      <<: *env\n      B: 3\n',
    ]);
    expect(serviceOf(recipeOf(tree), 'job')['environment']).toEqual({ A: '1', B: '3' });
  });

  test('bounds what aliases expand to', () => {
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x]'];
    for (let level = 1; level < 9; level += 1) {
      const before = `*a${String(level - 1)}`;
      lines.push(`a${String(level)}: &a${String(level)} [${Array(9).fill(before).join(', ')}]`);
    }
    const bomb = `version: "3.8"\nservices: {}\n${lines.map((line) => `x-${line}`).join('\n')}\n`;
    expect(load({ 'compose.yml': bomb }).problems.map(told)).toContain('RCP001 compose.yml:6');
  });

  test.each([
    ['deep nesting', `services: ${'['.repeat(5000)}`],
    ['a large file', `# ${'x'.repeat(composeLimits.bytes)}`],
    ['nothing', ''],
    ['no mapping', '- a'],
    ['two documents', 'services: {}\n---\nservices: {}\n'],
  ])('refuses %s', (_, text) => {
    const { recipe, problems } = load({ 'compose.yml': text });
    expect(recipe).toBeUndefined();
    expect(problems.some(isError)).toBe(true);
  });

  test('has a limit of services', () => {
    const names = Array.from(
      { length: composeLimits.services + 1 },
      (_, index) => `s${String(index)}`,
    );
    const text = `version: "3.8"\nservices:\n${names.map((name) => `  ${name}: {image: x}`).join('\n')}\n`;
    expect(load({ 'compose.yml': text }).problems.filter(isError).map(told)).toEqual([
      'RCP001 compose.yml:3',
    ]);
  });
});

const corpus = join(import.meta.dirname, '../../../shared/data/recipes');

/** Layered files that use every form which is merged. */
const layered: Tree = {
  '.env.sample': 'COMPOSE_FILE=compose.yml:sub/more.yml\nTAG=2\nREPLICAS=3\nHOST_PORT=8080\n',
  'compose.yml': `version: "3.8"
x-env: &env {A: "1", B: two}
services:
  app:
    image: "nginx:\${TAG}"
    command: run "a b" --x='$$y' # not this
    environment: {<<: *env, C: 0400, D: 1.50, E: "", TAG: , UNSET: , F2: 1234567.5, F3: 0.00001}
    labels: [a=1, b, "c=d=e"]
    deploy:
      replicas: \${REPLICAS}
      labels: {x: 1, y: two}
      update_config: {order: start-first, delay: 1s}
      resources: {limits: {memory: 1g}, reservations: {cpus: "0.5"}}
      placement: {constraints: [node.role==manager]}
    ports: ["\${HOST_PORT}:80", "53:53/udp", "9000-9002:9000-9002"]
    volumes: ["data:/data:ro", "./conf:/conf", /anon, "data:/other:nocopy"]
    networks: [one, two]
    secrets: [s1]
    configs: [{source: c1, target: /c1, mode: 0440}]
    dns: 1.1.1.1
    tmpfs: /t
    ulimits: {nofile: 5, nproc: {soft: 1, hard: 2}}
    logging: {driver: json-file, options: {max-size: 10m}}
    healthcheck: {test: curl -f http://localhost, interval: 1m30s, retries: 3}
    stop_grace_period: 2m0s
    extra_hosts: ["a:1.1.1.1"]
    sysctls: [net.core.somaxconn=1]
    tty: true
    init: true
  worker: {image: busybox, deploy: {mode: global, restart_policy: {condition: none}}}
networks: {one: {driver: overlay}, two: {external: true, name: shared}}
volumes: {data: {driver: local, driver_opts: {a: b}}}
secrets: {s1: {external: true, name: "\${STACK_NAME}_s1_v1"}}
configs: {c1: {file: ./c1, name: "\${STACK_NAME}_c1_v1"}}
`,
  'sub/more.yml': `version: "3.8"
services:
  app:
    entrypoint: [/e, "\${TAG}"]
    command: []
    environment: [B=3, "F=\${TAG:-9}", A=]
    labels: {b: q, a: ""}
    deploy:
      labels: [x=2, y=]
      update_config: {failure_action: rollback}
      resources: {limits: {cpus: "1"}}
      placement: {constraints: [node.labels.x==y]}
    ports: ["8080:81", {target: 5, published: 6, mode: host}]
    volumes: ["more:/data", {type: tmpfs, target: /tm, tmpfs: {size: 100}}]
    networks: {one: {aliases: [q]}, three: }
    secrets: [{source: s1, target: tt, mode: 0400}]
    configs: [c2]
    dns: [2.2.2.2]
    tmpfs: [/u]
    ulimits: {nofile: {soft: 3, hard: 4}}
    logging: {options: {max-file: "3"}}
    tty: false
    init: false
  job: {image: busybox, deploy: {mode: replicated-job}}
networks: {one: {attachable: true}, three: }
volumes: {more: , data: }
configs: {c2: {file: sub/c2, name: "\${STACK_NAME}_c2_v1"}}
`,
  c1: 'x',
  'sub/c2': 'y',
};

describe.skipIf(!hasStackConfig)('against `docker stack config`, where this host has it', () => {
  test('files are merged alike', () => {
    const folder = mkdtempSync(join(tmpdir(), 'seatrial-recipe-'));
    try {
      for (const [name, text] of Object.entries(layered)) {
        mkdirSync(dirname(join(folder, name)), { recursive: true });
        writeFileSync(join(folder, name), text);
      }
      compare(folder, 'layered');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test.skipIf(!existsSync(corpus)).each([
    ['custom-php', ''],
    ['custom-php', 'compose.yml:compose.mailrelay.yml:compose.smtp.yml'],
    ['go-ssb-room', ''],
    ['nodex', ''],
  ])('real recipes: %s %s', (name, list) => {
    const env = { COMPOSE_FILE: list, SECRET_SMTP_PASSWORD_VERSION: 'v1' };
    compare(join(corpus, name), name, list === '' ? {} : env);
  });
});

type Declared = { readonly configs?: Readonly<Record<string, { readonly file?: string }>> };

/** Our reading of a folder and Docker's, both without names that only paths differ in. */
function compare(folder: string, app: string, env: Readonly<Record<string, string>> = {}): void {
  const instance = { app, domain: 'a.example.org', stack: 'a_example_org', env };
  const { recipe, problems } = loadRecipe(openRecipeFolder(folder), instance);
  expect(problems.filter(isError).map(told)).toEqual([]);
  if (recipe === undefined) return;
  const args = recipe.composeFiles.flatMap((file) => ['-c', join(folder, file)]);
  const run = spawnSync('docker', ['stack', 'config', ...args], {
    env: { PATH: process.env['PATH'], ...Object.fromEntries(recipe.variables) },
  });
  expect(run.stderr.toString()).not.toMatch(/error|invalid/i);
  const theirs = parse(run.stdout.toString()) as Json & Declared;
  expect(comparable(toJson(recipe.tree))).toEqual(comparable(theirs));
  for (const { key, file } of recipe.configs)
    expect(theirs.configs?.[key]?.file).toBe(join(folder, file));
  expect(readFileSync(join(folder, recipe.composeFiles[0] ?? ''), 'utf8')).toContain('services');
}

const memory: Readonly<Record<string, string>> = { '1g': '1073741824' };

/** What Docker adds (names of external things), drops (missing values) and sorts is evened out. */
function comparable(value: Json, key = ''): Json {
  if (typeof value === 'string') return key === 'memory' ? (memory[value] ?? value) : value;
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) {
    const items = (value as readonly Json[]).map((item) => comparable(item));
    const sorted = ['ports', 'volumes', 'secrets', 'configs'].includes(key);
    return sorted ? items.sort((a, b) => (canonicalJson(a) < canonicalJson(b) ? -1 : 1)) : items;
  }
  const object = value as JsonObject;
  const entries = Object.entries(object).filter(([name, each]) => counts(object, name, each, key));
  return Object.fromEntries(entries.map(([name, each]) => [name, comparable(each, name)]));
}

function counts(object: JsonObject, name: string, value: Json, key: string): boolean {
  if (name.startsWith('x-')) return false;
  // Docker writes paths of files in full, and the names of external things twice.
  if (name === 'file') return false;
  if (name === 'name' && object['external'] === true) return false;
  if (name === 'source' && object['type'] === 'bind') return false;
  return value !== null || key === 'networks' || key === 'environment';
}
