// What breaks operators of a recipe, found before anything is deployed. Each rule sees one loaded recipe,
// and where it compares, the release that operators run now.

import type { LintInput } from './lint-input.ts';
import { backupRule } from './lint-backup.ts';
import { changedConfigRule, configVersionRule, versionLabelRule } from './lint-versions.ts';
import { hostRule } from './lint-host.ts';
import { nameRule, referenceRule, reservedRule } from './lint-names.ts';
import { proxyRule } from './lint-proxy.ts';
import {
  healthcheckRule,
  imageRule,
  networkRule,
  portRule,
  sharedNameRule,
} from './lint-services.ts';
import { credentialRule } from './lint-credentials.ts';
import { newVariableRule, variableRule } from './lint-variables.ts';
import { wordRule } from './lint-words.ts';
import type { RecipeProblem } from './problem.ts';

const rules: readonly ((input: LintInput) => readonly RecipeProblem[])[] = [
  imageRule,
  referenceRule,
  reservedRule,
  nameRule,
  versionLabelRule,
  configVersionRule,
  changedConfigRule,
  credentialRule,
  backupRule,
  variableRule,
  newVariableRule,
  hostRule,
  proxyRule,
  portRule,
  networkRule,
  sharedNameRule,
  healthcheckRule,
  wordRule,
];

export const lintRecipe = (input: LintInput): readonly RecipeProblem[] =>
  rules.flatMap((rule) => rule(input));
