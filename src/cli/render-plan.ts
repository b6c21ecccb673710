// A plan as text: what would run, what must be shown, and why base and head are what they are.

import type { Plan } from '../scenario/plan.ts';

export function renderPlan(plan: Plan): string {
  const { app, scenario, driver, instance, selection } = plan;
  return [
    `plan of ${app}, scenario ${scenario.id}: ${scenario.title}`,
    `  driver ${driver}, instance ${instance}, selection ${selection}`,
    '',
    'head (the code under test)',
    `  ${plan.head.ref}  ${plan.head.digest.slice(0, 12)}`,
    `  ${plan.headReason}`,
    '',
    'base (what is upgraded from)',
    'skipped' in plan.base
      ? `  none: ${plan.base.skipped}`
      : `  ${plan.base.ref}  ${plan.base.digest.slice(0, 12)}`,
    ...plan.candidates.map(
      ({ release, taken, reason }) => `  ${taken ? '✓' : '·'} ${release.ref}: ${reason}`,
    ),
    '',
    'operations, each once',
    ...plan.operations.map(
      ({ name, budgetMs, skip }) =>
        `  ${name.padEnd(10)} ${skip === undefined ? `at most ${String(Math.round(budgetMs / 1000))} s` : `skipped (${skip.kind}): ${skip.reason}`}`,
    ),
    '',
    'fixtures',
    plan.fixtures.length === 0
      ? '  none'
      : plan.fixtures.map((each) => `  ${String(each)}`).join('\n'),
    '',
    `expected checks (${String(plan.expected.filter(({ skip }) => skip === undefined).length)} asked, ${String(plan.expected.filter(({ skip }) => skip !== undefined).length)} skipped)`,
    ...plan.expected.map(
      ({ id, after, title, skip }) =>
        `  ${skip === undefined ? '?' : '–'} ${id.padEnd(42)} ${skip === undefined ? `after ${after}: ${title}` : `skipped (${skip.kind}): ${skip.reason}`}`,
    ),
    '',
    'Nothing was run. A plan has no journal and can never be counted as evidence.',
    '',
  ].join('\n');
}
