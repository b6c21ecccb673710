// gate_results.json: what programs read of a gate run.

import { objectPath } from '../evidence/bundle-paths.ts';
import type { Json, JsonObject } from '../ports/json.ts';
import { shownChecks, type GatesReport, type ReportedGate } from './gates-report.ts';

export const resultsFile = 'gate_results.json';

export function renderResults(report: GatesReport, journalDigest: string): string {
  const { state, plan, decision, gates } = report;
  const asked = gates.filter(({ selected }) => selected);
  const meta: JsonObject = {
    profile: plan.profile,
    ts: Date.parse(state.endedAt ?? state.lastAt) / 1000,
    all_passed: report.exitCode === 0,
    schema: 'urn:seatrial:schema:gate-results:1',
    decision,
    complete: gates.every(({ selected, required }) => selected || !required),
    strict_manual: plan.strict_manual,
    run_id: state.started.run,
    commit: plan.commit,
    dirty: plan.dirty,
    tool_version: state.started.tool.version,
    gates_digest: plan.gates_digest,
    journal_digest: journalDigest,
    runs_head: plan.runs_head,
    expected: gates.map(({ name }) => name),
    not_run: gates.filter(({ state: reached }) => reached === 'not-run').map(({ name }) => name),
    ...(state.started.canary === undefined ? {} : { mutant: state.started.canary }),
    ...(plan.target === null ? {} : { target: plan.target }),
  };
  const members = asked.map((gate): [string, Json] => [gate.name, gateJson(gate)]);
  return `${JSON.stringify(Object.fromEntries([['_meta', meta], ...members]), null, 2)}\n`;
}

function gateJson(gate: ReportedGate): JsonObject {
  const checks = shownChecks(gate);
  return {
    ok: gate.state === 'pass',
    manual: gate.manual,
    duration_sec: gate.durationMs / 1000,
    details: gate.details,
    state: gate.state,
    required: gate.required,
    title: gate.title,
    checks: checks.map(({ id, verdict, message }) => ({ id, verdict, summary: summary(message) })),
    evidence: checks.flatMap(({ evidence }) =>
      evidence.map(({ path, sha256, mediaType }) => ({
        name: evidenceName(path),
        path: objectPath(sha256),
        sha256,
        media_type: mediaType,
      })),
    ),
  };
}

const summaryMax = 1000;
const summary = (message: string): string =>
  message.length <= summaryMax ? message : `${message.slice(0, summaryMax)}…`;

/** `evidence/<check>/<name>`: the name alone, without the ending of the facts file. */
export const evidenceName = (path: string): string =>
  path
    .split('/')
    .slice(2)
    .join('/')
    .replace(/\.json$/u, '');
