// A plan as text: what would run, what must be shown, and why base and head are what they are.

import type { BaseCandidate, Plan } from '../scenario/plan.ts';

/** A package may have hundreds of releases; `--json` has every one. */
const leftMax = 5;

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
    ...candidateLines(plan.candidates),
    ...versionlessHint(plan),
    ...dependencyLines(plan),
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
    ...localLines(plan),
    'Nothing was run. A plan has no journal and can never be counted as evidence.',
    '',
  ].join('\n');
}

function dependencyLines({ dependencies = [] }: Plan): readonly string[] {
  if (dependencies.length === 0) return [];
  return [
    '',
    'beside the app (deployed before it, removed after it)',
    ...dependencies.map(
      ({ as, app, instance, release }) =>
        `  ${as}: ${app} ${release.ref}  ${release.digest.slice(0, 12)}, instance ${instance}`,
    ),
  ];
}

function localLines({ local }: Plan): readonly string[] {
  if (local === undefined) return [];
  const { authority, reason, digest, left, deniedIds, grant } = local;
  const told = authority === 'denied' ? `denied (${reason ?? ''})` : authority;
  return [
    `code of this change: ${told}`,
    `  holds sha256:${digest}`,
    ...(grant === undefined
      ? []
      : [
          `  its line is for ${grant.content === 'any' ? 'any content' : `sha256:${grant.content}`}, by ${grant.approvedBy} on ${grant.on}`,
        ]),
    ...left.map(
      ({ path, kind, reason: why }) => `  not run: ${JSON.stringify(path)} (${kind}, ${why})`,
    ),
    ...deniedIds.map((id) => `  not asked: ${id}`),
    '',
  ];
}

function candidateLines(candidates: readonly BaseCandidate[]): readonly string[] {
  const line = ({ release, taken, reason }: BaseCandidate) =>
    `  ${taken ? '✓' : '·'} ${release.ref}: ${reason}`;
  const left = candidates.filter(({ taken }) => !taken);
  const more = new Map<string, number>();
  for (const { reason } of left.slice(leftMax)) more.set(reason, (more.get(reason) ?? 0) + 1);
  return [
    ...candidates.filter(({ taken }) => taken).map(line),
    ...left.slice(0, leftMax).map(line),
    ...[...more].map(([reason, count]) => `  · ${String(count)} more: ${reason}`),
  ];
}

/** Without a version nothing is older than head, and the upgrade would be left out without a word. */
function versionlessHint({ base, head, candidates }: Plan): readonly string[] {
  if (!('skipped' in base) || head.version !== undefined || candidates.length === 0) return [];
  return [
    `  hint: head ${head.ref} has no version that releases could be older than; give its package.json one,`,
    '    name the base with --base, or name another head with --head',
  ];
}
