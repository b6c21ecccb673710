// The register of a pack: every check it ever had, what it touches, who collects its facts, what they must be.

import * as z from 'zod';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { askingOperators, comparingOperators, type Expectation } from '../evidence/expectation.ts';
import { judgeFacts } from '../evidence/judge.ts';
import { isLinearPattern } from './linear-pattern.ts';
import { inFileOrder, readBySchema, registryOf, type ReadFile } from './read-by-schema.ts';
import { hintAmong, repeated, type ScenarioFound as Found } from './scenario-context.ts';
import { located } from './scenario-rules.ts';
import {
  boundaries,
  checkId,
  evidenceName,
  moduleExport,
  pointer,
  sentence,
} from './schema-names.ts';
import { distinct, exactlyOne, reason } from './schema-parts.ts';
import type { Path, YamlReading } from './yaml-document.ts';

const at = pointer.describe('JSON Pointer into what was observed');
const shared = {
  mayBeEmpty: reason('why the operands may be empty').optional(),
  reason: z
    .string()
    .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, 'A reason has small letters, digits and dashes.')
    .optional()
    .describe('code of the message when it does not hold'),
};

const comparing = exactlyOne(
  ['value', 'to'],
  {
    at,
    op: z.enum(comparingOperators).describe('how the two are compared'),
    value: z.json().optional().describe('the other operand'),
    to: pointer.optional().describe('JSON Pointer to the other operand'),
    ...shared,
  },
  { none: 'CK001', many: 'SC003' },
);
const asking = z.strictObject({
  at,
  op: z.enum(askingOperators).describe('what is asked'),
  reason: shared.reason,
});
const matching = z.strictObject({
  at,
  op: z.literal('matches').describe('regular expression'),
  value: z.string().min(1).describe('pattern in RE2 syntax'),
  ...shared,
});

const entry = z.strictObject({
  id: checkId.describe('id, never reused'),
  since: z.string().regex(/\S/, 'Name a version or date.').describe('when it was added'),
  revision: z.int().min(1).describe('raised when boundary or expectation change'),
  title: sentence.describe('what a pass shows'),
  boundary: z.enum(boundaries).describe('surface that it touches'),
  collector: moduleExport.describe('who observes'),
  evidence: distinct(evidenceName).min(1).describe('names of the objects that it leaves'),
  expect: z
    .array(z.discriminatedUnion('op', [comparing, asking, matching]))
    .min(1, 'CK001 A check must expect something.')
    .describe('what the facts must be'),
  generic: z.boolean().describe('whether every app could be asked it'),
  replaces: checkId.optional().describe('id of a removed check'),
});

const tombstone = z.strictObject({
  id: checkId.describe('id that is not used any more'),
  reason: reason('why it was removed'),
});

export const registerSchema = z.strictObject({
  checks: z.array(entry).min(1).describe('the checks'),
  removed: z.array(tombstone).default([]).describe('checks that were removed'),
});

export const registerRegistry = registryOf(registerSchema, 'Seatrial register of checks');
export type Register = z.output<typeof registerSchema>;
export type RegisterEntry = Register['checks'][number];

export type RegisterContext = {
  readonly layers?: readonly string[];
  /** Names that a module of the pack exports; undefined when there is no such module or it cannot be read. */
  readonly exportsOf?: (module: string) => ReadonlySet<string> | undefined;
};

/** Codes: SC001–SC003, SC030, CK001, CK002, MF011. */
export function loadRegister(reading: YamlReading, context: RegisterContext): ReadFile<Register> {
  const read = readBySchema(reading, registerRegistry);
  if (read.value === undefined || read.document === undefined) return read;
  const { value, document } = read;
  const found = [
    ...idProblems(value),
    ...value.checks.flatMap((check, index) => [
      ...layerProblems(check, ['checks', index, 'id'], context),
      ...check.expect.flatMap((expectation, item) =>
        expectationProblems(expectation as Expectation, ['checks', index, 'expect', item]),
      ),
      ...collectorProblems(check.collector, ['checks', index, 'collector'], context),
    ]),
  ];
  const problems: readonly Diagnostic[] = inFileOrder(located(document, found));
  return problems.length === 0 ? read : { document, problems };
}

