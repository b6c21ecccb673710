// Checks of a recipe, asked before anything is deployed: of the files alone.

import type { Boundary } from '../evidence/record.ts';
import type { JsonObject } from '../ports/json.ts';
import type { RecipeFinding } from '../ports/recipes.ts';
import { failed, passed, type Answer } from './answer.ts';

/** By stage; `base` where an upgrade starts from one. */
export type RecipeFacts = Readonly<
  Partial<
    Record<
      'base' | 'head',
      { readonly errors: readonly RecipeFinding[]; readonly lint: readonly RecipeFinding[] }
    >
  >
>;

export type RecipeCheck = {
  readonly id: string;
  readonly boundary: Boundary;
  readonly title: string;
  readonly judge: (facts: RecipeFacts) => Answer;
};

/** Evidence names so many of each kind. */
const namedMax = 50;

export const recipeChecks: readonly RecipeCheck[] = [
  {
    id: 'floor.recipe.renders',
    boundary: 'state',
    title: 'base and head render without an error',
    judge: judgeRenders,
  },
  {
    id: 'floor.recipe.lint',
    boundary: 'state',
    title: 'nothing in head breaks operators, by the rules of `seatrial recipe lint`',
    judge: judgeLint,
  },
];

const asEvidence = (findings: readonly RecipeFinding[]): readonly JsonObject[] =>
  findings.slice(0, namedMax).map((finding) => ({ ...finding }));

const told = ({ path, line, column, code, message }: RecipeFinding): string =>
  `${path}:${String(line)}:${String(column)} ${code} ${message}`;

function judgeRenders({ base, head }: RecipeFacts): Answer {
  const all = { base: base?.errors ?? [], head: head?.errors ?? [] };
  const evidence = { base: asEvidence(all.base), head: asEvidence(all.head) };
  const first = [
    ...all.head.map((finding) => `head: ${told(finding)}`),
    ...all.base.map((finding) => `base: ${told(finding)}`),
  ];
  return first.length === 0
    ? passed('state', base === undefined ? 'head renders' : 'base and head render', evidence)
    : failed('state', first.slice(0, 3).join('; '), evidence);
}

/** Base is what operators run already: what is wrong with it is no news of head. */
function judgeLint({ head }: RecipeFacts): Answer {
  const found = head?.lint ?? [];
  const errors = found.filter(({ severity }) => severity === 'error');
  const evidence = { errors: asEvidence(errors), findings: found.length };
  const warnings = `${String(found.length - errors.length)} warnings`;
  return errors.length === 0
    ? passed('state', `no error and ${warnings}`, evidence)
    : failed('state', errors.slice(0, 3).map(told).join('; '), evidence);
}
