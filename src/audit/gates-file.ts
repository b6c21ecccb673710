// The gates about files and about the whole: setup, evidence and its register, completeness of the
// queue, the phase, and whether every check can be asked and can fail.

import { once, type AuditIndex } from './audit.ts';
import { isAwaited, pendingBecause, unexpectedChecks, type RowAnswer } from './derive.ts';
import {
  byReason,
  finding,
  judgeGate,
  plannedChecks,
  plannedScenarios,
  type GateFinding,
  type GateQuestion,
  type GateRule,
} from './gate.ts';
import { countedBundles, runGates } from './gates-run.ts';
import { isOwner } from './queue-schema.ts';
import type { BrokenFile } from './pack.ts';
import type { Reason } from './reason.ts';

const setup: GateRule = {
  id: 'setup-gate',
  title: 'Each planned scenario says what it needs, does and shows',
  codes: {
    AU110: 'a part of a scenario or manifest is missing or wrong',
    AU111: 'a run followed another plan than the file has',
    AU112: 'a contract and what the scenario declares do not agree',
  },
  ask: ({ index, answers }) => ({
    items: plannedScenarios(answers),
    findings: [
      ...index.pack.broken.flatMap(setupProblems),
      ...byReason(answers, ({ code, part, scenario }) => {
        // A file that cannot be used says so itself.
        if (scenario !== undefined && !index.pack.scenarios.has(scenario)) return undefined;
        const isPlan = code === 'plan-mismatch' || (code === 'stale-evidence' && part === 'plan');
        return isPlan ? 'AU111' : contractReasons[code];
      }),
    ],
  }),
};

const contractReasons: Readonly<Record<string, string>> = {
  'manifest-not-allowed': 'AU112',
  'manifest-missing': 'AU112',
};

const setupKinds: ReadonlySet<string> = new Set(['scenario', 'manifest', 'contract']);

function setupProblems({ file, kind, problems }: BrokenFile): readonly GateFinding[] {
  if (!setupKinds.has(kind)) return [];
  return problems
    .filter(({ code }) => !code.startsWith('FX') && code !== 'MF002')
    .map(({ code, line, message }) =>
      finding(
        code === 'SC012' || kind === 'contract' ? 'AU112' : 'AU110',
        file,
        `Line ${String(line)}: ${message}`,
      ),
    );
}

const evidence: GateRule = {
  id: 'evidence-gate',
  title: 'Each passed check left evidence that still shows it',
  codes: {
    AU140: 'a passed check left no evidence',
    AU141: 'evidence has another digest or size than recorded',
    AU142: 'judged again, the evidence does not show it',
    AU143: 'an id is not registered, was used before, or changed without a new revision',
  },
  ask: (question) => ({
    items: countedBundles(question).flatMap(({ summary }) =>
      Object.entries(summary.checks)
        .filter(([, { verdict }]) => verdict === 'passed')
        .map(([id]) => `${summary.run} ${id}`),
    ),
    findings: [
      ...byReason(question.answers, ({ code }) => evidenceCodes[code]),
      ...question.index.pack.broken.flatMap(idProblems),
      ...unregistered(question),
      ...question.index.pack.idChanges.map(({ id, message }) => finding('AU143', id, message)),
    ],
  }),
};

const evidenceCodes: Readonly<Record<string, string>> = {
  'evidence-missing': 'AU140',
  'evidence-digest-mismatch': 'AU141',
  'verdict-mismatch': 'AU142',
  'evidence-not-judgeable': 'AU142',
};

const idProblems = ({ file, kind, problems }: BrokenFile): readonly GateFinding[] =>
  kind !== 'register'
    ? []
    : problems
        .filter(({ code }) => code === 'SC030')
        .map(({ line, message }) => finding('AU143', file, `Line ${String(line)}: ${message}`));

const unregistered = ({ index: { pack }, answers }: GateQuestion): readonly GateFinding[] =>
  // A register that cannot be read says so itself.
  pack.broken.some(({ kind }) => kind === 'register')
    ? []
    : plannedChecks(answers)
        .filter((id) => !pack.register.has(id))
        .filter((id) =>
          answers.some(({ row }) => row.planned.checks.includes(id) && !isAwaited(pack, row, id)),
        )
        .map((id) => finding('AU143', id, `${id} is not in the register.`));

