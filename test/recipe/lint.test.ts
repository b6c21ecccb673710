import { describe, expect, test } from 'vitest';
import { recipeCodes } from '../../src/recipe/codes.ts';
import { changed, good, lint, told, without, type Tree } from './recipe-fixture.ts';

type Case = {
  readonly name: string;
  readonly tree: Tree;
  readonly base?: Tree;
  readonly want: string;
};

const compose = (...changes: readonly (readonly [string, string])[]): Tree =>
  changed('compose.yml', ...changes);
const label = (text: string): Tree =>
  compose([
    '        - "backupbot.backup=true"',
    `        - "backupbot.backup=true"\n        - ${text}`,
  ]);
const onDb = (text: string): Tree =>
  compose(['    image: postgres:15', `    image: postgres:15\n${text}`]);

/** One planted fault each: the rule must name it, on its line. */
const cases: readonly Case[] = [
  { name: 'a tab', tree: onDb('\ttty: true'), want: 'RCP001 compose.yml:32' },
  { name: 'a key twice', tree: onDb('    image: other'), want: 'RCP001 compose.yml:32' },
  {
    name: 'a merge key twice',
    tree: onDb('    environment:\n      <<: {A: b}\n      <<: {C: d}'),
    want: 'RCP001 compose.yml:34',
  },
  {
    name: 'an extension too far down',
    tree: onDb('    deploy: {x-a: 1}'),
    want: 'RCP002 compose.yml:32',
  },
  {
    name: 'a key Docker lacks',
    tree: onDb('    group_add: [audio]'),
    want: 'RCP002 compose.yml:32',
  },
  { name: 'an unknown key', tree: onDb('    replicas: 2'), want: 'RCP002 compose.yml:32' },
  {
    name: 'a key newer than the file',
    tree: {
      ...good,
      'compose.yml': 'version: "3.6"\nservices:\n  app:\n    image: x:1\n    init: true\n',
    },
    want: 'RCP002 compose.yml:5',
  },
  {
    name: 'a mapping where an older file has texts',
    tree: {
      ...good,
      'compose.yml':
        'version: "3.1"\nservices:\n  app:\n    image: x:1\n    ports: [{target: 80}]\n',
    },
    want: 'RCP002 compose.yml:5',
  },
  {
    name: 'an equal item twice',
    tree: onDb('    cap_drop: [ALL, ALL]'),
    want: 'RCP003 compose.yml:32',
  },
  {
    name: 'a tmpfs that no container gets',
    tree: onDb('    tmpfs: /run'),
    want: 'RCP025 compose.yml:32',
  },
  {
    name: 'a tag that replaces',
    tree: onDb('    cap_drop: !override [ALL]'),
    want: 'RCP025 compose.yml:32',
  },
  {
    name: 'a date',
    tree: onDb('    environment: {SINCE: 2020-01-02}'),
    want: 'RCP030 compose.yml:32',
  },
  { name: 'a bare number as user', tree: onDb('    user: 1000'), want: 'RCP003 compose.yml:32' },
  {
    name: 'a duration without unit',
    tree: compose(['interval: 30s', 'interval: 30']),
    want: 'RCP003 compose.yml:22',
  },
  {
    name: 'an empty duration',
    tree: compose(['interval: 30s', 'interval: "${EVERY}"']),
    want: 'RCP003 compose.yml:22',
  },
  { name: 'a port that is none', tree: onDb('    ports: ["80:a"]'), want: 'RCP003 compose.yml:32' },
  {
    name: 'a form Docker lacks',
    tree: onDb('    hostname: ${A:+b}'),
    want: 'RCP004 compose.yml:32',
  },
  { name: 'a lone dollar', tree: onDb('    hostname: a$'), want: 'RCP004 compose.yml:32' },
  {
    name: 'required, absent',
    tree: onDb('    hostname: ${A:?set it}'),
    want: 'RCP005 compose.yml:32',
  },
  {
    name: 'a compose file that is not there',
    tree: { ...good, '.env.sample': 'COMPOSE_FILE="compose.yml:compose.smtp.yml"\n' },
    want: 'RCP006 .env.sample:1',
  },
  {
    name: 'a config without its file',
    tree: without('app.conf.tmpl'),
    want: 'RCP006 compose.yml:45',
  },
  {
    name: 'two versions',
    tree: {
      ...good,
      '.env.sample': `${good['.env.sample'] ?? ''}COMPOSE_FILE=compose.yml:more.yml\n`,
      'more.yml': 'version: "3.7"\nservices: {}\n',
    },
    want: 'RCP007 more.yml:1',
  },
  {
    name: 'an undeclared volume',
    tree: onDb('    volumes: ["dta:/x"]'),
    want: 'RCP008 compose.yml:32',
  },
  {
    name: 'a line without assignment',
    tree: changed('.env.sample', ['TYPE=notes', 'TYPE notes']),
    want: 'RCP009 .env.sample:1',
  },
  {
    name: 'no image',
    tree: compose(['    image: postgres:15\n', '']),
    want: 'RCP010 compose.yml:30',
  },
  {
    name: 'no version label',
    tree: compose(['        - "coop-cloud.${STACK_NAME}.version=1.2.0+3.4"\n', '']),
    want: 'RCP011 compose.yml:4',
  },
  {
    name: 'an unversioned config',
    tree: compose(['_${APP_CONF_VERSION}', '']),
    want: 'RCP012 compose.yml:44',
  },
  {
    name: 'a changed config',
    tree: { ...good, 'app.conf.tmpl': 'title = other\n' },
    base: good,
    want: 'RCP013 abra.sh:1',
  },
  {
    name: 'a password',
    tree: onDb('    environment: {DB_PASSWORD: hunter2}'),
    want: 'RCP014 compose.yml:32',
  },
  {
    name: 'a password as default',
    tree: onDb('    environment: ["DB_PASSWORD=${DB_PASSWORD:-hunter2}"]'),
    want: 'RCP014 compose.yml:32',
  },
  {
    name: 'nothing left to back up',
    tree: label('"backupbot.backup.volumes.data=false"'),
    want: 'RCP015 compose.yml:29',
  },
  {
    name: 'a backup of a volume that is not there',
    tree: label('"backupbot.backup.volumes.dat.path=a"'),
    want: 'RCP015 compose.yml:30',
  },
  {
    name: 'a default in a default',
    tree: onDb('    hostname: ${A:-${DOMAIN}}'),
    want: 'RCP016 compose.yml:32',
  },
  {
    name: 'a variable nobody sets',
    tree: onDb('    hostname: ${NOWHERE}'),
    want: 'RCP017 compose.yml:32',
  },
  {
    name: 'a variable that is new for operators',
    tree: {
      ...onDb('    hostname: ${HOST_NAME}'),
      '.env.sample': `${good['.env.sample'] ?? ''}HOST_NAME=db\n`,
    },
    base: good,
    want: 'RCP018 compose.yml:32',
  },
  {
    name: 'a variable in a key',
    tree: onDb('    labels: {"${STACK_NAME}.x": a}'),
    want: 'RCP019 compose.yml:32',
  },
  {
    name: 'a config from outside',
    tree: compose(['file: app.conf.tmpl', 'file: ../../../etc/passwd']),
    want: 'RCP020 compose.yml:45',
  },
  {
    name: 'variables from a file',
    tree: onDb('    env_file: /etc/environment'),
    want: 'RCP020 compose.yml:32',
  },
  {
    name: 'another file extended',
    tree: onDb('    extends: {file: x.yml}'),
    want: 'RCP020 compose.yml:32',
  },
  {
    name: 'a rule for another host',
    tree: label('"traefik.http.routers.x.rule=Host(`other.example.org`)"'),
    want: 'RCP021 compose.yml:30',
  },
  {
    name: 'a rule for every host',
    tree: label('"traefik.http.routers.x.rule=PathPrefix(`/`)"'),
    want: 'RCP021 compose.yml:30',
  },
  {
    name: 'a rule for every host beside that of its own',
    tree: label('"traefik.http.routers.x.rule=Host(`${DOMAIN}`) || PathPrefix(`/`)"'),
    want: 'RCP021 compose.yml:30',
  },
  {
    name: 'a pattern one side of which is its own',
    tree: label('"traefik.http.routers.x.rule=HostRegexp(`.*|a.${DOMAIN}`)"'),
    want: 'RCP021 compose.yml:30',
  },
  {
    name: 'a pattern with a choice around its own',
    tree: label('"traefik.http.routers.x.rule=HostRegexp(`(.*|a.${DOMAIN})`)"'),
    want: 'RCP021 compose.yml:30',
  },
  {
    name: 'a rule for hosts but its own',
    tree: label('"traefik.http.routers.x.rule=!Host(`${DOMAIN}`)"'),
    want: 'RCP021 compose.yml:30',
  },
  {
    name: 'the socket of the engine',
    tree: onDb('    volumes: ["/var/run/docker.sock:/var/run/docker.sock"]'),
    want: 'RCP022 compose.yml:32',
  },
  {
    name: 'the network of the host under another name',
    tree: compose(
      ['networks: [internal]', 'networks: [outside]'],
      ['  internal:\n\n', '  internal:\n  outside: {external: true, name: host}\n\n'],
    ),
    want: 'RCP022 compose.yml:32',
  },
  {
    name: 'a folder of the host as a volume',
    tree: compose(['  data:\n', '  data: {driver_opts: {type: none, o: bind, device: /srv}}\n']),
    want: 'RCP022 compose.yml:40',
  },
  { name: 'rights of the host', tree: onDb('    privileged: true'), want: 'RCP022 compose.yml:32' },
  {
    name: 'one port twice',
    tree: compose(
      ['    image: nginx:1.27.1', '    image: nginx:1.27.1\n    ports: ["8080:80"]'],
      ['    image: postgres:15', '    image: postgres:15\n    ports: ["8080:5432"]'],
    ),
    want: 'RCP023 compose.yml:33',
  },
  {
    name: 'a duration from a variable',
    tree: compose(['interval: 30s', 'interval: "${EVERY-30s}"']),
    want: 'RCP024 compose.yml:22',
  },
  { name: 'a key Swarm drops', tree: onDb('    depends_on: [app]'), want: 'RCP025 compose.yml:32' },
  {
    name: 'an address that no task gets',
    tree: compose(['networks: [internal]', 'networks: {internal: {ipv4_address: 10.1.2.3}}']),
    want: 'RCP025 compose.yml:32',
  },
  { name: 'no sample', tree: without('.env.sample'), want: 'RCP026 .env.sample:1' },
  {
    name: 'a network of one machine',
    tree: compose(['  internal:\n', '  internal:\n    driver: bridge\n']),
    want: 'RCP037 compose.yml:38',
  },
  {
    name: 'a shared name',
    tree: compose(['networks: [internal]', 'networks: [internal, proxy]']),
    want: 'RCP027 compose.yml:32',
  },
  {
    name: 'a version `latest`',
    tree: compose(['1.2.0+3.4', 'latest']),
    want: 'RCP028 compose.yml:28',
  },
  {
    name: 'a label of a single service',
    tree: compose(['}.version=1.2.0+3.4', '}.app.version=1.2.0']),
    want: 'RCP028 compose.yml:28',
  },
  {
    name: 'a secret without version',
    tree: compose(['_${SECRET_DB_PASSWORD_VERSION}', '']),
    want: 'RCP029 compose.yml:51',
  },
  {
    name: 'a word of YAML 1.1',
    tree: onDb('    environment: {FEATURE: on}'),
    want: 'RCP030 compose.yml:32',
  },
  {
    name: 'a network `n`',
    tree: compose(['  internal:\n\n', '  internal:\n  n:\n\n']),
    want: 'RCP030 compose.yml:38',
  },
  {
    name: 'a joined health check',
    tree: {
      ...good,
      '.env.sample': `${good['.env.sample'] ?? ''}COMPOSE_FILE=compose.yml:more.yml\n`,
      'more.yml': 'version: "3.8"\nservices:\n  app:\n    healthcheck:\n      test: ["CMD", "x"]\n',
    },
    want: 'RCP031 more.yml:5',
  },
  {
    name: 'an unknown charset',
    tree: changed('.env.sample', ['charset=hex', 'charset=emoji']),
    want: 'RCP032 .env.sample:5',
  },
  {
    name: 'a reserved label',
    tree: label('"com.docker.stack.namespace=x"'),
    want: 'RCP033 compose.yml:30',
  },
  {
    name: 'the secret of another stack',
    tree: compose(['name: ${STACK_NAME}_db_password', 'name: other_db_password']),
    want: 'RCP033 compose.yml:51',
  },
  {
    name: 'an ignored backup label',
    tree: label('"backupbot.backup.path=/data"'),
    want: 'RCP034 compose.yml:30',
  },
  {
    name: 'a name too long',
    tree: compose(['_db_password_$', `_${'x'.repeat(60)}_$`]),
    want: 'SWM001 compose.yml:51',
  },
];

