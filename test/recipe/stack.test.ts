import { describe, expect, test } from 'vitest';
import { loadRecipe, type Recipe } from '../../src/recipe/load-recipe.ts';
import type { RecipeFiles } from '../../src/recipe/recipe-files.ts';
import { stackOfRecipe, type StackOptions } from '../../src/recipe/stack.ts';
import type { Stack } from '../../src/ports/stack.ts';
import { changed, filesOf, good, load, told, type Tree } from './recipe-fixture.ts';

const nothing: StackOptions = { given: {}, hostAccess: [] };

function make(tree: Tree, options: Partial<StackOptions> = {}) {
  const { recipe } = load(tree);
  if (recipe === undefined) throw new Error('the recipe does not load');
  return stackOfRecipe(recipe, { ...nothing, ...options });
}

const stackOf = (tree: Tree, options: Partial<StackOptions> = {}): Stack => {
  const { stack, problems } = make(tree, options);
  if (stack === undefined) throw new Error(problems.map(told).join(', '));
  return stack;
};

const onDb = (text: string): Tree =>
  changed('compose.yml', ['    image: postgres:15', `    image: postgres:15\n${text}`]);

describe('what decides when a service starts', () => {
  test.each([
    ['always', { condition: 'any' }],
    ['unless-stopped', { condition: 'any' }],
    ['"on-failure:3"', { condition: 'on-failure', max_attempts: 3 }],
    ['on-failure', { condition: 'on-failure', max_attempts: 0 }],
    ['"no"', undefined],
  ])('in a Swarm, `restart: %s` is a policy where there is no other', (word, policy) => {
    const { services } = stackOf(onDb(`    restart: ${word}`));
    expect(services['db']?.deploy?.restart_policy).toEqual(policy);
    const both = `    restart: ${word}\n    deploy: {restart_policy: {condition: none}}`;
    const own = stackOf(onDb(both)).services['db'];
    expect(own?.deploy?.restart_policy).toEqual({ condition: 'none' });
    expect(own).not.toHaveProperty('restart');
  });

  test('keeps for `docker compose` what only Swarm ignores', () => {
    const tree = onDb('    restart: always\n    shm_size: 1g\n    depends_on: [app]');
    const db = stackOf(tree, { program: 'compose' }).services['db'];
    expect(db).toMatchObject({
      restart: 'always',
      depends_on: { app: { condition: 'service_started' } },
      other: { shm_size: '1g' },
    });
    expect(db).not.toHaveProperty('deploy');
  });
});

test('mounts no path of its own checkout, whatever is allowed', () => {
  const { stack, problems } = make(onDb('    volumes: ["./conf:/conf"]'), {
    hostAccess: [{ mount: './conf' }],
  });
  expect(stack).toBeUndefined();
  expect(problems.map(told)).toEqual(['RCP022 compose.yml:32']);
});

test('without networks has the one that services share', () => {
  const tree = changed('compose.yml', ['networks: [internal]', 'networks: {}']);
  expect(stackOf(tree).services['db']).not.toHaveProperty('networks');
});

describe('stackOfRecipe', () => {
  test('has no variables left, and long forms', () => {
    const stack = stackOf(good);
    expect(stack.name).toBe('notes_example_org');
    expect(JSON.stringify(stack)).not.toContain('${');
    expect(stack.services['app']).toMatchObject({
      image: 'nginx:1.27.1',
      networks: { proxy: {}, internal: {} },
      volumes: [{ type: 'volume', source: 'data', target: '/data' }],
      configs: [{ source: 'app_conf', target: '/etc/app.conf', mode: 0o440 }],
      deploy: { labels: { 'coop-cloud.notes_example_org.version': '1.2.0+3.4' } },
    });
    expect(stack.networks).toEqual({ proxy: { name: 'proxy', external: true }, internal: {} });
    expect(stack.volumes).toEqual({ data: {} });
    expect(stack.configs).toEqual({
      app_conf: {
        name: 'notes_example_org_app_conf_v2',
        content: 'title = {{ env "TITLE" }}\n',
        template_driver: 'golang',
      },
    });
    expect(stack.secrets).toEqual({
      db_password: {
        name: 'notes_example_org_db_password_v1',
        value: { generate: { length: 40, charset: 'hex' } },
      },
    });
  });

  test('gives every variable to `app`, and to no other service', () => {
    const { services } = stackOf(good);
    expect(services['app']?.environment).toMatchObject({
      DOMAIN: 'notes.example.org',
      APP_CONF_VERSION: 'v2',
    });
    expect(services['db']?.environment).toBeUndefined();
  });

  test('keeps what it does not know by name, and leaves out what Swarm ignores', () => {
    const db = stackOf(onDb('    cap_drop: [ALL]\n    depends_on: [app]\n    x-a: 1')).services[
      'db'
    ];
    expect(db?.other).toEqual({ cap_drop: ['ALL'] });
  });

  test.each([
    ['mount', '    volumes: ["/etc:/host"]', { mount: '/etc' }],
    ['capability', '    cap_add: [NET_ADMIN]', { capability: 'NET_ADMIN' }],
    ['network', '    network_mode: host', { network: 'network_mode: host' }],
    ['capability', '    privileged: true', { capability: 'privileged' }],
  ])("refuses the host's %s unless it is allowed", (_, text, allowed) => {
    expect(make(onDb(text)).problems.map(told)).toEqual(['RCP022 compose.yml:32']);
    expect(make(onDb(text), { hostAccess: [{ mount: '/other' }] }).stack).toBeUndefined();
    expect(make(onDb(text), { hostAccess: [allowed] }).stack).toBeDefined();
  });

  test('a secret that is not generated needs a value', () => {
    const tree = changed('.env.sample', ['charset=hex', 'charset=hex generate=false']);
    expect(make(tree).problems.map(told)).toEqual(['RCP035 compose.yml:51']);
    expect(stackOf(tree, { given: { db_password: 'x' } }).secrets).toMatchObject({
      db_password: { value: { given: 'x' } },
    });
  });
});

describe('configs', () => {
  test('keeps a mark at the beginning of a config', () => {
    const stack = stackOf({ ...good, 'app.conf.tmpl': '\ufefftitle' });
    expect(stack.configs?.['app_conf']?.content).toBe('\ufefftitle');
  });

  test('keeps the bytes of a config that is no text', () => {
    const files = filesOf(good);
    const bytes = new Uint8Array([0xff, 0, 0x80]);
    const binary: RecipeFiles = {
      read: (path) => (path === 'app.conf.tmpl' ? { kind: 'file', bytes } : files.read(path)),
    };
    const instance = { app: 'notes', domain: 'n.example.org', stack: 'n', env: {} };
    const { recipe } = loadRecipe(binary, instance);
    const { stack } = stackOfRecipe(recipe as Recipe, nothing);
    expect(stack?.configs?.['app_conf']).toMatchObject({ content: '/wCA', encoding: 'base64' });
  });

  test('leaves the content of an external config to whoever makes it', () => {
    const tree = changed(
      'compose.yml',
      ['    image: postgres:15', '    image: postgres:15\n    configs: [made]'],
      [
        'configs:\n  app',
        'configs:\n  made: {external: true, name: "${STACK_NAME}_made_v1"}\n  app',
      ],
    );
    expect(stackOf(tree).configs?.['made']).toEqual({ name: 'notes_example_org_made_v1' });
  });
});
