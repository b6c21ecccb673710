// Named rules over the records of one bundle: whether a row's fixture really was in place (audit
// specification, §9.2). A proof names the records that it rests on, or the first fact that is absent.

import { isLiveTransport } from '../evidence/evidence-object.ts';
import type { InstanceObservation, ProofObservation } from '../evidence/observed.ts';
import type { PlannedFixture, PlannedScenario } from './pack.ts';
import type { ProofName } from './queue-schema.ts';
import { textIn, type BundleSummary, type FixtureSummary } from './summary.ts';

export type ProofAnswer =
  | { readonly holds: true; readonly records: readonly number[] }
  | { readonly holds: false; readonly absent: string; readonly seq?: number };

export type ProofQuestion = {
  readonly summary: BundleSummary;
  readonly scenario: PlannedScenario;
  readonly fixture: PlannedFixture;
  /** Planned checks of the row. */
  readonly checks: readonly string[];
};

export const proofs: Readonly<Record<ProofName, (question: ProofQuestion) => ProofAnswer>> = {
  'old-before-new-after': oldBeforeNewAfter,
  'staged-not-observed': stagedNotObserved,
  'endpoint-reached': endpointReached,
  'built-then-reused': builtThenReused,
  refused,
  bites: (question) => fixtureCheck(question, 'staged'),
  restored: (question) => fixtureCheck(question, 'restored'),
};

const absent = (fact: string, seq?: number): ProofAnswer => ({
  holds: false,
  absent: fact,
  ...(seq === undefined ? {} : { seq }),
});

type Seen<Value> = { readonly seq: number; readonly value: Value };

const observed = <Schema extends ProofObservation['schema']>(
  { observations }: BundleSummary,
  schema: Schema,
): readonly Seen<Extract<ProofObservation, { schema: Schema }>>[] =>
  observations.filter(
    (each): each is Seen<Extract<ProofObservation, { schema: Schema }>> =>
      each.value.schema === schema,
  );

type Applied = NonNullable<FixtureSummary['applied']>;

const appliedOf = ({ summary, fixture }: ProofQuestion): Applied | undefined =>
  summary.fixtures[fixture.id]?.applied;

const notApplied = ({ fixture }: ProofQuestion): ProofAnswer =>
  absent(`the fixture ${fixture.id} was never applied`);

const instances = (summary: BundleSummary): readonly Seen<InstanceObservation>[] =>
  observed(summary, 'seatrial.instance/v1');

function oldBeforeNewAfter(question: ProofQuestion): ProofAnswer {
  const { summary, fixture } = question;
  const applied = appliedOf(question);
  if (applied === undefined) return notApplied(question);
  const { component, version, content } = buildIn(applied);
  if (component === undefined || version === undefined || content === undefined)
    return absent(`the fixture ${fixture.id} does not say which build it made`, applied.seq);
  const head = headBuild(summary, component);
  if (head === undefined) return absent(`the run does not say what the head's ${component} is`, 1);
  const all = instances(summary).filter(
    ({ value, seq }) => value.component === component && seq > applied.seq,
  );
  const before = all.find(({ value }) => value.content === content);
  if (before === undefined) return absent(`no ${component} of the old build was seen running`);
  if (before.value.version !== version)
    return absent(
      `the old ${component} did not report ${version} itself but ${before.value.version}`,
      before.seq,
    );
  if (content === head.content || version === head.version)
    return absent(`the fixture's ${component} is the head's own build`, before.seq);
  return newAfter(before, all, head);
}

function newAfter(
  before: Seen<InstanceObservation>,
  all: readonly Seen<InstanceObservation>[],
  head: { readonly version: string },
): ProofAnswer {
  const { name, id, content, probe } = before.value;
  const later = all.filter(({ seq, value }) => seq > before.seq && value.name === name);
  const other = later.filter(({ value }) => value.id !== id);
  if (other.length === 0) return absent(`${name} was never replaced by another instance`);
  const changed = other.filter((each) => each.value.content !== content);
  if (changed.length === 0)
    return absent(`the new ${name} has the content of the old one`, other[0]?.seq);
  const asked = changed.filter(({ value }) => value.probe === probe);
  if (asked.length === 0)
    return absent(`the new ${name} was not asked by the same probe`, changed[0]?.seq);
  const after = asked.find(({ value }) => value.version === head.version);
  return after === undefined
    ? absent(`the new ${name} does not report ${head.version}`, asked[0]?.seq)
    : { holds: true, records: [before.seq, after.seq] };
}

const buildIn = ({ details }: Applied) => ({
  component: textIn(details, 'component'),
  version: textIn(details, 'version'),
  content: textIn(details, 'content'),
});

const headBuild = ({ started }: BundleSummary, component: string) =>
  started?.bound?.subject.builds.find((build) => build.component === component);

/**
 * The first instance that was already the head's: then there was nothing old, whatever a fixture, a
 * registry or the scenario's name says.
 */
export function freshInstance(summary: BundleSummary): Seen<InstanceObservation> | undefined {
  const first = new Map<string, Seen<InstanceObservation>>();
  for (const each of instances(summary)) {
    const key = `${each.value.component} ${each.value.name}`;
    if (!first.has(key)) first.set(key, each);
  }
  return [...first.values()].find(({ value }) => {
    const head = headBuild(summary, value.component);
    return head !== undefined && (head.content === value.content || head.version === value.version);
  });
}

