// All rules of the language. One code, one rule, one page, one file where it fires and one where it
// must not.

import type { Rule, RuleClass } from './rule.ts';
import { blockRules, callRules, nameRules, pairRules } from './rules-meaning.ts';
import { outsideRules, runRules } from './rules-run.ts';
import { featureRules, lexRules, parseRules } from './rules-syntax.ts';
import { warningRules } from './rules-warning.ts';

const all = {
  ...outsideRules,
  ...lexRules,
  ...parseRules,
  ...featureRules,
  ...callRules,
  ...nameRules,
  ...blockRules,
  ...pairRules,
  ...runRules,
  ...warningRules,
};

export type RuleCode = keyof typeof all;

export const rules: Readonly<Record<RuleCode, Rule>> = all;

export const ruleCodes: readonly RuleCode[] = Object.keys(all).filter(isRuleCode);

export function isRuleCode(code: string): code is RuleCode {
  return Object.hasOwn(all, code);
}

export function ruleClass(code: RuleCode): RuleClass {
  return all[code].class;
}
