// What looks like a fault and is none: a linter that cries at it is switched off.

import { expect, test } from 'vitest';
import { changed, lint, told, type Tree } from './recipe-fixture.ts';

const label = (text: string): Tree =>
  changed('compose.yml', [
    '        - "backupbot.backup=true"',
    `        - "backupbot.backup=true"\n        - ${text}`,
  ]);
const onDb = (text: string): Tree =>
  changed('compose.yml', ['    image: postgres:15', `    image: postgres:15\n${text}`]);

test.each([
  ['a secret by its file', onDb('    environment: [DB_PASSWORD=file:///run/secrets/db_password]')],
  [
    'a secret by a template',
    onDb('    environment: {DB_PASSWORD: \'{{ secret "db_password" }}\'}'),
  ],
  ['a secret that a shell reads', onDb('    environment: {DB_PASSWORD: $$(cat /run/secrets/p)}')],
  ['the key of a secret', onDb('    environment: {LOGIN_SECRET: db_password}')],
  ['an address', onDb('    environment: {PROXY_PASS: "http://app:3000"}')],
  ['a file hidden by nothing', onDb('    volumes: ["/dev/null:/etc/motd"]')],
  ['a number with a default', onDb('    deploy: {replicas: "${DB_REPLICAS:-1}"}')],
  [
    'a host below and a path',
    label('"traefik.http.routers.x.rule=Host(`a.${DOMAIN}`) && Path(`/`)"'),
  ],
  [
    'any name on its own host',
    label('"traefik.http.routers.x.rule=(HostRegexp(`{x:.*}`) && Host(`${DOMAIN}`))"'),
  ],
  [
    'a choice of names below',
    label('"traefik.http.routers.x.rule=HostRegexp(`^(www|[a-z]+)\\\\.${DOMAIN}$$`)"'),
  ],
  ['a named part below', label('"traefik.http.routers.x.rule=HostRegexp(`{name:a|b}.${DOMAIN}`)"')],
  ['a pattern below', label('"traefik.http.routers.x.rule=HostRegexp(`^.+\\\\.${DOMAIN}$$`)"')],
])('takes %s for what it is', (_, tree) => {
  const known = new Set(['RCP017']);
  expect(
    lint(tree)
      .filter(({ diagnostic: { code } }) => !known.has(code))
      .map(told),
  ).toEqual([]);
});
