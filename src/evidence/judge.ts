// The judge: from facts and expectations to a verdict, and nothing else. The run calls it on the object that it
// stored, and the verifier calls it again on the same bytes.

import { RE2JS } from 're2js';
import type { Json } from '../ports/json.ts';
import { canonicalJson } from './canonical.ts';
import type { Expectation } from './expectation.ts';
import { isNewer } from './newer.ts';
import { lookUp, type Looked } from './pointer.ts';
import { combine, type Verdict } from './verdict.ts';

export type Judged = {
  readonly verdict: Extract<Verdict, 'passed' | 'failed' | 'inconclusive'>;
  /** What did not hold, joined; of a pass, how much was compared. */
  readonly message: string;
  /** By expectation that did not hold, in order: its own reason, `not-found`, `empty-comparison`, … */
  readonly reasons: readonly string[];
};

type One = { readonly verdict: Judged['verdict']; readonly reason: string; readonly told: string };

/** No facts and no expectations are never `passed`. */
export function judgeFacts(observed: Json, expect: readonly Expectation[]): Judged {
  if (isEmpty(observed)) return nothing('no-facts', 'nothing was observed');
  if (expect.length === 0) return nothing('no-expectation', 'nothing was expected');
  const answers = expect.map((each) => judgeOne(observed, each));
  const wrong = answers.filter(({ verdict }) => verdict !== 'passed');
  return {
    verdict: combine(answers.map(({ verdict }) => verdict)) as Judged['verdict'],
    reasons: wrong.map(({ reason }) => reason),
    message:
      wrong.length === 0
        ? `${String(answers.length)} of ${String(answers.length)} expectations hold`
        : wrong.map(({ told }) => told).join('; '),
  };
}

const nothing = (reason: string, message: string): Judged => ({
  verdict: 'inconclusive',
  reasons: [reason],
  message: `${reason}: ${message}`,
});

function judgeOne(observed: Json, expectation: Expectation): One {
  const { at, op } = expectation;
  const found = lookUp(observed, at);
  if (op === 'absent') return found === undefined ? holds : fails(expectation, 'is there');
  if (found === undefined)
    return op === 'exists'
      ? fails(expectation, 'is not there')
      : open(expectation, 'not-found', 'was not observed');
  if (op === 'exists') return holds;
  if (op === 'non-empty') return isEmpty(found.value) ? fails(expectation, 'is empty') : holds;
  return judgeComparison(observed, expectation, found.value);
}

function judgeComparison(observed: Json, expectation: Expectation, left: Json): One {
  const { op, to, mayBeEmpty } = expectation;
  const other = otherOperand(observed, expectation);
  if (other === undefined) return open(expectation, 'not-found', `has nothing at \`${to ?? ''}\``);
  const right = other.value;
  if (mayBeEmpty === undefined && (isEmpty(left) || isEmpty(right)))
    return open(expectation, 'empty-comparison', 'or its operand is empty');
  const answer = comparisons[op]?.(left, right);
  if (answer === undefined) return open(expectation, 'not-comparable', `cannot be asked \`${op}\``);
  return answer ? holds : fails(expectation, `${said[op] ?? op} ${shown(right, to)}`);
}

function otherOperand(observed: Json, { to, value }: Expectation): Looked {
  if (to !== undefined) return lookUp(observed, to);
  return value === undefined ? undefined : { value };
}

type Compare = (left: Json, right: Json) => boolean | undefined;

const same = (left: Json, right: Json): boolean => canonicalJson(left) === canonicalJson(right);

/** Undefined: the operands are of no kind that can be compared so. */
const comparisons: Readonly<Partial<Record<Expectation['op'], Compare>>> = {
  equals: same,
  'same-as': same,
  'not-equals': (left, right) => !same(left, right),
  'differs-from': (left, right) => !same(left, right),
  contains,
  lacks: (left, right) => {
    const answer = contains(left, right);
    return answer === undefined ? undefined : !answer;
  },
  'subset-of': (left, right) =>
    Array.isArray(left) && Array.isArray(right) ? isSubset(left, right) : undefined,
  'set-equals': (left, right) =>
    Array.isArray(left) && Array.isArray(right)
      ? isSubset(left, right) && isSubset(right, left)
      : undefined,
  'at-least': (left, right) =>
    typeof left === 'number' && typeof right === 'number' ? left >= right : undefined,
  'at-most': (left, right) =>
    typeof left === 'number' && typeof right === 'number' ? left <= right : undefined,
  'newer-than': (left, right) =>
    typeof left === 'string' && typeof right === 'string' ? isNewer(left, right) : undefined,
  matches: (left, right) =>
    typeof left === 'string' && typeof right === 'string' ? matches(left, right) : undefined,
};

/** Text in text, an item in a list, a key in a mapping. */
function contains(left: Json, right: Json): boolean | undefined {
  if (Array.isArray(left)) return left.some((each: Json) => same(each, right));
  if (typeof right !== 'string') return undefined;
  if (typeof left === 'string') return left.includes(right);
  return typeof left === 'object' && left !== null ? Object.hasOwn(left, right) : undefined;
}

const isSubset = (part: readonly Json[], whole: readonly Json[]): boolean =>
  part.every((each) => whole.some((other) => same(each, other)));

/** Linear time, whatever the pattern; one that cannot be compiled compares nothing. */
function matches(text: string, pattern: string): boolean | undefined {
  try {
    return RE2JS.compile(pattern).matcher(text).find();
  } catch {
    return undefined;
  }
}

function isEmpty(value: Json): boolean {
  if (value === null || value === '') return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

const holds: One = { verdict: 'passed', reason: '', told: '' };

const fails = ({ at, op, reason }: Expectation, told: string): One => ({
  verdict: 'failed',
  reason: reason ?? op,
  told: `${reason === undefined ? '' : `${reason}: `}\`${at}\` ${told}`,
});

const open = ({ at }: Expectation, reason: string, told: string): One => ({
  verdict: 'inconclusive',
  reason,
  told: `${reason}: \`${at}\` ${told}`,
});

const said: Readonly<Partial<Record<Expectation['op'], string>>> = {
  equals: 'is not',
  'same-as': 'is not the same as',
  'not-equals': 'is',
  'differs-from': 'is the same as',
  contains: 'does not contain',
  lacks: 'contains',
  'subset-of': 'is no part of',
  'set-equals': 'has not the items of',
  'at-least': 'is less than',
  'at-most': 'is more than',
  'newer-than': 'is not newer than',
  matches: 'does not match',
};

const shownMax = 120;

function shown(value: Json, to: string | undefined): string {
  if (to !== undefined) return `\`${to}\``;
  const text = canonicalJson(value);
  return text.length <= shownMax ? text : `${text.slice(0, shownMax)}…`;
}
