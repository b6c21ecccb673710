// Decisions that a row does not need evidence, judged at a moment (Q5 to Q8). A moment is compared as
// an instant, to the millisecond; the last moment of an amendment is the one it expires at.

import type { Amendment } from './queue-schema.ts';
import { isReasonCode, type Found, type Reason } from './reason.ts';

const dayMs = 86_400_000;
const lifeMaxMs = 180 * dayMs;
const warnMs = 14 * dayMs;
const rationaleMin = 40;

/** Never hidden, whatever was decided. */
const unhidable: ReadonlySet<string> = new Set([
  ...[
    'secret-found',
    'fixture-not-restored',
    'undo-timed-out',
    'bundle-broken',
    'evidence-digest-mismatch',
  ],
]);
const failures: ReadonlySet<string> = new Set(['check-failed', 'newer-run-failed']);

export type AmendmentAnswer = {
  /** The one that stands for evidence; absent when none does. */
  readonly amendment?: Amendment;
  readonly found: readonly Found[];
  readonly warnings: readonly string[];
};

/** `reasons`: what the evidence alone says. */
export function judgeAmendments(
  amendments: readonly Amendment[],
  reasons: readonly Reason[],
  at: string,
): AmendmentAnswer {
  const now = Date.parse(at);
  const judged = amendments.map((amendment) => ({ amendment, ...judge(amendment, now) }));
  const valid = judged.find(({ state }) => state === 'valid')?.amendment;
  if (reasons.length === 0)
    return {
      found: [],
      warnings: amendments.map(({ id }) => `${id} is not needed: the evidence is complete.`),
    };
  if (valid === undefined) return { found: judged.flatMap(foundBy), warnings: [] };
  const bare = reasons.filter((reason) => isBare(reason, valid));
  const warnings = [
    ...endsSoon(valid, now),
    ...bare.map(
      ({ code, check }) =>
        `${valid.id} cannot hide ${code}${check === undefined ? '' : ` of ${check}`}.`,
    ),
  ];
  return { ...(bare.length === 0 ? { amendment: valid } : {}), found: [], warnings };
}

function isBare({ code, check }: Reason, { acknowledges }: Amendment): boolean {
  if (unhidable.has(code)) return true;
  if (!failures.has(code)) return false;
  return !acknowledges.includes(code) && !(check !== undefined && acknowledges.includes(check));
}

type Judged =
  | { readonly state: 'valid' }
  | { readonly state: 'expired' }
  | { readonly state: 'invalid'; readonly why: string };

function judge(amendment: Amendment, now: number): Judged {
  const why = invalidity(amendment, now);
  if (why !== undefined) return { state: 'invalid', why };
  return { state: now > Date.parse(amendment.expires) ? 'expired' : 'valid' };
}

function invalidity(amendment: Amendment, now: number): string | undefined {
  const { rationale, owner, approvedBy, link, acknowledges } = amendment;
  const [created, expires] = [Date.parse(amendment.created), Date.parse(amendment.expires)];
  if (rationale.trim().length < rationaleMin) return 'its rationale has fewer than 40 characters';
  if (owner.trim() === '' || approvedBy.trim() === '') return 'owner or approver is not named';
  if (owner.trim().toLowerCase() === approvedBy.trim().toLowerCase())
    return 'owner and approver are the same';
  if (!isUrl(link)) return 'its link is no URL';
  if (expires <= created) return 'it expires before it is created';
  if (expires - created > lifeMaxMs) return 'it lasts longer than 180 days';
  if (created > now) return 'it is of a later time than the audit';
  const unknown = acknowledges.find((each) => !isReasonCode(each) && !each.includes('.'));
  return unknown === undefined ? undefined : `it acknowledges ${unknown}, which is no reason`;
}

const isUrl = (text: string): boolean => /^https?:\/\/[^\s/]+/.test(text) && URL.canParse(text);

function foundBy(judged: { readonly amendment: Amendment } & Judged): readonly Found[] {
  const { id, expires } = judged.amendment;
  if (judged.state === 'expired')
    return [{ code: 'amendment-expired', part: id, message: `${id} expired at ${expires}.` }];
  if (judged.state === 'valid') return [];
  return [{ code: 'amendment-invalid', part: id, message: `${id}: ${judged.why}.` }];
}

function endsSoon({ id, expires }: Amendment, now: number): readonly string[] {
  const left = Date.parse(expires) - now;
  if (left > warnMs) return [];
  const days = Math.ceil(left / dayMs);
  return [`${id} expires in ${String(days)} ${days === 1 ? 'day' : 'days'}.`];
}

/** Whole days left, rounded up; negative once expired. */
export const daysLeft = ({ expires }: Amendment, at: string): number =>
  Math.ceil((Date.parse(expires) - Date.parse(at)) / dayMs);
