// The gates about runs: set up as the file says, no cheating, the right surface, evidence that holds,
// no secret, everything put back.

import { unfitness } from './canary-reasons.ts';
import { chooseBundle } from './choose-bundle.ts';
import {
  byReason,
  finding,
  plannedScenarios,
  type GateFinding,
  type GateQuestion,
  type GateRule,
} from './gate.ts';
import type { Reason } from './reason.ts';
import type { BundleSummary } from './summary.ts';

type Counted = { readonly scenario: string; readonly summary: BundleSummary };

/** The bundle that speaks for each planned scenario. */
export function countedBundles({ index, answers }: GateQuestion): readonly Counted[] {
  return plannedScenarios(answers).flatMap((scenario) => {
    const summary = chooseBundle(index, scenario)?.summary;
    return summary === undefined ? [] : [{ scenario, summary }];
  });
}

const codesBy =
  (table: Readonly<Record<string, string>>) =>
  ({ code }: Reason): string | undefined =>
    table[code];

const noCheat: GateRule = {
  id: 'no-cheat-gate',
  title: 'Each counted bundle is of a live run',
  codes: {
    AU120: 'a plan, or an action in which nothing happened, stands for a run',
    AU121: 'a part of the scenario was left out',
    AU122: 'a fault was planted',
    AU123: 'the driver is the fake one',
    AU124: 'what was put in place is given as evidence',
    AU125: 'a marker line has no record',
  },
  ask: (question) => ({
    items: countedBundles(question).map(({ summary }) => summary.run),
    findings: [
      ...byReason(
        question.answers,
        codesBy({
          'preview-only': 'AU120',
          'partial-selection': 'AU121',
          'mutant-bundle': 'AU122',
          'fake-driver': 'AU123',
          'evidence-is-input': 'AU124',
        }),
      ),
      ...countedBundles(question).flatMap((counted) => idleActions(question, counted)),
      ...countedBundles(question).flatMap(loneMarkers),
    ],
  }),
};

/** An action between whose start and end no record says that anything was touched. */
function idleActions({ index }: GateQuestion, { scenario, summary }: Counted) {
  const actions = index.pack.scenarios.get(scenario)?.actions ?? [];
  if (summary.ended?.outcome !== 'completed') return [];
  return actions.flatMap(({ id }): readonly GateFinding[] => {
    const operation = summary.operations[id];
    if (operation?.endedSeq === undefined || operation.effects > 0) return [];
    const at = { run: summary.run, seq: operation.endedSeq };
    return [finding('AU120', id, `Nothing happened in ${id} of ${scenario}.`, at)];
  });
}

const loneMarkers = ({ summary }: Counted): readonly GateFinding[] =>
  summary.faults
    .filter(({ file }) => file === 'markers.log')
    .map(({ message }) =>
      finding('AU125', summary.run, message, { run: summary.run, reasons: ['bundle-broken'] }),
    );

const boundary: GateRule = {
  id: 'boundary-gate',
  title: 'Each boundary that a row names is touched by a check that passed',
  codes: {
    AU130: 'no passed check of the row touched the boundary',
    AU131: 'a check declares a boundary and touched another',
  },
  ask: (question) => ({
    items: question.answers.flatMap(({ row }) => row.boundary.map((each) => `${row.id} ${each}`)),
    findings: [
      ...byReason(question.answers, codesBy({ 'wrong-boundary': 'AU131' })),
      ...question.answers.flatMap((answer) => untouched(question, answer)),
    ],
  }),
};

function untouched(
  { index }: GateQuestion,
  { row, reasons }: GateQuestion['answers'][number],
): readonly GateFinding[] {
  const planned = row.planned.checks;
  const touched = new Set(
    row.planned.scenarios.flatMap((scenario) => {
      const checks = chooseBundle(index, scenario)?.summary?.checks ?? {};
      return planned.flatMap((id) => {
        const check = checks[id];
        return check?.verdict === 'passed' ? check.touched : [];
      });
    }),
  );
  // With every planned bundle there, a boundary that nobody touched is the plan's fault.
  const waits = reasons.some((each) => each.class === 'unknown');
  return (
    row.boundary
      .filter((each) => !touched.has(each))
      // The check that declares it says so under its own code.
      .filter(
        (each) => !reasons.some(({ code, part }) => code === 'wrong-boundary' && part === each),
      )
      .map((each) =>
        finding('AU130', `${row.id} ${each}`, `No passed check of ${row.id} touched ${each}.`, {
          class: waits ? 'unknown' : 'no',
        }),
      )
  );
}

const secret: GateRule = {
  id: 'secret-gate',
  title: 'No secret in a file of the pack or in a bundle',
  codes: {
    AU150: 'a file of the pack holds a secret',
    AU151: 'a bundle holds a planted secret',
    AU152: 'a run does not show that secrets were planted and looked for',
  },
  ask: (question) => ({
    items: countedBundles(question).map(({ summary }) => summary.run),
    findings: [
      ...question.index.pack.secrets.map(({ file, line, what }) =>
        finding('AU150', file, `Line ${String(line)} holds what looks like a ${what}.`),
      ),
      ...byReason(question.answers, codesBy({ 'secret-found': 'AU151' })),
      ...countedBundles(question).flatMap(unplanted),
    ],
  }),
};

const secretChecks = ['run.secrets.absent', 'run.secrets.redactor-alive'];

function unplanted({ summary }: Counted): readonly GateFinding[] {
  if (summary.started === undefined || summary.ended?.outcome !== 'completed') return [];
  return secretChecks.flatMap((id): readonly GateFinding[] => {
    const check = summary.checks[id];
    if (check?.verdict === 'passed' || (check?.verdict === 'failed' && id === secretChecks[0]))
      return [];
    const said = check === undefined ? 'was not asked' : `is ${check.verdict}`;
    const seq = check?.seq === undefined ? {} : { seq: check.seq };
    return [finding('AU152', summary.run, `${id} ${said}.`, { run: summary.run, ...seq })];
  });
}

