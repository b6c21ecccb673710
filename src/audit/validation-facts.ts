// What a validation shows, as facts and expectations for the judge: members and the audit's own answer.

import type { Expectation } from '../evidence/expectation.ts';
import { readEvidenceObject } from '../evidence/evidence-object.ts';
import type { ObjectRef } from '../evidence/record.ts';
import type { RunState } from '../evidence/run-state.ts';
import type { Verdict } from '../evidence/verdict.ts';
import type { Json, JsonObject } from '../ports/json.ts';
import type { Validation } from '../scenario/scenario-schema.ts';
import type { ValidationCheck } from '../scenario/validation-checks.ts';

/** One member's bundle. */
export type MemberFacts = {
  readonly scenario: string;
  readonly run: string;
  /** Chain head of its journal. */
  readonly head: string;
  readonly verdict: Verdict;
  readonly exitCode: number;
  /** Of its plan. */
  readonly manifest: string | null;
  readonly contract: string | null;
  /** Instance manifests that its checks read. */
  readonly manifestReads: readonly string[];
  /** Undos, resources and fixtures of which nothing shows that they are as before. */
  readonly unrestored: readonly string[];
};

/** `auditJson`, as far as it is judged. */
export type AuditReply = {
  readonly exit: number;
  readonly rows: readonly {
    readonly id: string;
    readonly status: string;
    readonly reasons: readonly { readonly code: string }[];
    readonly runs: readonly { readonly run: string }[];
  }[];
  readonly claims: readonly {
    readonly row: string;
    readonly outcome: string;
    readonly reasons: readonly { readonly code: string; readonly message: string }[];
  }[];
};

/** Digests of what an audit may not change, and every status of the store. */
export type Effects = {
  readonly statuses: Readonly<Record<string, string>>;
  /** The work queue as it would be written now. */
  readonly queue: string;
  readonly pack: string;
  /** Bundles of the store. */
  readonly runs: string;
  /** Folders that the audit was given as its home, its working and its temporary folder. */
  readonly outside: string;
};

export type ValidationFacts = {
  readonly validation: Validation;
  /** Scenarios that must have been run; those that may have been are among `members` alone. */
  readonly wanted: readonly string[];
  readonly members: readonly MemberFacts[];
  readonly reply: AuditReply;
  readonly before: Effects;
  readonly after: Effects;
};

export type Question = {
  readonly observed: JsonObject;
  readonly expect: readonly Expectation[];
};