const completeness: GateRule = {
  id: 'audit-completeness-gate',
  title: 'Each row has an owner, a phase and a plan; each legacy subject has a row',
  codes: {
    AU170: 'a field of a row says nothing',
    AU171: 'a row and its plan do not agree',
    AU172: 'the inventory and the rows do not agree',
    AU173: 'something is about a row that does not exist',
  },
  ask: ({ index, answers }) => ({
    items: answers.map(({ row }) => row.id),
    findings: [
      ...answers.flatMap((answer) => fieldProblems(index, answer)),
      ...answers.flatMap((answer) => planProblems(index, answer)),
      ...inventoryProblems(index),
      ...orphans(index),
    ],
  }),
};

function fieldProblems({ pack }: AuditIndex, { row }: RowAnswer): readonly GateFinding[] {
  const unknownPhase = pack.phases.length > 0 && !pack.phases.includes(row.phase);
  return [
    ...(isOwner(row.owner)
      ? []
      : [finding('AU170', row.id, `Its owner is ${JSON.stringify(row.owner)}.`)]),
    ...(unknownPhase
      ? [finding('AU170', row.id, `The pack has no phase ${String(row.phase)}.`)]
      : []),
  ];
}

/** Q4, from the row's side: its scenarios exist and name it, its checks are expected for it. */
function planProblems(index: AuditIndex, { row }: RowAnswer): readonly GateFinding[] {
  const { pack } = index;
  const broken = once(
    index,
    'broken files',
    () => new Set(pack.broken.flatMap(({ id }) => id ?? [])),
  );
  const { scenarios, also = [] } = row.planned;
  const isThere = (id: string): boolean =>
    pack.scenarios.has(id) || broken.has(id) || pack.waiting.has(id);
  const absent = [...scenarios, ...also].filter((id) => !isThere(id));
  const unnamed = scenarios.filter((id) => pack.scenarios.get(id)?.rows.has(row.id) === false);
  return [
    ...absent.map((id) => `It plans ${id}, which is not there.`),
    ...unnamed.map((id) => `${id} does not name it.`),
    ...unexpectedChecks(pack, row).map((check) => `No planned scenario expects ${check} for it.`),
  ].map((message) => finding('AU171', row.id, message));
}

/** Q3, both ways. The whole queue counts, since a subject may be another phase's. */
function inventoryProblems({ pack }: AuditIndex): readonly GateFinding[] {
  const known = new Set(pack.inventory.map(({ subject }) => subject));
  const named = new Set(pack.rows.flatMap(({ legacySubject }) => legacySubject));
  const unknown = pack.rows.flatMap(({ id, legacySubject }) =>
    legacySubject
      .filter((subject) => !known.has(subject))
      .map((subject) => finding('AU172', id, `${subject} is not in the inventory.`)),
  );
  const open = pack.inventory
    .filter(({ subject, retired }) => retired === undefined && !named.has(subject))
    .map(({ subject }) => finding('AU172', subject, 'No row covers it, and it is not retired.'));
  return [...unknown, ...open];
}

/** Q4, from the scenarios' side. */
function orphans({ pack }: AuditIndex): readonly GateFinding[] {
  const rows = new Map(pack.rows.map((row) => [row.id, row]));
  return [...pack.scenarios.values()].flatMap((scenario) => {
    const named = new Set(scenario.rows);
    for (const check of scenario.checks) for (const id of check.rows) named.add(id);
    return [...named].flatMap((id): readonly GateFinding[] => {
      const row = rows.get(id);
      if (row === undefined)
        return [finding('AU173', scenario.id, `${scenario.id} names ${id}, which is no row.`)];
      const { scenarios, also = [] } = row.planned;
      return scenarios.includes(scenario.id) || also.includes(scenario.id)
        ? []
        : [finding('AU171', id, `${scenario.id} names it, and it does not plan ${scenario.id}.`)];
    });
  });
}

const executable: GateRule = {
  id: 'executable-assertion-gate',
  title: 'Each planned check can be asked, and was seen red',
  codes: {
    AU190: 'a check cannot be asked, or cannot fail',
    AU191: 'a mark says that something is not done or not run',
    AU192: 'a boundary has only checks that any app could be asked',
    AU193: 'no planted fault made the check red',
  },
  ask: ({ index, answers }) => ({
    items: plannedChecks(answers),
    findings: [
      ...index.pack.broken.flatMap(checkProblems),
      ...plannedChecks(answers).flatMap((id) => unaskable(index, id)),
      ...[...index.pack.modules.values()].flatMap(({ file, marks }) =>
        marks.map(({ name, line }) => finding('AU191', file, `Line ${String(line)} has ${name}.`)),
      ),
      ...answers.flatMap((answer) => genericOnly(index, answer)),
      // With a register that cannot be read no canary can be of the present plan.
      ...(index.pack.broken.some(({ kind }) => kind === 'register')
        ? []
        : byReason(answers, neverRed)),
    ],
  }),
};