const cleanup: GateRule = {
  id: 'cleanup-gate',
  title: 'Whatever a fixture changed is as it was before',
  codes: {
    AU160: 'a fixture has no obligation to restore',
    AU161: 'a fixture was not restored',
    AU162: 'something that a run made is left',
    AU163: 'no run shows that a missing undo would be noticed',
    AU164: 'a neighbour of what was restored is another',
  },
  ask: (question) => ({
    items: mutatingFixtures(question).map(({ scenario, fixture }) => `${scenario} ${fixture}`),
    findings: [
      ...obligations(question),
      ...countedBundles(question).flatMap(leftovers),
      ...countedBundles(question).flatMap((counted) => unrestored(question, counted)),
      ...mutatingFixtures(question).flatMap((each) => undoUnproven(question, each)),
    ],
  }),
};

type Mutating = { readonly scenario: string; readonly fixture: string };

const mutatingFixtures = ({ index, answers }: GateQuestion): readonly Mutating[] =>
  plannedScenarios(answers).flatMap((scenario) =>
    (index.pack.scenarios.get(scenario)?.fixtures ?? [])
      .filter(({ mutates }) => mutates)
      .map(({ id }) => ({ scenario, fixture: id })),
  );

function obligations(question: GateQuestion): readonly GateFinding[] {
  const { broken } = question.index.pack;
  const inFiles = broken.flatMap(({ file, problems }) =>
    problems
      .filter(({ code }) => code.startsWith('FX'))
      .map(({ line, message }) => finding('AU160', file, `Line ${String(line)}: ${message}`)),
  );
  const unexpected = countedBundles(question).flatMap(({ scenario, summary }) =>
    mutatingFixtures(question)
      .filter((each) => each.scenario === scenario && summary.started !== undefined)
      .filter(
        ({ fixture }) =>
          summary.started?.expected.includes(`fixture.${fixture}.restored`) === false,
      )
      .map(({ fixture }) =>
        finding('AU160', fixture, `Run ${summary.run} never expected it to be restored.`, {
          ...{ run: summary.run, seq: 1 },
        }),
      ),
  );
  return [...inFiles, ...unexpected];
}

const leftovers = ({ summary }: Counted): readonly GateFinding[] =>
  summary.left.map(({ kind, name, seq }) =>
    finding('AU162', name, `${kind} ${name} was not removed.`, {
      ...{ run: summary.run, seq, reasons: ['fixture-not-restored'] },
    }),
  );

function unrestored(question: GateQuestion, { scenario, summary }: Counted) {
  const undos = summary.undos
    .filter(({ outcome }) => outcome !== 'restored')
    .map(({ undo, target, outcome }) =>
      finding('AU161', undo, `The undo of ${target} is ${outcome}.`, {
        ...{ run: summary.run, reasons: ['fixture-not-restored'] },
      }),
    );
  const fixtures = mutatingFixtures(question).filter((each) => each.scenario === scenario);
  const expected = new Set(summary.started?.expected ?? []);
  return [
    ...undos,
    ...fixtures
      .filter(({ fixture }) => expected.has(`fixture.${fixture}.restored`))
      .flatMap(({ fixture }) => fixtureState(summary, fixture, undos.length > 0)),
  ];
}

function fixtureState(
  summary: BundleSummary,
  fixture: string,
  told: boolean,
): readonly GateFinding[] {
  const { applied, restored } = summary.fixtures[fixture] ?? {};
  if (applied === undefined || told) return [];
  const { run } = summary;
  if (restored === undefined)
    return [finding('AU161', fixture, `Nothing shows that ${fixture} was restored.`, { run })];
  const at = { run, seq: restored.seq, reasons: ['fixture-not-restored'] };
  const { pre, post, neighbours } = restored.details;
  if (JSON.stringify(pre) !== JSON.stringify(post))
    return [finding('AU161', fixture, `${fixture} is not as it was before.`, at)];
  if (!equalBeforeAndAfter(neighbours))
    return [finding('AU164', fixture, `A neighbour of ${fixture} is not as it was.`, at)];
  return summary.checks[`fixture.${fixture}.restored`]?.verdict === 'passed'
    ? []
    : [finding('AU161', fixture, `fixture.${fixture}.restored did not pass.`, at)];
}

/** `{pre, post}`, or nothing where a target has no neighbours. */
function equalBeforeAndAfter(neighbours: unknown): boolean {
  if (typeof neighbours !== 'object' || neighbours === null) return true;
  const { pre, post } = neighbours as { readonly pre?: unknown; readonly post?: unknown };
  return JSON.stringify(pre) === JSON.stringify(post);
}

function undoUnproven(
  { index, answers }: GateQuestion,
  { scenario, fixture }: Mutating,
): readonly GateFinding[] {
  const canary = `undo-skipped:${fixture}`;
  // A fixture of the same name in another scenario is another one.
  const red = (index.mutants.get(canary) ?? []).some(
    (summary) =>
      summary.started?.scenario === scenario &&
      unfitness(index, summary) === undefined &&
      summary.checks[`fixture.${fixture}.restored`]?.verdict === 'failed',
  );
  if (red || answers.length === 0) return [];
  const where = `No run of ${scenario} with ${canary}`;
  return [finding('AU163', fixture, `${where} shows that it would be noticed.`)];
}

export const runGates: readonly GateRule[] = [noCheat, boundary, secret, cleanup];