function stagedNotObserved(question: ProofQuestion): ProofAnswer {
  const { summary, fixture, checks } = question;
  const applied = appliedOf(question);
  if (applied === undefined) return notApplied(question);
  const target = textIn(applied.details, 'target');
  if (target === undefined)
    return absent(`the fixture ${fixture.id} does not say where it staged`, applied.seq);
  const passed = checks.flatMap((id) => {
    const check = summary.checks[id];
    return check?.verdict === 'passed' && check.judged !== undefined ? [check] : [];
  });
  const reading = passed.filter(({ judged }) =>
    judged?.sources.some((source) => source.target === target && source.call > applied.seq),
  );
  if (reading.length === 0) return absent(`no passed check read ${target} after it was staged`);
  const compared = reading.find(({ judged }) =>
    judged?.sources.some(
      (source) =>
        source.target !== target && isLiveTransport(source.transport) && source.call > applied.seq,
    ),
  );
  return compared === undefined
    ? absent(`nothing that lives was asked for what ${target} says`, reading[0]?.seq)
    : { holds: true, records: [applied.seq, compared.seq ?? 0] };
}

/** Sides of the app from which a request shows that the app itself reached the endpoint. */
const inside: ReadonlySet<string> = new Set(['sandbox', 'agent', 'gateway']);

function endpointReached(question: ProofQuestion): ProofAnswer {
  const { summary, fixture } = question;
  const applied = appliedOf(question);
  if (applied === undefined) return notApplied(question);
  const nonce = textIn(applied.details, 'nonce');
  if (nonce === undefined)
    return absent(`the fixture ${fixture.id} was given no nonce`, applied.seq);
  const logs = observed(summary, 'seatrial.requests/v1').filter(
    ({ value }) => value.fixture === fixture.id,
  );
  if (logs.length === 0) return absent(`the log of ${fixture.id} was not kept`);
  const ours = logs.filter(({ value }) => value.requests.some((each) => each.nonce === nonce));
  if (ours.length === 0)
    return absent(`no request to ${fixture.id} had the run's nonce`, logs[0]?.seq);
  const reached = ours.find(({ value }) =>
    value.requests.some((each) => each.nonce === nonce && inside.has(each.from)),
  );
  return reached === undefined
    ? absent(`no request to ${fixture.id} came from inside the app`, ours[0]?.seq)
    : { holds: true, records: [applied.seq, reached.seq] };
}

function builtThenReused(question: ProofQuestion): ProofAnswer {
  const { summary, fixture } = question;
  const uses = observed(summary, 'seatrial.image-use/v1').filter(
    ({ value }) => value.fixture === fixture.id,
  );
  const built = uses.find(({ value }) => value.built);
  if (built === undefined) return absent('the product was not seen building an image');
  const again = uses.filter(({ seq }) => seq > built.seq);
  if (again.length === 0) return absent('the image was not used a second time', built.seq);
  const same = again.filter(({ value }) => value.image === built.value.image);
  if (same.length === 0) return absent('the second use took another image', again[0]?.seq);
  const kept = same.filter(({ value }) => value.created === built.value.created);
  if (kept.length === 0) return absent('the second use took an image made anew', same[0]?.seq);
  const reused = kept.find(({ value }) => !value.built);
  return reused === undefined
    ? absent('the second use built it again', kept[0]?.seq)
    : { holds: true, records: [built.seq, reused.seq] };
}

function refused({ summary, scenario, checks }: ProofQuestion): ProofAnswer {
  const sad = scenario.expectedFailure;
  const actions =
    sad === undefined
      ? scenario.actions.filter(({ mustFail }) => mustFail).map(({ id }) => id)
      : [sad.action];
  if (actions.length === 0) return absent(`${scenario.id} expects nothing to be refused`);
  const reached = actions.filter((id) => summary.operations[id]?.endedSeq !== undefined);
  if (reached.length === 0) return absent(`${actions.join(', ')} was not reached`);
  const judges =
    sad === undefined
      ? scenario.checks.filter(({ id, after }) => reached.includes(after) && checks.includes(id))
      : scenario.checks.filter(({ id }) => id === sad.check);
  const passed = judges.find(({ id }) => summary.checks[id]?.verdict === 'passed');
  if (passed !== undefined) return { holds: true, records: [summary.checks[passed.id]?.seq ?? 0] };
  const first = judges[0];
  const seq = first === undefined ? undefined : summary.checks[first.id]?.seq;
  return absent(`no check shows that ${reached.join(', ')} failed as stated`, seq);
}

function fixtureCheck({ summary, fixture }: ProofQuestion, what: string): ProofAnswer {
  const id = `fixture.${fixture.id}.${what}`;
  const check = summary.checks[id];
  if (check?.verdict === 'passed') return { holds: true, records: [check.seq ?? 0] };
  const said = check === undefined ? 'was not asked' : `is ${check.verdict}`;
  return absent(`${id} ${said}`, check?.seq);
}