/** An id once given away is never used for another check. */
function idProblems({ checks, removed }: Register): readonly Found[] {
  const all = [
    ...removed.map(({ id }, index) => ({ id, path: ['removed', index, 'id'] })),
    ...checks.map(({ id }, index) => ({ id, path: ['checks', index, 'id'] })),
  ];
  const gone = new Set(removed.map(({ id }) => id));
  const replaced = checks.flatMap(({ replaces }, index): readonly Found[] =>
    replaces === undefined || gone.has(replaces)
      ? []
      : [
          {
            code: 'SC030',
            path: ['checks', index, 'replaces'],
            message: `\`${replaces}\` is not among \`removed\`.`,
            hint: 'A replaced check leaves an entry there, with a reason.',
          },
        ],
  );
  const twice = repeated(all).map(({ id, path }) => ({
    code: 'SC030',
    path,
    message: gone.has(id) ? `The id \`${id}\` was removed.` : `The id \`${id}\` is used twice.`,
    hint: 'An id is never used again: take another.',
  }));
  return [...replaced, ...twice];
}

function layerProblems(
  { id }: RegisterEntry,
  path: Path,
  { layers }: RegisterContext,
): readonly Found[] {
  const [first = ''] = id.split('.');
  if (layers === undefined || layers.includes(first)) return [];
  const message = `\`${first}\` is no layer of this pack.`;
  return [{ code: 'SC030', path, message, hint: hintAmong(first, layers) }];
}

type Weak = {
  readonly holds: (expectation: Expectation) => boolean;
  readonly code?: 'SC003';
  readonly key: string;
  readonly message: string;
  readonly hint: string;
};

/** One that holds whatever was observed makes a check that cannot fail. */
const weaknesses: readonly Weak[] = [
  {
    holds: ({ to, at }) => to !== undefined && to === at,
    key: 'to',
    message: 'An operand is compared with itself.',
    hint: 'Name another place.',
  },
  {
    holds: ({ op, at }) => op === 'exists' && at === '/',
    key: 'op',
    message: 'Something is always observed.',
    hint: 'Name the part that must exist.',
  },
  {
    holds: ({ op, value }) =>
      op === 'matches' && typeof value === 'string' && !isLinearPattern(value),
    code: 'SC003',
    key: 'value',
    message: 'The regular expression cannot be used.',
    hint: 'Use RE2 syntax: no back-references, no look-around.',
  },
  {
    holds: (expectation) =>
      expectation.op === 'matches' &&
      ['\u0001', 'x', '7 \n'].every((text) => holdsFor(expectation, text)),
    key: 'value',
    message: 'The pattern matches every text.',
    hint: 'Say what must be in it.',
  },
  {
    holds: ({ to, mayBeEmpty, value }) =>
      to === undefined && mayBeEmpty === undefined && isEmptyLiteral(value),
    key: 'value',
    message: 'Nothing is compared.',
    hint: 'Give a value, or say in `mayBeEmpty` why.',
  },
];

function expectationProblems(expectation: Expectation, path: Path): readonly Found[] {
  const weak = weaknesses.find(({ holds }) => holds(expectation));
  if (weak === undefined) return [];
  const { code = 'CK001', key, message, hint } = weak;
  return [{ code, path: [...path, key], message, hint }];
}

const holdsFor = (expectation: Expectation, text: string): boolean =>
  judgeFacts({ text }, [{ ...expectation, at: '/text' }]).verdict === 'passed';

const isEmptyLiteral = (value: Expectation['value']): boolean =>
  value === null || value === '' || (typeof value === 'object' && Object.keys(value).length === 0);

export function collectorProblems(
  collector: string,
  path: Path,
  { exportsOf }: RegisterContext,
): readonly Found[] {
  if (exportsOf === undefined) return [];
  const [module = '', name = ''] = collector.split('#');
  const names = exportsOf(module);
  if (names?.has(name) === true) return [];
  return [
    {
      code: 'CK002',
      path,
      message:
        names === undefined
          ? `The module \`${module}\` is not in the pack, or cannot be read.`
          : `\`${module}\` exports no \`${name}\`.`,
      hint: names === undefined ? 'Create it, or correct the path.' : hintAmong(name, [...names]),
    },
  ];
}
