// A row's status, derived from evidence (V1 to V9). A pure function of records, the pack's files, the
// subject and a moment; the order of any of them changes nothing.

import { once, type AuditIndex } from './audit.ts';
import { judgeAmendments } from './amendment.ts';
import { judgeBundle } from './bundle-reasons.ts';
import { canaryReasons } from './canary-reasons.ts';
import { judgeCheck } from './check-reasons.ts';
import { chooseBundle } from './choose-bundle.ts';
import { newerReasons } from './newer-runs.ts';
import type { AuditPack } from './pack.ts';
import type { Amendment, Row } from './queue-schema.ts';
import { reasonOf, sortReasons, type Found, type Reason } from './reason.ts';
import { roleReasons, usableBundles, type Staged } from './role-reasons.ts';
import type { BundleSummary } from './summary.ts';

export type RowStatus = 'evidence-complete' | 'audit-amended' | 'unresolved';

export type RowAnswer = {
  readonly row: Row;
  readonly status: RowStatus;
  /** Sorted; also of an amended row, beside its amendment. */
  readonly reasons: readonly Reason[];
  readonly amendment?: Amendment;
  readonly warnings: readonly string[];
  /** Runs that speak for it, by planned scenario; empty for those without any. */
  readonly runs: readonly {
    readonly scenario: string;
    readonly run: string;
    readonly head: string;
  }[];
};

/** What is asked of a row: its plan, or the bundles of a claim. */
type Question = {
  readonly row: Row;
  readonly scenarios: readonly string[];
  /** What is claimed must show everything itself; nothing is left to a scenario still to be run. */
  readonly claimed: boolean;
};

export function deriveRow(index: AuditIndex, row: Row): RowAnswer {
  const own = reasonsFor(index, { row, scenarios: row.planned.scenarios, claimed: false });
  const amendments = amendmentsByRow(index).get(row.id) ?? [];
  const amended = judgeAmendments(amendments, own, index.at);
  const reasons = sortReasons([...own, ...amended.found.map((each) => reasonOf(row.id, each))]);
  const { amendment } = amended;
  const bare = reasons.length === 0 ? 'evidence-complete' : 'unresolved';
  return {
    row,
    status: amendment === undefined ? bare : 'audit-amended',
    reasons,
    ...(amendment === undefined ? {} : { amendment }),
    warnings: amended.warnings,
    runs: row.planned.scenarios.flatMap((scenario) => {
      const summary = chooseBundle(index, scenario)?.summary;
      return summary === undefined ? [] : [{ scenario, run: summary.run, head: summary.head }];
    }),
  };
}

/** What the evidence alone says, amendments aside. */
export const reasonsFor = (index: AuditIndex, question: Question): readonly Reason[] =>
  evidenceReasons(index, question).map((each) => reasonOf(question.row.id, each));

const amendmentsByRow = (index: AuditIndex): ReadonlyMap<string, readonly Amendment[]> =>
  once(index, 'amendments', () => {
    const byRow = new Map<string, Amendment[]>();
    // By id, so that the order in the file changes nothing.
    const sorted = index.pack.amendments.toSorted((a, b) => (a.id < b.id ? -1 : 1));
    for (const each of sorted) byRow.set(each.row, [...(byRow.get(each.row) ?? []), each]);
    return byRow;
  });

function evidenceReasons(
  index: AuditIndex,
  { row, scenarios, claimed }: Question,
): readonly Found[] {
  const broken = index.view.listFaults
    .slice(0, 5)
    .map((message): Found => ({ code: 'bundle-broken', part: 'runs.jsonl', message }));
  const bundles = usableBundles(index, scenarios);
  return [
    ...broken,
    ...scenarios.flatMap((id) => judgeBundle(index, id, chooseBundle(index, id)).found),
    // A claim has this asked for what it names.
    ...(index.only === undefined || claimed
      ? []
      : scenarios.flatMap((id) => newerReasons(index, row, id))),
    ...bundles.flatMap((bundle) => checksOf(index, row, bundle)),
    ...roleReasons(index, row, bundles, (role) => !claimed && isWaiting(index, row, role, bundles)),
    ...row.planned.checks
      .filter((check) => !isAwaited(index.pack, row, check))
      .flatMap((check) => canaryReasons(index, check, scenarios)),
    ...planReasons(index, row),
    ...manifestReads(row, bundles),
    ...alsoReasons(index, row),
  ];
}

