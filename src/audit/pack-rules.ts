// A phase's own rules, as data of the pack: extra gates of the same form as the nine.

import { chooseBundle } from './choose-bundle.ts';
import { finding, type GateFinding, type GateQuestion, type GateRule } from './gate.ts';
import { proveRoles, usableBundles } from './role-reasons.ts';
import type { PackRule } from './rules-file.ts';

/** Of every rule of a pack. */
const code = 'AU200';

export const packGate = (written: PackRule): GateRule => ({
  id: written.id,
  title: written.title,
  codes: { [code]: 'a rule of the pack does not hold' },
  ask: (question) => {
    if (written.kind === 'roles-proven') return rolesProven(written, question);
    if (written.kind === 'same-set') return sameSet(written, question);
    return noManifest(written, question);
  },
});

/** Of what it names, what the chosen rows are about; and what no row is about, which is a fault of the rule itself. */
export function askedOf(written: PackRule, { index, answers }: GateQuestion): readonly string[] {
  const { rows } = index.pack;
  const chosen = new Set(answers.map(({ row }) => row.id));
  const owners = (item: string): readonly string[] =>
    rows
      .filter(({ id, planned }) =>
        written.kind === 'roles-proven' ? id === item : planned.scenarios.includes(item),
      )
      .map(({ id }) => id);
  return (written.kind === 'roles-proven' ? written.rows : written.scenarios).filter((item) => {
    const of = owners(item);
    return of.length === 0 || of.some((id) => chosen.has(id));
  });
}

type Of<Kind extends PackRule['kind']> = Extract<PackRule, { kind: Kind }>;
type Answer = ReturnType<GateRule['ask']>;

function rolesProven(written: Of<'roles-proven'>, question: GateQuestion): Answer {
  const { index } = question;
  const rows = askedOf(written, question);
  const { roles } = written;
  const findings: GateFinding[] = [];
  for (const id of rows) {
    const row = index.pack.rows.find((each) => each.id === id);
    if (row === undefined) {
      findings.push(finding(code, id, 'The queue has no such row.'));
      continue;
    }
    const bundles = usableBundles(index, row.planned.scenarios);
    const wanted = proveRoles(row, bundles).filter(({ role }) => roles.includes(role));
    if (wanted.length === 0) findings.push(finding(code, id, 'It has none of these roles.'));
    for (const { role, staged } of wanted) {
      const proven = staged.length > 0 && staged.every(({ answer }) => answer.holds);
      if (!proven) findings.push(finding(code, id, `The role ${role} has no proof.`));
    }
  }
  return { items: rows, findings };
}

function sameSet(written: Of<'same-set'>, question: GateQuestion): Answer {
  const { index } = question;
  const { places, passed } = written;
  const scenarios = askedOf(written, question);
  const findings = scenarios.flatMap((scenario): readonly GateFinding[] => {
    const summary = chooseBundle(index, scenario)?.summary;
    if (summary === undefined)
      return [finding(code, scenario, 'It has no bundle.', { class: 'unknown' })];
    const { run } = summary;
    const seen = places.map(({ check, at }) => summary.checks[check]?.judged?.facts[at]);
    const missing = places.filter((_, place) => seen[place] === undefined);
    if (missing.length > 0) {
      const named = missing.map(({ check, at }) => `${check} ${at}`).join(', ');
      return [finding(code, scenario, `Nothing was observed at ${named}.`, { run })];
    }
    if (seen.some((each) => each?.empty === true))
      return [finding(code, scenario, 'What was observed is empty.', { run })];
    if (new Set(seen.map((each) => each?.digest)).size > 1)
      return [finding(code, scenario, 'The checks observed different values.', { run })];
    // Equal in every place is also what was lost in every place.
    return [...places.map(({ check }) => check), ...passed]
      .filter((check) => summary.checks[check]?.verdict !== 'passed')
      .map((check) => finding(code, scenario, `${check} did not pass.`, { run }));
  });
  return { items: scenarios, findings };
}

function noManifest(written: Of<'no-manifest'>, question: GateQuestion): Answer {
  const { index } = question;
  const scenarios = askedOf(written, question);
  const findings = scenarios.flatMap((id): readonly GateFinding[] => {
    const scenario = index.pack.scenarios.get(id);
    if (scenario === undefined) return [finding(code, id, 'It is not there.')];
    if (scenario.manifest === undefined && scenario.contract !== undefined) return [];
    return [finding(code, id, `It names ${scenario.manifest ?? 'no contract'}.`)];
  });
  return { items: scenarios, findings };
}
