import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { makeRedactor } from '../../src/evidence/redact.ts';
import { unmaskedForms } from '../../src/evidence/redactor-alive.ts';
import type { Redactor } from '../../src/evidence/redactor.ts';
import { forms } from '../../src/evidence/secret-forms.ts';

const ids = { nonce: (count: number): string => randomBytes(count).toString('hex') };

describe('redactor-alive', () => {
  it('finds a redactor alive, also one with other secrets', () => {
    const redactor = makeRedactor();
    redactor.add({ name: 'db', value: 'swordfish-9' });
    expect(unmaskedForms(redactor, ids)).toEqual([]);
  });

  it.each(forms)('form-off:%s is noticed', (form) => {
    expect(unmaskedForms(makeRedactor({ blind: form }), ids)).toContain(form);
  });

  it.each(forms.filter((form) => form !== 'plain'))('form-off:%s blames no other form', (form) => {
    expect(unmaskedForms(makeRedactor({ blind: form }), ids)).toEqual([form]);
  });

  it('finds a redactor dead that masks nothing', () => {
    const none: Redactor = {
      add: () => undefined,
      redactText: (text) => text,
      redactJson: (value) => value,
      stream: () => ({ push: (chunk) => chunk, end: () => new Uint8Array(0) }),
    };
    expect(unmaskedForms(none, ids)).toEqual(forms);
  });
});