/** The planned checks that this scenario expects for the row, and what every run must have shown. */
function checksOf(index: AuditIndex, row: Row, bundle: Staged): readonly Found[] {
  const { scenario, summary } = bundle;
  const where = { index, scenario: scenario.id, summary };
  const own = scenario.checks
    .filter(({ id, rows }) => row.planned.checks.includes(id) && rows.has(row.id))
    .flatMap(({ id }) => judgeCheck(where, id));
  const every = once(index, `every row ${scenario.id} ${summary.run}`, () => everyRows(bundle));
  return [...own, ...every];
}

/** Whichever row a bundle is to cover. */
function everyRows({ scenario, summary }: Staged): readonly Found[] {
  // One that the run never expected has a reason of its own.
  const expected = new Set(summary.started?.expected);
  const staged = scenario.fixtures
    .map(({ id }) => `fixture.${id}.staged`)
    .filter((id) => expected.has(id))
    .flatMap((id) => [...unpassed(summary.checks[id]?.verdict, id), ...rejudged(summary, id)]);
  const absent = summary.checks['run.secrets.absent']?.verdict;
  // A secret that was found has a reason of its own.
  const secrets = absent === 'failed' ? [] : unpassed(absent, 'run.secrets.absent');
  const { run } = summary;
  return [...staged, ...secrets].map((each) => {
    const seq = summary.checks[each.check ?? '']?.seq;
    return { scenario: scenario.id, run, ...(seq === undefined ? {} : { seq }), ...each };
  });
}

const verdictCodes = {
  failed: 'check-failed',
  error: 'testbed-error',
  skipped: 'skipped',
  inconclusive: 'inconclusive',
  'not-run': 'not-run',
} as const;

function unpassed(
  verdict: keyof typeof verdictCodes | 'passed' | undefined,
  check: string,
): readonly Found[] {
  if (verdict === 'passed') return [];
  const code = verdictCodes[verdict ?? 'not-run'];
  return [{ code, check, message: `${check} is ${verdict ?? 'not-run'}.` }];
}

/** What its objects say counts for checks of fixtures as well. */
function rejudged({ checks }: BundleSummary, check: string): readonly Found[] {
  const { verdict, judged } = checks[check] ?? {};
  if (verdict !== 'passed' || judged === undefined || judged.verdict === 'passed') return [];
  const why = judged.reasons.join(', ');
  const message = `${check} says passed; judged again it is ${judged.verdict}: ${why}.`;
  return [{ code: 'verdict-mismatch', check, message }];
}

/** Another scenario may still stage the role: its own reason says why it has not. */
function isWaiting(index: AuditIndex, row: Row, role: string, bundles: readonly Staged[]): boolean {
  const asked = new Set(bundles.map(({ scenario }) => scenario.id));
  return row.planned.scenarios.some(
    (id) =>
      !asked.has(id) &&
      index.pack.scenarios.get(id)?.fixtures.some((fixture) => fixture.role === role) === true,
  );
}

/** What no run could make good: the row's own plan. */
function planReasons({ pack }: AuditIndex, row: Row): readonly Found[] {
  return [
    ...manifestReasons(pack, row),
    ...unaskedReasons(pack, row),
    ...collectorReasons(pack, row),
    ...genericReasons(pack, row),
  ];
}

function manifestReasons(pack: AuditPack, row: Row): readonly Found[] {
  return row.planned.scenarios.flatMap((id): readonly Found[] => {
    const scenario = pack.scenarios.get(id);
    if (scenario === undefined) return [];
    if (row.manifest === 'forbidden' && scenario.manifest !== undefined)
      return [
        {
          code: 'manifest-not-allowed',
          scenario: id,
          message: `${id} names ${scenario.manifest}; the row is to be shown without a manifest.`,
        },
      ];
    if (row.manifest === 'required' && scenario.manifest === undefined)
      return [{ code: 'manifest-missing', scenario: id, message: `${id} names no manifest.` }];
    return [];
  });
}

/** A planned check that no planned scenario expects for the row would never be missed. */
const unaskedReasons = (pack: AuditPack, row: Row): readonly Found[] =>
  unexpectedChecks(pack, row).map((check) => ({
    code: 'plan-mismatch',
    check,
    message: `No planned scenario expects ${check} for ${row.id}.`,
  }));

