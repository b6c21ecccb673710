import { describe, expect, test } from 'vitest';
import { checkString } from '../../src/aether/check-text.ts';
import { ruleCodes, rules } from '../../src/aether/rules.ts';

const demonstrated = ruleCodes.filter((code) => (rules[code].demo?.how ?? 'check') === 'check');

function codesOf(text: string): string[] {
  return [...new Set(checkString(text).problems.map(({ code }) => code))];
}

describe.each(demonstrated)('%s', (code) => {
  test('fires on its canary, and nothing else does', () => {
    expect(codesOf(rules[code].bad)).toEqual([code]);
    expect(checkString(rules[code].bad).code).toBe(rules[code].class);
  });

  test('does not fire on the nearest file where it must not', () => {
    expect(codesOf(rules[code].good)).not.toContain(code);
    expect(checkString(rules[code].good).problems).toEqual([]);
  });
});

test('every rule has a page', () => {
  for (const code of ruleCodes) {
    expect(rules[code].title, code).toMatch(/^\S.*[.]$/);
    expect(rules[code].text, code).not.toBe('');
  }
});
