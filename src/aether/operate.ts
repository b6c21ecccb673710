// Operators on values.

import type { Span } from '../diagnostics/diagnostic.ts';
import { keyFault, rangeFault, typeFault, type RunFault } from './fault.ts';
import {
  isDict,
  isDuration,
  isEqual,
  isList,
  kindOf,
  TooLarge,
  valueSizeMax,
  type Value,
} from './value.ts';

export function compareValues(operator: string, left: Value, right: Value, span: Span): boolean {
  if (operator === '==') return equal(left, right, span);
  if (operator === '!=') return !equal(left, right, span);
  if (operator === 'in') return contains(right, left, span);
  if (operator === 'not in') return !contains(right, left, span);
  const order = orderOf(left, right);
  if (order === undefined)
    throw typeFault(span, `cannot compare ${kindOf(left)} with ${kindOf(right)}`);
  if (operator === '<') return order < 0;
  if (operator === '<=') return order <= 0;
  return operator === '>' ? order > 0 : order >= 0;
}

function equal(left: Value, right: Value, span: Span): boolean {
  return bounded(span, () => isEqual(left, right));
}

/** Runs a walk over a value; one that takes too long is a range fault at `span`. */
export function bounded<Result>(span: Span, walk: () => Result): Result {
  try {
    return walk();
  } catch (cause) {
    if (cause instanceof TooLarge) throw rangeFault(span, 'the value is too large');
    throw cause;
  }
}

function contains(whole: Value, part: Value, span: Span): boolean {
  if (isList(whole)) {
    const allowance = { left: valueSizeMax };
    return bounded(span, () => whole.some((item) => isEqual(item, part, allowance)));
  }
  if (isDict(whole) && typeof part === 'string') return whole.has(part);
  if (typeof whole === 'string' && typeof part === 'string') return whole.includes(part);
  throw typeFault(span, `cannot look for ${kindOf(part)} in ${kindOf(whole)}`);
}

function orderOf(left: Value, right: Value): number | undefined {
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  if (isDuration(left) && isDuration(right)) return left.ms - right.ms;
  if (typeof left !== 'string' || typeof right !== 'string') return undefined;
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

export function combineValues(operator: string, left: Value, right: Value, span: Span): Value {
  if (operator === '+') return add(left, right, span);
  if (typeof left === 'number' && typeof right === 'number')
    return calculate(operator, left, right, span);
  if (operator === '-' && isDuration(left) && isDuration(right)) return { ms: left.ms - right.ms };
  throw mismatch(operator, left, right, span);
}

function calculate(operator: string, left: number, right: number, span: Span): number {
  if (right === 0 && (operator === '/' || operator === '%'))
    throw rangeFault(span, 'division by zero');
  return exact(arithmetic[operator]?.(left, right) ?? NaN, span);
}

const arithmetic: Readonly<Record<string, (a: number, b: number) => number>> = {
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
};

function mismatch(operator: string, left: Value, right: Value, span: Span): RunFault {
  return typeFault(span, `'${operator}' is not defined for ${kindOf(left)} and ${kindOf(right)}`);
}

function add(left: Value, right: Value, span: Span): Value {
  if (typeof left === 'number' && typeof right === 'number') return exact(left + right, span);
  if (typeof left === 'string' && typeof right === 'string') {
    refuseSize(left.length + right.length, span);
    return left + right;
  }
  if (isList(left) && isList(right)) {
    refuseSize(left.length + right.length, span);
    return [...left, ...right];
  }
  if (isDuration(left) && isDuration(right)) return { ms: left.ms + right.ms };
  throw mismatch('+', left, right, span);
}

export function refuseSize(size: number, span: Span): void {
  if (size > valueSizeMax) throw rangeFault(span, 'the value is too large');
}

/** Integers are exact up to 2^53 or they are refused. */
export function exact(value: number, span: Span): number {
  const isExact =
    Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));
  if (!isExact) throw rangeFault(span, 'the number is beyond what is exact');
  return value;
}

export function fieldOf(value: Value, name: string, span: Span): Value {
  if (!isDict(value)) throw typeFault(span, `a ${kindOf(value)} has no fields`);
  const found = value.get(name);
  if (found === undefined) throw keyFault(span, `there is no key '${name}'`);
  return found;
}

export function itemOf(value: Value, index: Value, span: Span): Value {
  if (isDict(value) && typeof index === 'string') return fieldOf(value, index, span);
  if (!isList(value) || typeof index !== 'number')
    throw typeFault(span, `cannot take ${kindOf(index)} of ${kindOf(value)}`);
  const found = value[index];
  if (found === undefined) throw keyFault(span, `there is no item ${String(index)}`);
  return found;
}

export function negate(value: Value, span: Span): Value {
  if (typeof value === 'number') return -value;
  if (isDuration(value)) return { ms: -value.ms };
  throw typeFault(span, `'-' is not defined for ${kindOf(value)}`);
}