/** Planned checks that no planned scenario expects for the row. */
export function unexpectedChecks(pack: AuditPack, { id: row, planned }: Row): readonly string[] {
  // Scenarios that cannot be used may expect it; they are a reason already.
  if (planned.scenarios.some((id) => !pack.scenarios.has(id))) return [];
  return planned.checks.filter(
    (check) =>
      !planned.scenarios.some((id) =>
        pack.scenarios.get(id)?.checks.some((each) => each.id === check && each.rows.has(row)),
      ),
  );
}

/** A row that is to be shown without a manifest, and a run that looked into one all the same. */
function manifestReads(row: Row, bundles: readonly Staged[]): readonly Found[] {
  if (row.manifest !== 'forbidden') return [];
  return bundles.flatMap(({ scenario, summary }) =>
    Object.entries(summary.checks).flatMap(([check, { judged, seq }]): readonly Found[] => {
      const read = judged?.sources.find(({ target }) => /(?:^|\/)manifests\//.test(target ?? ''));
      if (read === undefined) return [];
      const at = {
        scenario: scenario.id,
        run: summary.run,
        check,
        ...(seq === undefined ? {} : { seq }),
      };
      const message = `${check} read ${read.target ?? ''}.`;
      return [{ code: 'manifest-not-allowed', ...at, message }];
    }),
  );
}

/** Only a run that nobody can make yet would ask it: that run is what is missing. */
export const isAwaited = ({ waiting, scenarios }: AuditPack, row: Row, check: string): boolean =>
  waiting.size > 0 &&
  row.planned.scenarios.some((id) => waiting.get(id)?.checks.has(check) === true) &&
  !row.planned.scenarios.some(
    (id) => scenarios.get(id)?.checks.some((each) => each.id === check) === true,
  );

/** A check that nobody can ask: not registered, not exported, or only a promise. */
function collectorReasons(pack: AuditPack, row: Row): readonly Found[] {
  return row.planned.checks.flatMap((id): readonly Found[] => {
    if (isAwaited(pack, row, id)) return [];
    const why = pendingBecause(pack, id);
    return why === undefined ? [] : [{ code: 'pending', check: id, message: `${id}: ${why}.` }];
  });
}

export function pendingBecause(pack: AuditPack, id: string): string | undefined {
  const registered = pack.register.get(id);
  if (registered === undefined) return 'it is not in the register';
  if (registered.by !== undefined) return undefined;
  const [file = '', name = ''] = registered.collector.split('#');
  const module = pack.modules.get(file);
  if (module === undefined) return `${file} cannot be found`;
  if (module.problem !== undefined) return `${file} cannot be read: ${module.problem}`;
  if (!module.exports.includes(name)) return `${file} exports no ${name}`;
  if (module.throwOnly.includes(name)) return `${name} does nothing but throw`;
  const [mark] = module.marks;
  return mark === undefined ? undefined : `${file} has ${mark.name} in line ${String(mark.line)}`;
}

function genericReasons(pack: AuditPack, row: Row): readonly Found[] {
  const known = row.planned.checks.flatMap((id) => pack.register.get(id) ?? []);
  if (known.length === 0 || known.some(({ generic }) => !generic)) return [];
  return [{ code: 'generic-only', message: 'Every check of the row could be asked of any app.' }];
}

/** Scenarios that may add evidence: absent they are no reason, failing they are. */
function alsoReasons(index: AuditIndex, row: Row): readonly Found[] {
  return (row.planned.also ?? []).flatMap((id) => {
    const candidate = index.candidates.get(id)?.[0];
    const summary = candidate?.summary;
    if (summary === undefined || summary.started === undefined) return [];
    const scenario = index.pack.scenarios.get(id);
    const mine = new Set(
      (scenario?.checks ?? []).filter(({ rows }) => rows.has(row.id)).map((each) => each.id),
    );
    return Object.entries(summary.checks).flatMap(([check, { verdict, seq, message }]) => {
      if (verdict !== 'failed' || !mine.has(check)) return [];
      const at = seq === undefined ? {} : { seq };
      const told = `${check}: ${message}`;
      return [
        {
          code: 'check-failed' as const,
          scenario: id,
          run: summary.run,
          check,
          ...at,
          message: told,
        },
      ];
    });
  });
}
