// gate_sign_off.md: one page for whoever releases.

import { objectPath } from '../evidence/bundle-paths.ts';
import { canonicalJson, sha256Hex } from '../evidence/canonical.ts';
import type { Json } from '../ports/json.ts';
import { evidenceName, resultsFile } from './gate-results.ts';
import { marks, type GateState } from './gate-state.ts';
import { shownChecks, type GatesReport, type ReportedGate } from './gates-report.ts';
import { inert, linkTarget } from './sign-off-text.ts';

export const signOffFile = 'gate_sign_off.md';
export const signOffAttestation = 'gate_sign_off.intoto.jsonl';

const notesMax = 160;
const stateOrder: readonly GateState[] = ['pass', 'manual-pending', 'fail', 'error', 'not-run'];

export function renderSignOff(report: GatesReport, results: string): string {
  return `${[
    '# Go / No-Go Gate Sign-Off',
    decisionLine(report),
    ...(report.state.started.canary === undefined
      ? []
      : [`**Mutant run**: fault ${inert(report.state.started.canary)} was planted; no sign-off.`]),
    identity(report, results),
    gateTable(report),
    '## Summary Template',
    report.gates.map((gate) => summaryLine(gate, report)).join('  \n'),
    '## Manual sign-offs',
    signatures(report),
    '## Residual risks',
    risks(report),
    '## Verification',
    verification(report),
  ].join('\n\n')}\n`;
}

function decisionLine({ decision, gates, plan }: GatesReport): string {
  const counts = stateOrder.map((state) => {
    const count = gates.filter((gate) => gate.state === state).length;
    return `${String(count)} ${state}`;
  });
  const strict = plan.strict_manual ? ' (strict: a pending signature is a no-go)' : '';
  return `**Decision: ${decision.toUpperCase()}** — ${counts.join(', ')} of ${String(gates.length)}${strict}`;
}

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

const code = (text: string): string => `\`${text.replaceAll(/[`|\r\n]/gu, ' ')}\``;

function identity({ state, plan }: GatesReport, results: string): string {
  const commit =
    plan.commit === null
      ? 'none'
      : `${code(plan.commit.slice(0, 12))}${plan.dirty ? ' + changes' : ''}`;
  const row = [
    commit,
    code(state.started.run),
    code(sha256Hex(results).slice(0, 16)),
    inert(`seatrial ${state.started.tool.version}`),
    inert(plan.profile),
    (state.endedAt ?? state.lastAt).replace('T', ' ').slice(0, 19),
  ];
  return table(['Commit', 'Run', 'Results digest', 'Tool', 'Profile', 'Time (UTC)'], [row]);
}

function gateTable(report: GatesReport): string {
  const rows = report.gates.map((gate) => [
    code(gate.name),
    `${marks[gate.state]} ${gate.state}${gate.required ? '' : ' (not required)'}`,
    gate.manual ? marks['manual-pending'] : '',
    inert(noteOf(gate), notesMax),
    evidenceOf(gate, report),
  ]);
  return table(['Gate', 'Status', 'Manual', 'Notes', 'Evidence'], rows);
}

/** The first that applies: what is missing, the error, the failed check, the open signature, figures. */
function noteOf(gate: ReportedGate): string {
  const { details, state, reason } = gate;
  const { missing, error } = details;
  if (reason !== undefined) return reason;
  if (Array.isArray(missing) && missing.length > 0)
    return `missing: ${missing.map(said).join(', ')}`;
  if (state === 'error' && typeof error === 'string') return error;
  const bad = shownChecks(gate).find(({ verdict }) => verdict === 'failed' || verdict === 'error');
  if (bad !== undefined) return `${bad.id}: ${bad.message}`;
  if (state === 'manual-pending') return said(details['reason'] ?? '');
  return figures(gate);
}

const said = (value: Json): string => (typeof value === 'string' ? value : canonicalJson(value));

function figures({ name, checks, details }: ReportedGate): string {
  const asked = checks.filter(({ id }) => !id.startsWith('gate.runner.'));
  const passed = asked.filter(({ verdict }) => verdict === 'passed').length;
  const known = summaryKeys[name] ?? Object.keys(details);
  const values = known
    .filter((key) => details[key] !== undefined && typeof details[key] !== 'object')
    .map((key) => `${key} ${said(details[key] ?? '')}`);
  return [`${String(passed)} of ${String(asked.length)} checks`, ...values].join(', ');
}

const shownEvidence = 3;