/** `read` gives the bytes of an object of the bundle, or nothing where they are gone. */
export function memberFacts(
  state: RunState,
  read: (ref: ObjectRef) => Uint8Array | undefined,
): MemberFacts {
  const { started, head, verdict, exitCode, checks } = state;
  const plan = jsonIn(read(started.plan));
  const targets = checks.flatMap(({ evidence }) =>
    evidence.flatMap((ref) => {
      const value = jsonIn(read(ref));
      const sources = value === undefined ? undefined : readEvidenceObject(value)?.sources;
      return (sources ?? []).flatMap(({ target }) => target ?? []);
    }),
  );
  return {
    ...{ scenario: started.scenario, run: started.run, head, verdict, exitCode },
    manifest: textAt(plan, 'manifest', 'path'),
    contract: textAt(plan, 'contract', 'id'),
    manifestReads: [...new Set(targets.filter((each) => /(?:^|\/)manifests\//.test(each)))].sort(),
    unrestored: [
      ...state.undos.filter(({ outcome }) => outcome !== 'restored').map(({ undo }) => undo),
      ...state.resources.filter((each) => each.state !== 'removed').map(({ name }) => name),
      ...checks
        .filter(({ id, verdict: each }) => isRestored.test(id) && each !== 'passed')
        .map(({ id }) => id),
    ],
  };
}

const isRestored = /^fixture\..*\.restored$/;

function jsonIn(bytes: Uint8Array | undefined): Json | undefined {
  if (bytes === undefined) return undefined;
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as Json;
  } catch {
    return undefined;
  }
}

function textAt(value: Json | undefined, key: string, inner: string): string | null {
  const part = (value as JsonObject | undefined)?.[key] as JsonObject | null | undefined;
  const found = part?.[inner];
  return typeof found === 'string' ? found : null;
}

export const questionOf = (check: ValidationCheck, facts: ValidationFacts): Question =>
  questions[check](facts);

const questions: Readonly<Record<ValidationCheck, (facts: ValidationFacts) => Question>> = {
  'rows-complete': (facts) => joined(auditQuestion(facts), membersQuestion(facts)),
  'fresh-rejected': (facts) => joined(auditQuestion(facts), claimsQuestion(facts)),
  'nothing-flipped': unchangedQuestion,
  'hermetic-complete': (facts) =>
    joined(auditQuestion(facts), membersQuestion(facts), restoredQuestion(facts)),
  'no-manifest': (facts) => joined(membersQuestion(facts), contractQuestion(facts)),
};

const joined = (...parts: readonly Question[]): Question => ({
  observed: Object.assign({}, ...parts.map(({ observed }) => observed)) as JsonObject,
  expect: parts.flatMap(({ expect }) => expect),
});

const equals = (at: string, value: Json): Expectation => ({ at, op: 'equals', value });

/** Exit code, statuses and reasons that the file states. */
function auditQuestion({ validation: { spec }, reply }: ValidationFacts): Question {
  const { exit, rows } = spec.expectAudit;
  const stated = spec.rows.map((id) => ({ id, ...(rows[id] ?? rows['*'] ?? {}) }));
  const claimed = (row: string) => reply.claims.filter((each) => each.row === row);
  const reasonsOf = (row: AuditReply['rows'][number]): readonly string[] => [
    ...new Set([row, ...claimed(row.id)].flatMap(({ reasons }) => reasons.map(({ code }) => code))),
  ];
  return {
    observed: {
      exit: reply.exit,
      statuses: Object.fromEntries(reply.rows.map(({ id, status }) => [id, status])),
      reasons: Object.fromEntries(reply.rows.map((row) => [row.id, reasonsOf(row)])),
    },
    expect: [
      equals('/exit', exit),
      ...stated.flatMap((row) => [
        ...('status' in row ? [equals(`/statuses/${row.id}`, row.status)] : []),
        ...('reasons' in row
          ? row.reasons.map((value): Expectation => {
              return { at: `/reasons/${row.id}`, op: 'contains', value };
            })
          : []),
      ]),
    ],
  };
}

/** Every member was run, and no other bundle speaks for a row. */
const membersQuestion = ({ members, wanted, reply }: ValidationFacts): Question => ({
  observed: {
    members: members.map(({ scenario }) => scenario),
    wanted,
    bundles: members.map(({ run }) => run),
    speaking: [...new Set(reply.rows.flatMap(({ runs }) => runs.map(({ run }) => run)))],
  },
  expect: [
    { at: '/wanted', op: 'subset-of', to: '/members' },
    {
      ...{ at: '/speaking', op: 'subset-of', to: '/bundles' },
      mayBeEmpty: 'no bundle at all is told by the statuses of the rows',
    },
  ],
});

function claimsQuestion(facts: ValidationFacts): Question {
  const { validation, members, wanted, reply } = facts;
  const { spec } = validation;
  const absent = (reasons: AuditReply['claims'][number]['reasons']): string =>
    reasons.find(({ code }) => /^missing-.*-fixture$/.test(code))?.message ?? '';
  const { rows } = spec.expectAudit;
  return {
    observed: {
      members: Object.fromEntries(members.map(({ scenario, verdict }) => [scenario, verdict])),
      claims: Object.fromEntries(
        reply.claims.map(({ row, outcome, reasons }) => [
          row,
          { outcome, codes: reasons.map(({ code }) => code), absent: absent(reasons) },
        ]),
      ),
    },
    expect: [
      // A member that failed by itself would be refused for that and show nothing of claims.
      ...wanted.map((scenario) => equals(`/members/${scenario}`, 'passed')),
      ...spec.rows.flatMap((row): readonly Expectation[] => [
        equals(`/claims/${row}/outcome`, 'rejected'),
        ...((rows[row] ?? rows['*'])?.reasons ?? []).map((value): Expectation => {
          return { at: `/claims/${row}/codes`, op: 'contains', value };
        }),
        { at: `/claims/${row}/absent`, op: 'non-empty' },
      ]),
    ],
  };
}

const guarded = {
  'row-status-changed': ['/statuses', '/queue'],
  'pack-file-changed': ['/pack'],
  'write-outside-store': ['/outside', '/runs'],
} as const;

function unchangedQuestion({ validation, before, after, reply }: ValidationFacts): Question {
  const answered = Object.fromEntries(reply.rows.map(({ id, status }) => [id, status]));
  const unclaimed = validation.spec.expectAudit.rows['*']?.status;
  return {
    observed: { before, after, answered },
    expect: [
      ...validation.spec.forbidden.flatMap((effect) =>
        guarded[effect].map((at): Expectation => {
          return { at: `/after${at}`, op: 'same-as', to: `/before${at}` };
        }),
      ),
      // The answer that was given beside the claims, too.
      ...(unclaimed === undefined
        ? []
        : validation.spec.rows.map((row) => equals(`/answered/${row}`, unclaimed))),
    ],
  };
}

const restoredQuestion = ({ members }: ValidationFacts): Question => ({
  observed: {
    verdicts: Object.fromEntries(members.map(({ scenario, verdict }) => [scenario, verdict])),
    unrestored: members.flatMap(({ unrestored }) => unrestored),
  },
  expect: [
    ...members.map(({ scenario }) => equals(`/verdicts/${scenario}`, 'passed')),
    { ...equals('/unrestored', []), mayBeEmpty: 'nothing may be left' },
  ],
});

const contractQuestion = ({ members }: ValidationFacts): Question => ({
  observed: {
    plans: Object.fromEntries(
      members.map(({ scenario, manifest, contract }) => [
        scenario,
        { manifest: manifest ?? 'none', contract: contract ?? '' },
      ]),
    ),
    manifestReads: members.flatMap(({ manifestReads }) => manifestReads),
  },
  expect: [
    ...members.flatMap(({ scenario }): readonly Expectation[] => [
      equals(`/plans/${scenario}/manifest`, 'none'),
      { at: `/plans/${scenario}/contract`, op: 'non-empty' },
    ]),
    { ...equals('/manifestReads', []), mayBeEmpty: 'nothing may have been read' },
  ],
});
