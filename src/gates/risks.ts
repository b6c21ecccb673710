// Residual risks: what remains when every gate holds, and whose eye is on it.

import * as z from 'zod';

const priorities = ['High', 'Med-High', 'Med', 'Low-Med', 'Low'] as const;

export const risk = z.object({
  id: z.string(),
  area: z.string(),
  impact: z.string(),
  mitigation: z.string(),
  priority: z.enum(priorities),
  owner: z.string().nullable(),
  review_by: z.string(),
  status: z.enum(['open', 'mitigated', 'accepted']),
  /** Check that proves the mitigation in each run. */
  proof: z.string().optional(),
  accepted: z.object({ by: z.string(), until: z.string(), reason: z.string() }).optional(),
});
export type Risk = z.infer<typeof risk>;

export type WeighedRisk = Risk & {
  /** As shown: `mitigated` counts only with a proof that passed in this run. */
  readonly shown: Risk['status'];
  /** Why it needs attention; absent when it does not. */
  readonly warning?: string;
};

/** By priority, then as the file has them. `at`: RFC 3339. */
export function weighRisks(
  risks: readonly Risk[],
  passed: ReadonlySet<string>,
  at: string,
): readonly WeighedRisk[] {
  const today = at.slice(0, 10);
  return risks
    .map((risk) => {
      const proven = risk.proof !== undefined && passed.has(risk.proof);
      const shown = risk.status === 'mitigated' && !proven ? 'open' : risk.status;
      const warning = warningOf({ ...risk, status: shown }, today);
      return { ...risk, shown, ...(warning === undefined ? {} : { warning }) };
    })
    .toSorted((a, b) => priorities.indexOf(a.priority) - priorities.indexOf(b.priority));
}

function warningOf(risk: Risk, today: string): string | undefined {
  if (risk.status === 'mitigated') return undefined;
  if (risk.review_by < today) return `review overdue since ${risk.review_by}`;
  if (risk.status === 'open' && risk.priority === 'High' && risk.owner === null)
    return 'high and without an owner';
  if (risk.status === 'accepted' && (risk.accepted === undefined || risk.accepted.until < today))
    return 'acceptance expired';
  return undefined;
}
