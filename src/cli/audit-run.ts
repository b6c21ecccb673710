// Audit commands from their arguments to an answer.

import { resolve } from 'node:path';
import { checkAudit, type AuditAnswer } from '../audit/check-audit.ts';
import type { Audit } from '../audit/audit.ts';
import { explainRow, type Step } from '../audit/explain.ts';
import { crossPhaseGates } from '../audit/gates-file.ts';
import { loadClaim } from '../audit/load-audit-files.ts';
import type { Claim } from '../audit/queue-schema.ts';
import { isReasonCode, reasonTable } from '../audit/reason.ts';
import { decodeSource } from '../diagnostics/source.ts';
import { nearest } from '../diagnostics/nearest.ts';
import { systemFiles } from '../drivers/files.ts';
import { renderSteps } from '../reporters/audit-text.ts';
import { openAudit } from './audit-open.ts';
import { flag, text, UsageError, type Terminal, type Values } from './command.ts';
import { many } from './findings-options.ts';
import { display, openProblemReport } from './load-manifest.ts';

export type AnsweredAudit = {
  readonly audit: Audit;
  readonly answer: AuditAnswer;
  readonly packRoot: string;
};

const claimMaxBytes = 1024 * 1024;

export async function answerAudit(values: Values, terminal: Terminal): Promise<AnsweredAudit> {
  const { audit, selection, packRoot } = await openAudit(values, terminal);
  const claims = await readClaims(values, { terminal, packRoot });
  const only = bundlesOf(values, audit);
  const asked = only === undefined ? audit : { ...audit, only };
  return { audit: asked, packRoot, answer: checkAudit(asked, selection, claims) };
}

async function readClaims(
  values: Values,
  { terminal, packRoot }: { readonly terminal: Terminal; readonly packRoot: string },
): Promise<readonly Claim[]> {
  const problems = openProblemReport(terminal, flag(values, 'json'));
  const claims: Claim[] = [];
  for (const name of many(values, 'claim')) {
    const path = await claimPath(name, terminal.cwd, packRoot);
    const { source } = decodeSource(display(path), await systemFiles.read(path, claimMaxBytes));
    const loaded = loadClaim(source);
    problems.add({ source, diagnostics: loaded.problems });
    if (loaded.value !== undefined) claims.push(loaded.value);
  }
  problems.end();
  return claims;
}

/** As typed, or as the pack's own files name it. */
async function claimPath(name: string, cwd: string, packRoot: string): Promise<string> {
  for (const path of [resolve(cwd, name), resolve(packRoot, name)])
    if ((await systemFiles.stat(path)) !== undefined) return path;
  throw new UsageError(`no claim at ${name}`);
}

function bundlesOf(values: Values, { view }: Audit): ReadonlySet<string> | undefined {
  const asked = text(values, 'bundles');
  if (asked === undefined) return undefined;
  const byHead = new Map([...view.bundles.values()].map(({ head, run }) => [head, run]));
  const listed = new Set(view.runs.map(({ run }) => run));
  const runs = asked.split(',').map((name) => {
    const run = listed.has(name) ? name : byHead.get(name);
    if (run !== undefined) return run;
    throw new UsageError(`no run ${JSON.stringify(name)} in the store`, 'seatrial runs lists all');
  });
  return new Set(runs);
}

type Explained =
  | { readonly text: string; readonly json: unknown }
  /** A hint. */
  | { readonly unknown: string };

export async function explainAudit(
  what: string,
  values: Values,
  terminal: Terminal,
): Promise<Explained> {
  const known = meaningOf(what);
  if (known !== undefined)
    return { text: `${what}: ${known}\n`, json: { code: what, means: known } };
  const { audit, answer } = await answerAudit(values, terminal);
  const { index, rows } = answer;
  const chosen = rows.filter(({ row }) => row.id === what || row.planned.checks.includes(what));
  if (chosen.length === 0) {
    const names = [...rows.map(({ row }) => row.id), ...audit.pack.register.keys()];
    const meant = nearest(what, [...names, ...Object.keys(reasonTable)]);
    return {
      unknown: meant === undefined ? 'seatrial audit status lists rows' : `did you mean ${meant}?`,
    };
  }
  const trees = chosen.map((each) => narrowed(explainRow(index, each), what, each.row.id));
  return { text: trees.map((tree) => renderSteps(tree)).join('\n'), json: trees };
}

/** Of a row that was asked for by a check, what is about that check. */
function narrowed(tree: Step, what: string, row: string): Step {
  if (what === row) return tree;
  return { ...tree, below: tree.below.flatMap((step) => about(step, what)) };
}

function about(step: Step, what: string): readonly Step[] {
  if (step.text.includes(what)) return [step];
  const below = step.below.flatMap((each) => about(each, what));
  return below.length === 0 ? [] : [{ ...step, below }];
}

function meaningOf(what: string): string | undefined {
  if (Object.hasOwn(reasonTable, what)) {
    const entry = reasonTable[what as keyof typeof reasonTable];
    return `${entry.class === 'no' ? 'a row with it is not proven' : 'nobody can tell yet'}. ${entry.advice}`;
  }
  for (const { id, codes } of crossPhaseGates)
    if (Object.hasOwn(codes, what)) return `${id}: ${codes[what] ?? ''}.`;
  return isReasonCode(what)
    ? 'the state that the row starts from was not shown by records. Stage the fixture, so that its proof holds.'
    : undefined;
}