const neverRed = ({ code }: Reason): string | undefined =>
  code === 'canary-never-red' || code === 'canary-stale' ? 'AU193' : undefined;

const checkProblems = ({ file, kind, problems }: BrokenFile): readonly GateFinding[] =>
  kind !== 'register'
    ? []
    : problems
        .filter(({ code }) => code !== 'SC030')
        .map(({ line, message }) => finding('AU190', file, `Line ${String(line)}: ${message}`));

/** Marks have a code of their own, and so has an id that is not registered. */
function unaskable({ pack }: AuditIndex, id: string): readonly GateFinding[] {
  const registered = pack.register.get(id);
  const [file = ''] = registered?.collector.split('#') ?? [];
  if (registered === undefined || (pack.modules.get(file)?.marks.length ?? 0) > 0) return [];
  const why = pendingBecause(pack, id);
  return why === undefined ? [] : [finding('AU190', id, `${why}.`, { reasons: ['pending'] })];
}

function genericOnly({ pack }: AuditIndex, { row }: RowAnswer): readonly GateFinding[] {
  const known = row.planned.checks.flatMap((id) => pack.register.get(id) ?? []);
  return row.boundary
    .filter((boundary) => known.some((check) => check.boundary === boundary))
    .filter((boundary) => !known.some((check) => check.boundary === boundary && !check.generic))
    .map((boundary) =>
      finding('AU192', `${row.id} ${boundary}`, `Every check of ${boundary} is generic.`, {
        reasons: ['generic-only'],
      }),
    );
}

/** The eight that the gate of the whole phase asks. */
const others: readonly GateRule[] = [setup, ...runGates, evidence, completeness, executable];

const completion: GateRule = {
  id: 'phase-completion-gate',
  title: 'Every row is complete or amended, and the other gates pass',
  codes: {
    AU180: 'a row is unresolved',
    AU181: 'an amendment has expired',
    AU182: 'another gate does not pass',
  },
  ask: (question) => ({
    items: question.answers.map(({ row }) => row.id),
    findings: [
      ...question.answers.flatMap(unresolved),
      ...others.flatMap((rule) => redGate(rule, question)),
    ],
  }),
};

function unresolved({ row, status, reasons }: RowAnswer): readonly GateFinding[] {
  if (status !== 'unresolved') return [];
  const expired = reasons.find(({ code }) => code === 'amendment-expired');
  if (expired !== undefined)
    return [finding('AU181', row.id, expired.message, { reasons: [expired.code] })];
  const codes = [...new Set(reasons.map(({ code }) => code))];
  const open = reasons.every((each) => each.class === 'unknown');
  return [
    finding('AU180', row.id, `It is unresolved: ${codes.join(', ')}.`, {
      ...{ class: open ? 'unknown' : 'no', reasons: codes },
    }),
  ];
}

function redGate(rule: GateRule, question: GateQuestion): readonly GateFinding[] {
  const { verdict, findings } = judgeGate(rule, question);
  if (verdict === 'passed') return [];
  // Nothing to evaluate is nobody's fault yet.
  const isOpen = findings.every((each) => each.class === 'unknown');
  if (verdict === 'inconclusive' && question.answers.length > 0 && rule.id === 'cleanup-gate')
    return [];
  const codes = [...new Set(findings.map(({ code }) => code))].join(', ') || 'nothing to evaluate';
  return [finding('AU182', rule.id, `${rule.id}: ${codes}.`, { class: isOpen ? 'unknown' : 'no' })];
}

/** In the order of the specification. */
export const crossPhaseGates: readonly GateRule[] = [
  setup,
  ...runGates.filter(({ id }) => id === 'no-cheat-gate' || id === 'boundary-gate'),
  evidence,
  ...runGates.filter(({ id }) => id === 'secret-gate' || id === 'cleanup-gate'),
  ...[completeness, completion, executable],
];
