// Why a row is not proven: codes, what class each is of, and what to do about it.

/** no: it is wrong; unknown: nobody can tell yet. */
export type ReasonClass = 'no' | 'unknown';

type Entry = { readonly class: ReasonClass; readonly advice: string };
const no = (advice: string): Entry => ({ class: 'no', advice });
const unknown = (advice: string): Entry => ({ class: 'unknown', advice });

export const reasonTable = {
  'no-bundle': unknown('Run the scenario.'),
  'not-run': unknown('Run the scenario again, to its end.'),
  'testbed-error': unknown('Repair the testbed and run the scenario again.'),
  inconclusive: unknown('Let the check observe what it could not, and run the scenario again.'),
  'environment-unmet': unknown('Run the scenario on a host that has what it needs.'),
  'fresh-only-claim': no('Start from an instance of the old build; a fresh one shows nothing.'),
  'wrong-boundary': no('Let the check ask the surface that it is about.'),
  'pre-state-not-observed': no('Observe the state before the operation, too.'),
  'empty-comparison': no('Put something in place that can be lost, or say why nothing is right.'),
  'stale-evidence': no('Run the scenario again on what is audited now.'),
  'plan-mismatch': no('Run the scenario as it is written.'),
  'canary-never-red': no('Run the canaries; plant a fault that the check must notice.'),
  'canary-stale': no('Run the canaries again on what is audited now.'),
  'amendment-expired': no('Renew the decision, or bring the evidence.'),
  'amendment-invalid': no('Correct the amendment, or bring the evidence.'),
  'manifest-not-allowed': no('Take the manifest out of the scenario.'),
  'manifest-missing': no('Let the scenario name an instance manifest.'),
  'check-failed': no('Repair what the check found, and run the scenario again.'),
  'newer-run-failed': no('Repair what the newer run found; an older pass does not cover it.'),
  skipped: no('Run the check: a skip is no pass.'),
  pending: no('Write the collector, and run the scenario.'),
  'preview-only': no('Run the scenario: a plan shows nothing.'),
  'partial-selection': no('Run the scenario whole.'),
  'generic-only': no('Add a check that only this product could be asked.'),
  'evidence-missing': no('Run the scenario again and keep its objects.'),
  'evidence-digest-mismatch': no('Run the scenario again: its evidence was changed.'),
  'evidence-not-judgeable': no('Let the check leave an object that can be judged again.'),
  'verdict-mismatch': no('Run the scenario again: the verdict does not follow from its facts.'),
  'evidence-is-input': no('Let the check ask the product, not what was put there for it.'),
  'bundle-broken': no('Run the scenario again: its bundle was changed.'),
  'wrong-subject': no('Run the scenario on the audited subject.'),
  'fake-driver': no('Run the scenario on a real driver.'),
  'mutant-bundle': no('Run the scenario without a planted fault.'),
  'fixture-not-restored': no('Run `seatrial recover`, then the scenario again.'),
  'undo-timed-out': no('Raise the budget of the undo, run `seatrial recover`, then the scenario.'),
  'secret-found': no('Find out how the secret came there, change it, and run the scenario again.'),
  'unplanned-scenario': no('Claim a bundle of a scenario that the row plans.'),
} as const satisfies Readonly<Record<string, Entry>>;

export type FixedReason = keyof typeof reasonTable;
export type ReasonCode = FixedReason | `missing-${string}-fixture`;

export type Reason = {
  readonly code: ReasonCode;
  readonly class: ReasonClass;
  readonly row: string;
  readonly scenario?: string;
  readonly check?: string;
  readonly fixture?: string;
  readonly run?: string;
  /** Record of the run. */
  readonly seq?: number;
  /** Which part is stale; which boundary, fact or need is missing. */
  readonly part?: string;
  readonly message: string;
  readonly advice: string;
};

export type Found = Omit<Reason, 'row' | 'class' | 'advice'>;

const missingAdvice = 'Stage the fixture, so that its proof holds, and run the scenario again.';

export function reasonOf(row: string, found: Found): Reason {
  const entry = Object.hasOwn(reasonTable, found.code)
    ? reasonTable[found.code as FixedReason]
    : no(missingAdvice);
  return { ...found, row, class: entry.class, advice: entry.advice };
}

/** Whether a text can be the code of a reason. */
export const isReasonCode = (text: string): boolean =>
  Object.hasOwn(reasonTable, text) || /^missing-[a-z0-9-]+-fixture$/.test(text);

/** By code, then by what it is about; each once. */
export function sortReasons(reasons: readonly Reason[]): readonly Reason[] {
  const byKey = new Map(reasons.map((reason) => [sortKey(reason), reason]));
  return [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, reason]) => reason);
}

const sortKey = ({ code, scenario, check, fixture, run, seq, part, message }: Reason): string =>
  [
    ...[code, scenario, check, fixture, part, run],
    seq === undefined ? '' : String(seq).padStart(12, '0'),
    message,
  ]
    .map((each) => each ?? '')
    .join('\u0000');
