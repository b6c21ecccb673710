import type { Expression } from './tree.ts';

/** Whether a literal counts as true; undefined where the value is not known before the run. */
export function literalTruth(expression: Expression): boolean | undefined {
  if (expression.kind === 'group') return literalTruth(expression.inner);
  if (expression.kind !== 'not') return plainTruth(expression);
  const inner = literalTruth(expression.value);
  return inner === undefined ? undefined : !inner;
}

function plainTruth(expression: Expression): boolean | undefined {
  if (expression.kind === 'bool') return expression.value;
  if (expression.kind === 'number') return expression.value !== 0;
  if (expression.kind === 'string') return expression.value !== '';
  if (expression.kind === 'duration') return expression.ms !== 0;
  if (expression.kind === 'list') return expression.items.length > 0;
  if (expression.kind === 'dict') return expression.entries.length > 0;
  return expression.kind === 'null' ? false : undefined;
}
