// Rules that need keys, files or a fault to fire: one case for each, and none forgotten. The other
// rules show themselves on their own files.

import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import type { RuleClass } from '../../src/aether/rule.ts';
import { ruleCodes, rules, type RuleCode } from '../../src/aether/rules.ts';
import { checkBytes } from '../../src/aether/check-text.ts';
import { guarded, judgeFound } from '../../src/cli/aether-judge.ts';
import { publishedRegistry } from '../../src/aether/registry.ts';

const told = ruleCodes.filter((code) => rules[code].demo?.how === 'told');

const judge = { compat: false, registry: publishedRegistry, maxBytes: 1000, denyWarnings: false };
const foundCode = (path: string): RuleCode | undefined =>
  judgeFound({ name: path, path, isGiven: true }, judge).problems[0]?.code;

const missing = `/nowhere-${randomBytes(8).toString('hex')}`;

const cases: Readonly<Record<string, () => RuleCode | undefined>> = {
  E_IO_NOT_FOUND: () => foundCode(missing),
  E_IO_ACCESS: () => foundCode(`/${'x'.repeat(300)}`),
  E_IO_KIND: () => foundCode('/dev/null'),
  E_INTERNAL: () => {
    const answer = guarded('a.aether', () => {
      throw new Error(`broken in ${missing}/inner.ts`);
    });
    expect(answer.message).not.toContain(missing);
    return answer.problems[0]?.code;
  },
  W_FILE_NAME: () =>
    checkBytes(new TextEncoder().encode('goal: "x"\n'), { path: 'a.txt' }).problems[0]?.code,
};

test.each(Object.entries(cases))('%s fires', (code, fire) => {
  expect(fire()).toBe(code);
});

test('every such rule has a case here, or is about signatures, which have theirs', () => {
  const signatures: RuleClass = 22;
  const rest = told.filter((code) => rules[code].class !== signatures);
  expect(Object.keys(cases).sort()).toEqual([...rest].sort());
});
