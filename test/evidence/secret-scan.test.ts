import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canaryMarker, makeCanarySecrets } from '../../src/evidence/canary-secrets.ts';
import { concat } from '../../src/evidence/concat.ts';
import { digitTexts, mayBeHexDigits } from '../../src/evidence/digit-texts.ts';
import { encodeForms } from '../../src/evidence/encode-forms.ts';
import { makeRedactor } from '../../src/evidence/redact.ts';
import { forms } from '../../src/evidence/secret-forms.ts';
import { scanShapes, scanStream, type SecretScan } from '../../src/evidence/secret-scan.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const scanned = (scan: SecretScan, content: Uint8Array): ReturnType<SecretScan['end']> => {
  scan.push(content);
  return scan.end();
};

const ids = { nonce: (count: number): string => counted(count) };
let seed = 7;
function counted(count: number): string {
  let hex = '';
  for (let digit = 0; digit < count * 2; digit++) {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    hex += Math.floor(seed / 65536)
      .toString(16)
      .slice(-1);
  }
  return hex;
}

describe('the second matcher', () => {
  const secret = { name: 'db', value: 'Tr0ub4dor&3 "~?>~~??>>\\<é☃🔑' };

  it.each(encodeForms(secret.value).map((each) => [each.form, each.variant, each.bytes] as const))(
    'finds %s, %s',
    (form, _, leak) => {
      const hits = scanned(scanStream([secret]), concat([bytes('x ('), leak, bytes(') y')]));
      expect(hits.map(({ name }) => name)).toContain('db');
      const expected = form.startsWith('base64') ? 'base64' : form;
      const isPlain = hits.some((hit) => hit.form === 'plain');
      expect(isPlain || hits.some((hit) => hit.form === expected)).toBe(true);
    },
  );

  it('finds nothing in other text', () => {
    const text = 'GET /a?b=%20c &amp; \\u0041 QUJDREVGR0hJSktMTU5PUA== 00112233445566778899aabb\n';
    expect(scanned(scanStream([secret]), bytes(text.repeat(9000)))).toEqual([]);
  });

  it('finds a secret wherever chunks and windows end', () => {
    const [leak] = encodeForms('swordfish-9').filter(({ variant }) => variant === 'all');
    for (const before of [262_100, 262_140, 262_144, 524_280]) {
      const scan = scanStream([{ name: 's', value: 'swordfish-9' }]);
      const whole = concat([new Uint8Array(before).fill(0x2e), leak?.bytes ?? bytes('')]);
      for (let at = 0; at < whole.length; at += 65_521) scan.push(whole.subarray(at, at + 65_521));
      expect(scan.end().map(({ form }) => form)).toEqual([leak?.form]);
    }
  });

  it('finds nothing behind the redactor, and without it what it masked', () => {
    const value = fc.string({ minLength: 8, maxLength: 20, unit: 'binary' });
    const filler = fc.string({ maxLength: 20, unit: 'binary' });
    fc.assert(
      fc.property(value, filler, filler, fc.nat(), (leaked, before, after, pick) => {
        fc.pre(!before.includes(leaked) && !after.includes(leaked));
        const encoded = encodeForms(leaked);
        const leak = encoded[pick % encoded.length]?.bytes ?? bytes('');
        // Blanks keep the neighbours from changing what the form means.
        const whole = concat([bytes(`${before} `), leak, bytes(` ${after}`)]);
        const redactor = makeRedactor();
        redactor.add({ name: 's', value: leaked });
        const stream = redactor.stream();
        const masked = concat([stream.push(whole), stream.end()]);
        expect(scanned(scanStream([{ name: 's', value: leaked }]), masked)).toEqual([]);
        expect(scanned(scanStream([{ name: 's', value: leaked }]), whole)).not.toEqual([]);
      }),
      { numRuns: 80 },
    );
  });

  it('goes red when a secret bypasses the redactor', () => {
    const [planted] = makeCanarySecrets(ids);
    const mutant = bytes(`{"type":"note","message":"${planted?.value ?? ''}"}\n`);
    expect(scanned(scanShapes(), mutant)).toEqual([
      { name: 'canary-secret', form: 'plain', offset: 0 },
    ]);
  });
});

describe('a digest', () => {
  it('hides no secret whose base64 looks like one', () => {
    const leak = bytes(`{"sha256":"${'c0'.repeat(32)}"}`);
    expect(scanned(scanStream([{ name: 's', value: 'sG4sG4sG4sG4' }]), leak)).toEqual([
      { name: 's', form: 'base64', offset: 0 },
    ]);
  });

  it('is read as base64 for whatever it could hide, at each place of it', () => {
    const digits = fc.string({
      unit: fc.constantFrom(...Array.from('0123456789abcdefABCDEF')),
      minLength: 24,
    });
    fc.assert(
      fc.property(digits, fc.nat(3), fc.nat(4), (text, shift, from) => {
        const hidden = Buffer.from(text.slice(shift), 'base64').subarray(from, from + 8);
        expect(mayBeHexDigits(hidden)).toBe(true);
        expect(digitTexts(bytes(text), true).base64).toContain(hidden.toString('latin1'));
      }),
    );
    // Nothing to hide there: the marker of planted secrets, by which bundles are searched.
    expect(mayBeHexDigits(bytes(canaryMarker))).toBe(false);
  });
});

describe('canary secrets', () => {
  const secrets = makeCanarySecrets(ids);

  it('have different values and names, all with the marker', () => {
    expect(new Set(secrets.map(({ value }) => value)).size).toBe(secrets.length);
    expect(new Set(secrets.map(({ name }) => name)).size).toBe(secrets.length);
    expect(secrets.every(({ value }) => value.includes(canaryMarker))).toBe(true);
    expect(secrets.length).toBeGreaterThanOrEqual(12);
  });

  it('differ from run to run', () => {
    const again = new Set(makeCanarySecrets(ids).map(({ value }) => value));
    expect(secrets.filter(({ value }) => again.has(value))).toEqual([]);
  });

  it.each(secrets)('$name is masked by its shape alone', ({ shape, value }) => {
    const leak = shape === 'secret-value' ? `password=${value}` : value;
    expect(makeRedactor().redactText(`a ${leak} b`)).toContain(`[REDACTED:${shape}]`);
    expect(makeRedactor().redactText(`a ${leak} b`)).not.toContain(canaryMarker);
  });

  it.each(secrets)('$name is found later in every form without its value', ({ value }) => {
    const found = new Set<string>();
    for (const { form, bytes: leak } of encodeForms(value)) {
      const hits = scanned(scanShapes(), leak);
      expect(hits, form).not.toEqual([]);
      found.add(form);
    }
    expect(found.size).toBe(forms.length);
  });
});
