// What is odd about the suppressions in use. Warnings never change what is set aside.

import type { Use } from './apply-suppressions.ts';
import { compareText } from './order.ts';
import { daysBetween } from './suppression.ts';

export const suppressionCodes = [
  'W_SUPPRESS_AMBIGUOUS',
  'W_SUPPRESS_EXPIRED',
  'W_SUPPRESS_MASS',
  'W_SUPPRESS_NO_OWNER',
  'W_SUPPRESS_OLD',
  'W_SUPPRESS_SOON',
  'W_SUPPRESS_UNUSED',
] as const;

export type SuppressionWarning = {
  readonly code: (typeof suppressionCodes)[number];
  readonly message: string;
  /** Absent when all suppressions together are meant. */
  readonly fingerprint?: string;
  readonly file?: string;
  readonly line?: number;
};

const soonDays = 14;
const oldDays = 90;
const massFindings = 20;
const massShare = 0.1;

/** Sorted by file, line and code. `findings`: how many there are in all, set aside or not. */
export function suppressionWarnings(
  uses: readonly Use[],
  findings: number,
  today: string,
): readonly SuppressionWarning[] {
  const own = uses.flatMap((use) => warningsOf(use, today));
  const suppressed = uses.reduce((sum, use) => sum + use.findings, 0);
  const mass =
    suppressed > findings * massShare
      ? [
          whole(
            `${String(suppressed)} of ${String(findings)} findings are set aside, more than 10 %.`,
          ),
        ]
      : [];
  return [...own, ...mass].sort(
    (a, b) =>
      compareText(a.file ?? '', b.file ?? '') ||
      (a.line ?? 0) - (b.line ?? 0) ||
      compareText(a.code, b.code),
  );
}

const whole = (message: string): SuppressionWarning => ({ code: 'W_SUPPRESS_MASS', message });

type Told = readonly [code: SuppressionWarning['code'], message: string];

function warningsOf(use: Use, today: string): readonly SuppressionWarning[] {
  const { fingerprint, file, line } = use.entry;
  return [...statesOf(use), ...agesOf(use, today)].map(([code, message]) => ({
    ...{ code, message, fingerprint, file, line },
  }));
}

function statesOf({ entry, state, findings, strangers }: Use): readonly Told[] {
  const told: Told[] = [];
  if (entry.record === undefined) told.push(['W_SUPPRESS_NO_OWNER', noOwner(state)]);
  if (state === 'ambiguous')
    told.push([
      'W_SUPPRESS_AMBIGUOUS',
      `It would cover ${strangers.join(', ')} and sets nothing aside.`,
    ]);
  if (state === 'overruled')
    told.push(['W_SUPPRESS_UNUSED', 'Another entry of this fingerprint counts.']);
  if (state === 'active' && findings === 0)
    told.push(['W_SUPPRESS_UNUSED', 'No finding has this fingerprint.']);
  if (findings > massFindings)
    told.push(['W_SUPPRESS_MASS', `It alone sets ${String(findings)} findings aside.`]);
  return told;
}

const noOwner = (state: Use['state']): string =>
  state === 'powerless'
    ? 'It has neither owner nor end and sets nothing aside.'
    : 'It has neither owner nor end.';

function agesOf({ entry, state }: Use, today: string): readonly Told[] {
  if (entry.record === undefined || state === 'overruled') return [];
  const { created, expires } = entry.record;
  const left = daysBetween(today, expires);
  const age = daysBetween(created, today);
  if (left < 0) return [['W_SUPPRESS_EXPIRED', `It ended on ${expires} and sets nothing aside.`]];
  const told: Told[] = [];
  if (left <= soonDays) told.push(['W_SUPPRESS_SOON', `It ends on ${expires}.`]);
  if (age > oldDays) told.push(['W_SUPPRESS_OLD', `It has been there for ${String(age)} days.`]);
  return told;
}
