// What `audit export` writes, and where.

import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { auditHead, auditJson } from '../audit/audit-json.ts';
import { reconcile } from '../audit/reconcile.ts';
import { auditStatement } from '../audit/sign-audit.ts';
import { systemFiles } from '../drivers/files.ts';
import { loadSigner } from '../drivers/signer.ts';
import { signStatement } from '../evidence/attest.ts';
import { renderAuditCsv } from '../reporters/audit-csv.ts';
import { renderAuditHtml } from '../reporters/audit-html.ts';
import {
  placePrBlock,
  renderAuditMarkdown,
  renderPrBlock,
  renderReconciliation,
  renderWorkQueue,
} from '../reporters/audit-markdown.ts';
import { renderPatch } from '../reporters/line-patch.ts';
import { answerAudit, type AnsweredAudit } from './audit-run.ts';
import { text, UsageError, type Terminal, type Values } from './command.ts';
import { many } from './findings-options.ts';

const workQueue = 'audit/work-queue.md';
const textMaxBytes = 64 * 1024 * 1024;

export async function exportAudit(values: Values, terminal: Terminal): Promise<void> {
  const format = text(values, 'format') ?? (values['json'] === true ? 'json' : 'md');
  const sign = text(values, 'sign');
  const out = text(values, 'out');
  if (sign !== undefined && (format !== 'reconciliation' || out === undefined))
    throw new UsageError(
      '--sign needs --format reconciliation and --out',
      'what is signed is a file',
    );
  const answered = await answerAudit(values, terminal);
  const pieces = await render(format, answered, { values, terminal });
  if (out === undefined) for (const piece of pieces) terminal.out(piece);
  else {
    const path = resolve(terminal.cwd, out);
    await writePieces(path, pieces);
    if (sign !== undefined) await signExport(path, answered, resolve(terminal.cwd, sign));
  }
}

type Context = { readonly values: Values; readonly terminal: Terminal };

async function render(
  format: string,
  answered: AnsweredAudit,
  context: Context,
): Promise<Iterable<string>> {
  const { audit, answer } = answered;
  if (format === 'html') return renderAuditHtml(audit, answer);
  if (format === 'csv') return renderAuditCsv(answer);
  if (format === 'json') return [`${JSON.stringify(auditJson(audit, answer))}\n`];
  if (format === 'pr') return [await renderPr(answered, context)];
  if (format === 'patch') return [await renderQueuePatch(answered)];
  if (format === 'work-queue') return [renderWorkQueue(audit.pack.id, answer.rows)];
  if (format === 'reconciliation')
    return [renderReconciliation(audit, answer, reconcile(audit, answer))];
  return [renderAuditMarkdown(audit, answer)];
}

async function renderPr(
  { audit, answer }: AnsweredAudit,
  { values, terminal }: Context,
): Promise<string> {
  const block = renderPrBlock(audit, answer, many(values, 'issue'));
  const into = text(values, 'into');
  if (into === undefined) return block;
  return placePrBlock(await systemFiles.readText(resolve(terminal.cwd, into), textMaxBytes), block);
}

async function renderQueuePatch({ audit, answer, packRoot }: AnsweredAudit): Promise<string> {
  if (answer.rows.length !== audit.pack.rows.length)
    throw new UsageError('a patch is about the whole queue', 'leave --rows and --phase out');
  const file = join(packRoot, workQueue);
  const there = (await systemFiles.stat(file)) !== undefined;
  const before = there ? await systemFiles.readText(file, textMaxBytes) : undefined;
  const path = relative(repositoryOf(packRoot), file).replaceAll('\\', '/');
  return renderPatch(before, renderWorkQueue(audit.pack.id, answer.rows), path);
}

/** The folder that `git apply` counts paths from; the pack's own outside a repository. */
function repositoryOf(folder: string): string {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, '.git'))) return at;
    if (dirname(at) === at) return folder;
  }
}

/** Whole or not at all: beside the file first, since what it held may be a person's work. */
async function writePieces(path: string, pieces: Iterable<string>): Promise<void> {
  const beside = `${path}.seatrial.tmp`;
  const file = await systemFiles.openAppend(beside, { truncateTo: 0, mode: 0o644 });
  try {
    const encoder = new TextEncoder();
    for (const piece of pieces) await file.append(encoder.encode(piece));
    await file.sync();
  } catch (error) {
    await systemFiles.remove(beside);
    throw error;
  } finally {
    await file.close();
  }
  await systemFiles.rename(beside, path);
}

async function signExport(path: string, { audit, answer }: AnsweredAudit, key: string) {
  const statement = auditStatement(audit, answer, {
    name: relative(dirname(path), path),
    content: await systemFiles.read(path, textMaxBytes),
    head: auditHead(audit, answer),
  });
  const line = await signStatement(statement, await loadSigner(key));
  await systemFiles.replace(`${path}.intoto.jsonl`, `${line}\n`, 0o644);
}
