import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { concat } from '../../src/evidence/concat.ts';
import { makeRedactor } from '../../src/evidence/redact.ts';
import { secretKeyShape, shapes } from '../../src/evidence/secret-shapes.ts';
import { growth, nearlyLinear } from '../cost.ts';

const redact = (text: string): string => makeRedactor().redactText(text);

describe.each(shapes)('$id', ({ id, positive, negative }) => {
  it.each(positive)('masks %j', (example) => {
    expect(redact(example)).toContain(`[REDACTED:${id}]`);
  });

  it.each(positive)('masks it in a line of a log: %j', (example) => {
    expect(redact(`2026-11-21 app[7]: got ${example} from peer`)).toContain(`[REDACTED:${id}]`);
  });

  it.each(negative)('leaves %j', (example) => {
    expect(redact(example)).toBe(example);
  });
});

describe('surroundings', () => {
  const key = `sk-${'a1B2c3D4'.repeat(4)}`;

  it.each(['', ' ', '"', '=', '\\n', '%3D', '\\u0022', ':', '/'])(
    'masks a token after %j',
    (before) => {
      expect(redact(`${before}${key}`)).toBe(`${before}[REDACTED:sk-key]`);
    },
  );

  it('keeps what stands around a value', () => {
    expect(redact('{"password": "hunter2-x", "user": "ann"}')).toBe(
      '{"password": "[REDACTED:secret-value]", "user": "ann"}',
    );
    expect(redact(`curl -H "Authorization: Bearer ${'ab12'.repeat(5)}" url`)).toBe(
      'curl -H "Authorization: [REDACTED:authorization]" url',
    );
  });

  it('ends a quoted value at its own quote', () => {
    expect(redact(`password: "it's 4 \\"quoted\\" ones", x`)).toBe(
      'password: "[REDACTED:secret-value]", x',
    );
    expect(redact('"{\\"token\\":\\"ab\\\\\\"cd-12\\",\\"n\\":1}"')).toBe(
      '"{\\"token\\":\\"[REDACTED:secret-value]\\",\\"n\\":1}"',
    );
  });

  it('masks no further than a private key goes', () => {
    const pem = shapes.find(({ id }) => id === 'private-key')?.positive[0] ?? '';
    expect(redact(`${pem}\nready\n${pem} done`)).toBe(
      '[REDACTED:private-key]\nready\n[REDACTED:private-key] done',
    );
  });
});

describe('names of secrets', () => {
  it.each(['password', 'DB_PASSWORD', 'clientSecret', 'apiKey', 'x-api-key', 'access_token'])(
    '%s is one',
    (name) => {
      expect(secretKeyShape(name)).toBe('secret-value');
    },
  );
  it.each(['secretName', 'tokens', 'passwordFile', 'key', 'id', 'TOKEN_TTL'])(
    '%s is none',
    (name) => {
      expect(secretKeyShape(name)).toBeUndefined();
    },
  );
});

describe('cost', () => {
  it.each([
    ['prefixes without end', 'sk-'.repeat(300_000)],
    ['headers without end', 'eyJ'.repeat(300_000)],
    ['keys that are never closed', '-----BEGIN PRIVATE KEY-----'.repeat(30_000)],
    ['quotes in quotes', `password="'`.repeat(80_000)],
    ['dots', '.aaaaaa'.repeat(120_000)],
    ['digits', '1234567890:AA'.repeat(70_000)],
    ['one long word', 'x'.repeat(900_000)],
    ['addresses', 'a://b:c'.repeat(120_000)],
  ])('is linear in %s', (_, text) => {
    const content = new TextEncoder().encode(text);
    const mask = (size: number): void => {
      const stream = makeRedactor().stream();
      concat([stream.push(content.subarray(0, size)), stream.end()]);
    };
    expect(growth(Math.floor(content.length / 4), mask)).toBeLessThan(nearlyLinear);
  });
});

it('masks hardly anything in source code', () => {
  let masks = 0;
  let characters = 0;
  for (const path of readdirSync('src', { recursive: true, encoding: 'utf8' })) {
    // The table of shapes holds examples of secrets; they are no false masks.
    if (!path.endsWith('.ts') || path.endsWith('secret-shapes.ts')) continue;
    const source = readFileSync(join('src', path), 'utf8');
    characters += source.length;
    masks += redact(source).split('[REDACTED:').length - source.split('[REDACTED:').length;
  }
  process.stdout.write(
    `false masks: ${String(masks)} in ${String(characters)} characters of src\n`,
  );
  expect(characters).toBeGreaterThan(50_000);
  expect(masks).toBeLessThanOrEqual(Math.ceil(characters / 100_000));
});
