// A cross-phase gate: a rule over the chosen rows, the pack's files and the bundles, with a code for
// each way of breaking it.

import type { AuditIndex } from './audit.ts';
import type { RowAnswer } from './derive.ts';
import type { Reason, ReasonClass } from './reason.ts';

export type GateFinding = {
  readonly code: string;
  readonly class: ReasonClass;
  /** What it is about: a row, a scenario, a check, a file. */
  readonly item: string;
  readonly message: string;
  /** Codes of the reasons behind it. */
  readonly reasons: readonly string[];
  readonly run?: string;
  readonly seq?: number;
};

export type GateQuestion = {
  readonly index: AuditIndex;
  /** The chosen rows. */
  readonly answers: readonly RowAnswer[];
};

export type GateRule = {
  readonly id: string;
  readonly title: string;
  /** Codes that it can give, for the reference. */
  readonly codes: Readonly<Record<string, string>>;
  readonly ask: (question: GateQuestion) => {
    /** What was evaluated. */
    readonly items: readonly string[];
    readonly findings: readonly GateFinding[];
  };
};

export type GateAnswer = {
  readonly gate: string;
  readonly title: string;
  /** Inconclusive when there was nothing to evaluate. */
  readonly verdict: 'passed' | 'failed' | 'inconclusive';
  readonly items: number;
  readonly failed: number;
  readonly findings: readonly GateFinding[];
};

const judged = new WeakMap<GateQuestion, Map<GateRule, GateAnswer>>();

/**
 * Worked out once for a question, since the gate of the whole phase asks all others. By the rule itself: one of a pack
 * may have the name of another.
 */
export function judgeGate(rule: GateRule, question: GateQuestion): GateAnswer {
  const known = judged.get(question) ?? new Map<GateRule, GateAnswer>();
  judged.set(question, known);
  const answer = known.get(rule) ?? askGate(rule, question);
  known.set(rule, answer);
  return answer;
}

/** Findings sorted; each once, whichever row it came from. */
function askGate(rule: GateRule, question: GateQuestion): GateAnswer {
  const { items, findings } = rule.ask(question);
  const byKey = new Map(findings.map((each) => [keyOf(each), each]));
  const sorted = [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, each]) => each);
  const failed = new Set(sorted.map(({ item }) => item)).size;
  const empty = items.length === 0 && sorted.length === 0;
  return {
    ...{ gate: rule.id, title: rule.title },
    verdict: empty ? 'inconclusive' : failed > 0 ? 'failed' : 'passed',
    ...{ items: new Set([...items, ...sorted.map(({ item }) => item)]).size, failed },
    findings: sorted,
  };
}

const keyOf = ({ code, item, run, seq, message }: GateFinding): string =>
  [code, item, run ?? '', String(seq ?? '').padStart(12, '0'), message].join('\u0000');

/** A finding for each reason that a rule gives a code. */
export function byReason(
  answers: readonly RowAnswer[],
  codeOf: (reason: Reason) => string | undefined,
): readonly GateFinding[] {
  const findings: GateFinding[] = [];
  for (const { reasons } of answers)
    for (const reason of reasons) {
      const code = codeOf(reason);
      if (code === undefined) continue;
      const { run, seq, message } = reason;
      findings.push({
        ...{ code, class: reason.class, message, reasons: [reason.code] },
        item: reason.check ?? reason.fixture ?? reason.scenario ?? reason.row,
        ...(run === undefined ? {} : { run }),
        ...(seq === undefined ? {} : { seq }),
      });
    }
  return findings;
}

export const finding = (
  code: string,
  item: string,
  message: string,
  rest: Partial<GateFinding> = {},
): GateFinding => ({ code, class: 'no', item, message, reasons: [], ...rest });

type Planned = { readonly scenarios: readonly string[]; readonly checks: readonly string[] };

/** Asked by nearly every gate. */
const planned = new WeakMap<readonly RowAnswer[], Planned>();

function plannedBy(answers: readonly RowAnswer[]): Planned {
  const known = planned.get(answers);
  if (known !== undefined) return known;
  const scenarios = new Set<string>();
  const checks = new Set<string>();
  for (const { row } of answers) {
    for (const id of row.planned.scenarios) scenarios.add(id);
    for (const id of row.planned.checks) checks.add(id);
  }
  const found = { scenarios: [...scenarios].sort(), checks: [...checks].sort() };
  planned.set(answers, found);
  return found;
}

/** Scenarios that the chosen rows plan, sorted. */
export const plannedScenarios = (answers: readonly RowAnswer[]): readonly string[] =>
  plannedBy(answers).scenarios;

export const plannedChecks = (answers: readonly RowAnswer[]): readonly string[] =>
  plannedBy(answers).checks;
