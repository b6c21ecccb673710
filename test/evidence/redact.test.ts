import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat } from '../../src/evidence/concat.ts';
import { encodeForms } from '../../src/evidence/encode-forms.ts';
import { makeRedactor } from '../../src/evidence/redact.ts';
import type { Redactor } from '../../src/evidence/redactor.ts';
import { forms } from '../../src/evidence/secret-forms.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (content: Uint8Array): string => new TextDecoder().decode(content);

function redactorFor(...values: string[]): Redactor {
  const redactor = makeRedactor();
  values.forEach((value, index) => {
    redactor.add({ name: `s${String(index)}`, value });
  });
  return redactor;
}

function streamed(redactor: Redactor, chunks: readonly Uint8Array[]): Uint8Array {
  const stream = redactor.stream();
  return concat([...chunks.map((chunk) => stream.push(chunk)), stream.end()]);
}

const secretText = fc.string({ minLength: 8, maxLength: 24, unit: 'binary' });

describe('forms', () => {
  it.each([
    'correct horse battery',
    'Tr0ub4dor&3',
    'q"u\\o\'t<e>d/ \n\té',
    'pä55wörd-☃-🔑-zz',
    '0123456789abcdef',
    '~~~???>>>~~~',
  ])('masks every form of %j', (value) => {
    const redactor = redactorFor(value);
    for (const { form, variant, bytes: leak } of encodeForms(value)) {
      const masked = text(streamed(redactor, [bytes('<('), leak, bytes(')>')]));
      expect(masked, `${form}, ${variant}`).toMatch(
        /^<\([\w+/-]{0,2}\[REDACTED:s0\][\w+/=-]{0,6}\)>$/u,
      );
    }
  });

  it('masks characters of one occurrence that are encoded each in its own way', () => {
    const mixed = 'p%61\\u0073&#115;&#x0077;\\\\u006fr\\u005cu0064%2D1';
    expect(redactorFor('password-1').redactText(`a ${mixed} b`)).toBe('a [REDACTED:s0] b');
  });

  it('masks any value in any form', () => {
    fc.assert(
      fc.property(secretText, fc.nat(), (value, pick) => {
        const encoded = encodeForms(value);
        const leak = encoded[pick % encoded.length];
        const masked = text(streamed(redactorFor(value), [leak?.bytes ?? bytes('')]));
        return /^[\w+/-]{0,2}\[REDACTED:s0\][\w+/=-]{0,6}$/u.test(masked);
      }),
      { numRuns: 100 },
    );
  });

  it.each(forms)('a redactor that is blind to %s lets it through', (form) => {
    const value = '~?>~~??>>"\\<&\' \n~?>secret';
    const blind = makeRedactor({ blind: form });
    blind.add({ name: 's0', value });
    const leaks = encodeForms(value).filter((each) => each.form === form);
    expect(leaks.some(({ bytes: leak }) => !text(streamed(blind, [leak])).includes('s0'))).toBe(
      true,
    );
  });
});

const value = 'Tr0ub4dor&3"x\\';

describe('streams', () => {
  const shapes = [
    `ghp_${'a1B2'.repeat(9)}`,
    `1234567890:AA${'a1B2'.repeat(8)}x`,
    `MTk4NjIyNDgzNDcxOTI1MjQ4.Cl2FMQ.${'a1B2'.repeat(7)}`,
    `{"password": "hunter2-${'x'.repeat(9)}"}`,
    `eyJ${'a1B2'.repeat(4)}.eyJ${'a1B2'.repeat(6)}.x`,
    `-----BEGIN PRIVATE KEY-----\n${'a1B2'.repeat(9)}\n-----END PRIVATE KEY-----`,
    'https://app:pa55word@db/ sk-none',
  ];
  const leaks = [
    ...encodeForms(value).map((each) => each.bytes),
    ...shapes.map((shape) => bytes(shape)),
  ];

  it('give the same at every split point of every form', () => {
    const redactor = redactorFor(value, 'ub4dor&3"x\\-longer');
    for (const leak of leaks) {
      const whole = concat([bytes('a=+/ '), leak, bytes(' task-list\n')]);
      const expected = text(streamed(redactor, [whole]));
      expect(expected).toContain('[REDACTED:');
      for (let at = 0; at <= whole.length; at++) {
        const split = [whole.subarray(0, at), whole.subarray(at)];
        expect(text(streamed(redactor, split)), `split at ${String(at)}`).toBe(expected);
      }
      const single = Array.from(whole, (byte) => new Uint8Array([byte]));
      expect(text(streamed(redactor, single))).toBe(expected);
    }
  });

  it('give the same at any splits of any mixture', () => {
    const redactor = redactorFor(value, 'dor&3"x\\ghp_');
    const part = fc.oneof(
      fc.constantFrom(...leaks),
      fc.string({ maxLength: 12 }).map(bytes),
      fc.constantFrom('password=', 'eyJ', '-----BEGIN ', '.aaaaaa.', 'sk-', '"').map(bytes),
    );
    fc.assert(
      fc.property(
        fc.array(part, { maxLength: 8 }),
        fc.array(fc.nat(), { maxLength: 6 }),
        (parts, cuts) => {
          const whole = concat(parts);
          const at = [0, ...cuts.map((cut) => cut % (whole.length + 1)).sort((a, b) => a - b)];
          const split = at.map((from, index) => whole.subarray(from, at[index + 1]));
          expect(streamed(redactor, split)).toEqual(streamed(redactor, [whole]));
        },
      ),
    );
  });
});

