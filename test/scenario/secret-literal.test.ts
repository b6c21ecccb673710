import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { shapes } from '../../src/evidence/secret-shapes.ts';
import {
  isHarmlessValue,
  isSecretName,
  secretAssignments,
  secretForm,
  secretSpans,
} from '../../src/scenario/secret-literal.ts';
import { growth, nearlyLinear } from '../cost.ts';

test.each([
  ...[
    'DB_PASSWORD',
    'API_KEY',
    'apiKey',
    'secret',
    'GH_TOKEN',
    'private-key',
    'x.token',
    'clientSecret',
  ],
  ...['PASSWD', 'MYSQL_PASS', 'AUTH_KEY', 'SECRET_KEY', 'dbCredentials'],
])('%s is the name of a secret', (name) => {
  expect(isSecretName(name)).toBe(true);
});

test.each([
  ...[
    'TOKEN_TTL',
    'SECRET_DB_PASSWORD_VERSION',
    'PASSWORD_FILE',
    'KEY',
    'COMPASS',
    'MONKEY',
    'tokens',
  ],
  ...['bypass', 'AUTH_URL', 'passwordLength', ''],
])('%s is not', (name) => {
  expect(isSecretName(name)).toBe(false);
});

test.each(['', 'true', 'off', '12', '{data}/key', '${TOKEN}', '$TOKEN', 'none'])(
  '%j is harmless under any name',
  (value) => {
    expect(isHarmlessValue(value)).toBe(true);
  },
);

// Put together here, so that no scan for secrets finds one in this file.
const joined = (...parts: readonly string[]): string => parts.join('');
const long = 'aB3dE5gH7jK9mN1pQ3sT5vX7';
describe('forms', () => {
  test.each([
    [`nvapi-${long}`, 'provider key'],
    [`sk-${long}`, 'provider key'],
    [`hf_${long}`, 'provider key'],
    [joined('AKIA', 'IOSFODNN7EXAMPLE'), 'cloud access key'],
    [`ghp_${long}`, 'forge token'],
    [`glpat-${long}`, 'forge token'],
    [`xoxb-${long}`, 'chat token'],
    [`12345678:${'a'.repeat(35)}`, 'bot token'],
    [joined('-----BEGIN OPENSSH PRIV', 'ATE KEY-----'), 'private key'],
    [joined('eyJhbGciOiJI', '.eyJzdWIiOiIx.', 'SflKxwRJSMeK'), 'web token'],
    [`Authorization: Bearer ${long}`, 'bearer token'],
    [joined('postgres://me:', 'hunter2@db/x'), 'password in a URL'],
  ])('%s', (text, form) => {
    expect(secretForm(text)).toBe(form);
    expect(secretForm(`before ${text} after`)).toBe(form);
  });

  test.each([
    'sk-short',
    'task-runner-of-the-house',
    'ghp_',
    'http://host:80/@me',
    'https://a/b@c',
    'AKIA',
  ])('%s is none', (text) => {
    expect(secretForm(text)).toBeUndefined();
  });
});

describe('what is masked in evidence is refused in a file', () => {
  const found = (text: string) =>
    secretForm(text) !== undefined || secretAssignments(text).length > 0;
  // A key's header alone is no key in a log, but nothing to keep in a file either.
  const stricter = ['private-key'];

  test.each(shapes)('$id', ({ id, positive, negative }) => {
    expect(positive.filter((text) => !found(text))).toEqual([]);
    if (!stricter.includes(id))
      expect(negative.filter((text) => secretForm(text) !== undefined)).toEqual([]);
  });
});

test.each([
  ['password=hunter2', ['password']],
  ['"api_key": "abc123"', ['api_key']],
  ['--db-password=hunter2', ['db-password']],
  ['password: ${PASSWORD}\ntoken: {config}/x', []],
  ['token_ttl=3600', []],
])('%j assigns %j', (text, names) => {
  expect(secretAssignments(text).map(({ name }) => name)).toEqual(names);
});

test('scanning near misses is linear', { timeout: 60_000 }, () => {
  for (const unit of ['eyJ', 'sk-', 'a: ', 'x://', 'Bearer ', 'password', '-----BEGIN ', '1:'])
    expect(
      growth(50_000, (size) => secretSpans(unit.repeat(Math.floor(size / unit.length)))),
      unit,
    ).toBeLessThan(nearlyLinear);
});

test('a planted token is found in any text', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (before, after) => {
      const text = `${before} ghp_${long} ${after}`;
      const start = before.length + 1;
      expect(secretSpans(text)).toContainEqual({ start, end: start + 4 + long.length });
    }),
  );
});