function evidenceOf(gate: ReportedGate, { plan }: GatesReport): string {
  const refs = shownChecks(gate).flatMap(({ evidence }) => evidence);
  const links = refs.slice(0, shownEvidence).map(({ path, sha256 }) => {
    const address = linkTarget(`${plan.evidence_base}/${objectPath(sha256)}`);
    return `[${inert(evidenceName(path), 60)}](${address}) ${code(sha256.slice(0, 8))}`;
  });
  const more = refs.length - links.length;
  return [...links, ...(more > 0 ? [`and ${String(more)} more`] : [])].join(', ');
}

const labels: Readonly<Record<string, string>> = {
  launcher_smoke: 'Launcher smoke',
  chat_sse_resume: 'Chat SSE v2 + resume',
  security_strict: 'Security strict (scripts/plugins/net)',
  memory_qfac: 'Memory (core + QFAC fallback)',
  hmr_quiesce: 'HMR swap + audit',
  agents_api: 'Agents API posture',
  quality_gates: 'Spec→Tests & coverage no‑drop',
  policy_privacy: 'Policy/DP surfaced to clients',
};

/** Members of `details` that stand in brackets; of other gates the first evidence does. */
const summaryKeys: Readonly<Record<string, readonly string[]>> = {
  chat_sse_resume: ['last_id', 'positions_tested'],
  agents_api: ['disabled_status', 'enabled_status'],
  policy_privacy: ['policy_event'],
};

function summaryLine(gate: ReportedGate, report: GatesReport): string {
  const label = labels[gate.name] ?? inert(gate.title);
  return `${label}: ${marks[gate.state]} (${bracketOf(gate, report)})`;
}

function bracketOf(gate: ReportedGate, report: GatesReport): string {
  const { name, details, state } = gate;
  if (state === 'not-run') return inert(gate.reason ?? 'not run', notesMax);
  if (name === 'quality_gates') return coverageBracket(details['coverage']);
  const keys = summaryKeys[name];
  const values = (keys ?? [])
    .filter((key) => details[key] !== undefined)
    .map((key) => `${key.replaceAll('_', ' ')} ${inert(said(details[key] ?? ''), 80)}`);
  if (values.length > 0) return values.join(', ');
  const [first] = shownChecks(gate).flatMap(({ evidence }) => evidence);
  if (first === undefined) return inert(noteOf(gate), notesMax);
  const address = linkTarget(`${report.plan.evidence_base}/${objectPath(first.sha256)}`);
  return `[${inert(evidenceName(first.path), 60)}](${address})`;
}

function coverageBracket(coverage: Json | undefined): string {
  const { head, base } = (coverage ?? {}) as { head?: Json; base?: Json };
  return `coverage ${inert(said(head ?? 'unknown'))} vs. baseline ${inert(said(base ?? 'unknown'))}`;
}

function signatures({ signatures: signed }: GatesReport): string {
  if (signed.length === 0) return 'None.';
  const head = ['Gate', 'Who', 'Role', 'Key', 'Says', 'Statement', 'Evidence', 'At', 'Valid'];
  const rows = signed.map((each) => [
    code(each.gate),
    inert(each.signer, 80),
    inert(each.role, 80),
    code(each.keyId),
    each.decision,
    inert(each.statement),
    inert(each.evidence.join(', '), notesMax),
    inert(each.at),
    inert(`for ${each.valid}`),
  ]);
  return table(head, rows);
}

function risks({ risks: weighed }: GatesReport): string {
  if (weighed.length === 0) return 'None listed.';
  const rows = weighed.map((each) => [
    each.priority,
    inert(each.area, 120),
    inert(each.impact, notesMax),
    inert(each.mitigation, notesMax),
    inert(each.owner ?? 'nobody', 80),
    each.review_by,
    `${each.shown}${each.proof === undefined ? '' : ` (${inert(each.proof)})`}`,
    each.warning === undefined ? '' : `${marks.error} ${inert(each.warning)}`,
  ]);
  const head = ['Priority', 'Area', 'Impact', 'Mitigation', 'Owner', 'Review by', 'Status', ''];
  return table(head, rows);
}

function verification({ state, plan }: GatesReport): string {
  const { signer, run } = state.started;
  const command = [
    'seatrial gates verify .',
    ...(plan.commit === null ? [] : [`--commit ${plan.commit}`]),
  ].join(' ');
  return [
    `- \`${command}\` compares ${resultsFile}, this file and the journal of run ${code(run)}.`,
    `- Journal head: ${code(state.head)}`,
    signer === undefined
      ? '- unsigned'
      : `- Attestation: ${signOffAttestation}, key ${code(signer.keyId)}`,
  ].join('\n');
}