describe('streams, chunk by chunk,', () => {
  it('hand out text at once that cannot be part of a secret', () => {
    const stream = redactorFor(value).stream();
    expect(text(stream.push(bytes('ready on port 80.\n')))).toBe('ready on port 80.\n');
  });

  it('keep what they are given when the caller reuses its buffer', () => {
    const stream = redactorFor(value).stream();
    const buffer = bytes('one Tr0ub4');
    const first = stream.push(buffer);
    buffer.set(bytes('dor&3"x\\ t'));
    expect(text(concat([first, stream.push(buffer), stream.end()]))).toBe('one [REDACTED:s0] t');
  });

  it('mask a secret that becomes known while part of it is held', () => {
    const redactor = redactorFor(value);
    const stream = redactor.stream();
    const first = stream.push(bytes('say swordfish'));
    redactor.add({ name: 'late', value: 'swordfish-9' });
    expect(text(concat([first, stream.push(bytes('-9!')), stream.end()]))).toBe(
      'say [REDACTED:late]!',
    );
  });

  it('stay small while one region never ends', () => {
    const stream = redactorFor('a'.repeat(8)).stream();
    const chunk = new Uint8Array(128 * 1024).fill(0x61);
    for (let count = 0; count < 4; count++) expect(stream.push(chunk)).toHaveLength(0);
    expect(text(stream.end())).toBe('[REDACTED:s0]');
  });

  it('survive more states than the table holds', () => {
    const redactor = redactorFor(value, 'Zm9vYmFyYmF6cXV4', 'c0ffee00c0ffee00');
    let seed = 1;
    const noise = Uint8Array.from({ length: 400_000 }, () => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return Math.floor(seed / 65536) % 256;
    });
    expect(text(streamed(redactor, [noise, bytes(` ${value} `), noise]))).toContain(
      '[REDACTED:s0]',
    );
  });
});

describe('overlaps', () => {
  it.each([
    [
      'the longer of two',
      ['hunter2-short', 'hunter2-short-and-long'],
      'x hunter2-short-and-long y',
      'x [REDACTED:s1] y',
    ],
    ['one inside another', ['inside-9', 'an-inside-9-b'], 'an-inside-9-b', '[REDACTED:s1]'],
    ['the end of the second too', ['abcdefgh', 'fghijklm'], '<abcdefghijklm>', '<[REDACTED:s0]>'],
    ['neighbours one by one', ['abcdefgh'], 'abcdefghabcdefgh', '[REDACTED:s0][REDACTED:s0]'],
    [
      'a known value before a shape',
      [`ghp_${'a1'.repeat(18)}`],
      `ghp_${'a1'.repeat(18)}b`,
      '[REDACTED:s0]',
    ],
  ])('mask %s', (_, values, leak, expected) => {
    expect(redactorFor(...values).redactText(leak)).toBe(expected);
  });
});

describe('redactText', () => {
  it('hands back text without secrets itself, broken characters included', () => {
    expect(redactorFor('swordfish').redactText('half \ud83d of a pair')).toBe(
      'half \ud83d of a pair',
    );
  });

  it('leaves its own masks alone', () => {
    const redactor = redactorFor('swordfish-1');
    const leak = `password=swordfish-1 "token": "swordfish-1" http://a:swordfish-1@b Bearer swordfish-1`;
    const once = redactor.redactText(leak);
    expect(redactor.redactText(once)).toBe(once);
    expect(once).not.toContain('swordfish');
  });

  it('shows only harmless names', () => {
    const redactor = makeRedactor();
    redactor.add({ name: 'a]\nb', value: 'swordfish' });
    expect(redactor.redactText('swordfish')).toBe('[REDACTED:a__b]');
  });

  it('ignores an empty value and masks a short one', () => {
    const redactor = redactorFor('', 'abc');
    expect(redactor.redactText('xx abc')).toBe('xx [REDACTED:s1]');
  });
});

describe('redactJson', () => {
  it('masks strings, keys and numbers and keeps the structure', () => {
    const redactor = redactorFor('swordfish', '12345678');
    const value = {
      'my swordfish': 1,
      'his swordfish': [null, true, 'a swordfish', { pin: 12345678, other: 1234567 }],
    };
    expect(redactor.redactJson(value)).toEqual({
      'my [REDACTED:s0]': 1,
      'his [REDACTED:s0]': [
        null,
        true,
        'a [REDACTED:s0]',
        { pin: '[REDACTED:s1]', other: 1234567 },
      ],
    });
  });

  it('loses no member when two keys become one', () => {
    const redactor = redactorFor('swordfish', 's%77ordfish');
    expect(Object.values(redactor.redactJson({ swordfish: 1, 's%77ordfish': 2 }) ?? {})).toEqual([
      1, 2,
    ]);
  });

  it('masks values of secret-named keys but not references to them', () => {
    expect(
      makeRedactor().redactJson({
        db_password: 'correcthorse',
        apiKey: 'env:API_KEY',
        secretName: 'db_password_v1',
        token: null,
      }),
    ).toEqual({
      db_password: '[REDACTED:secret-value]',
      apiKey: 'env:API_KEY',
      secretName: 'db_password_v1',
      token: null,
    });
  });
});