describe('recipe lint', () => {
  test('finds nothing in a good recipe', () => {
    expect(lint(good, good).map(told)).toEqual([]);
  });

  test.each(cases)('$want: $name', ({ tree, base, want }) => {
    const found = lint(tree, base);
    expect(found.map(told)).toContain(want);
    // A mistake is told as one, whatever else it leads to.
    expect(found.length).toBeLessThanOrEqual(3);
  });

  test('has a planted fault for every code', () => {
    const planted = new Set(cases.map(({ want }) => want.split(' ')[0]));
    // Only a deployment needs the values of secrets, and has overlays: stack.test.ts, overlay.test.ts.
    expect(Object.keys(recipeCodes).filter((code) => !planted.has(code))).toEqual([
      'RCP035',
      'RCP036',
    ]);
  });

  test.each([
    ['an example of the sample', 'files.example.com', ['warning']],
    ['no host at all', '', ['warning']],
    ['an example in the zone of the instance', 'files.example.org', ['error']],
    ['a host of somebody', 'example.com.evil.net', ['error']],
  ])('a rule for %s', (_, host, want) => {
    const rule = `"traefik.http.routers.x.rule=Host(\`\${DOMAIN}\`, \`${host}\`)"`;
    const found = lint(label(rule)).filter(({ diagnostic }) => diagnostic.code === 'RCP021');
    expect(found.map(({ diagnostic }) => diagnostic.severity)).toEqual(want);
  });

  test('keeps a secret out of what it prints', () => {
    const [found] = lint(onDb('    environment: {DB_PASSWORD: hunter2}'));
    expect(found?.diagnostic.conceal).toEqual([found?.diagnostic.span]);
    expect(JSON.stringify(found?.diagnostic)).not.toContain('hunter2');
  });

  test('compares a new variable with the compose files that operators use', () => {
    const more = {
      ...good,
      '.env.sample': `${good['.env.sample'] ?? ''}COMPOSE_FILE=compose.yml:more.yml\nMAIL=a\n`,
      'more.yml': 'version: "3.8"\nservices:\n  app:\n    hostname: ${MAIL}\n',
    };
    expect(lint(more, good).map(told)).toEqual([]);
  });
});
