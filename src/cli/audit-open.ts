// What every audit command asks for: the pack, the store, and the moment.

import { basename, resolve } from 'node:path';
import { parseDuration } from '../audit/age.ts';
import type { Audit } from '../audit/audit.ts';
import { chooseRows, type Selection } from '../audit/check-audit.ts';
import { openAuditPack } from '../audit/open-pack.ts';
import { openStoreView } from '../audit/open-store.ts';
import type { AuditPack } from '../audit/pack.ts';
import { parseRows } from '../audit/select-rows.ts';
import { stripTypes } from '../checks/strip-types.ts';
import { systemArchives } from '../drivers/archives.ts';
import { systemClock } from '../drivers/clock.ts';
import { systemFiles } from '../drivers/files.ts';
import { verifyAttestation } from '../evidence/attest.ts';
import { openAuditCache } from './audit-cache.ts';
import { flag, text, UsageError, type Terminal, type Values } from './command.ts';
import { harness } from './harness.ts';
import { display, openProblemReport } from './load-manifest.ts';
import { packFolder } from './packs.ts';
import { readTrustedKeys } from './signing.ts';
import { storeOf } from './store.ts';
import { makeSystem } from './world.ts';

export type OpenedAudit = {
  readonly audit: Audit;
  readonly selection: Selection;
  /** Absolute. */
  readonly packRoot: string;
  readonly store: string;
};

const releaseAge = '7d';

export async function openAudit(values: Values, terminal: Terminal): Promise<OpenedAudit> {
  const packRoot = await packRootOf(values, terminal);
  const pack = await openPack(packRoot, values, terminal);
  const store = resolve(terminal.cwd, storeOf(values, terminal));
  const selection = selectionOf(values, pack);
  const release = flag(values, 'release');
  const age = text(values, 'max-age') ?? (release ? releaseAge : undefined);
  const head = headOf(values);
  const strict = flag(values, 'require-signature');
  const system = makeSystem(terminal);
  const at = momentOf(values);
  const keys = await readTrustedKeys(text(values, 'keys'), terminal);
  const checked = strict || keys.length > 0;
  const view = await openStoreView({
    ...{ files: systemFiles, archives: systemArchives, locks: system.locks, root: store },
    ...(checked
      ? { verifyAttestation: () => (bytes) => verifyAttestation(bytes, keys, new Date(at)) }
      : {}),
    // What is kept says nothing of signatures, and a release is never judged by it.
    ...(release || checked ? {} : { remembered: openAuditCache(store) }),
  });
  const audit: Audit = {
    ...{ pack, view, at, subject: subjectOf(values, pack) },
    ...(head === undefined ? {} : { head }),
    ...(age === undefined ? {} : { maxAgeMs: ageOf(age) }),
    ...(strict ? { requireSignature: true } : {}),
  };
  return { audit, selection, packRoot, store };
}

async function packRootOf(values: Values, terminal: Terminal): Promise<string> {
  const asked = text(values, 'pack');
  if (asked !== undefined) return packFolder(asked, terminal.cwd);
  if ((await systemFiles.stat(resolve(terminal.cwd, 'pack.yaml'))) !== undefined)
    return terminal.cwd;
  throw new UsageError('no pack here', 'name one with --pack, or go to its folder');
}

async function openPack(root: string, values: Values, terminal: Terminal): Promise<AuditPack> {
  const { pack, reports } = await openAuditPack(systemFiles, root, {
    display: display(root),
    harness,
    toScript: async (path, source) => {
      if (!path.endsWith('.ts')) return { code: source };
      const stripped = await stripTypes(source, basename(path));
      return 'code' in stripped ? stripped : { problem: stripped.problem.message };
    },
  });
  const problems = openProblemReport(terminal, flag(values, 'json'));
  for (const report of reports) problems.add(report);
  problems.end();
  // Without a pack there was an error, and the report has ended the command.
  return pack as AuditPack;
}

function subjectOf(values: Values, { subjects, id }: AuditPack): string {
  const asked = text(values, 'subject');
  if (asked === undefined) return subjects[0] ?? 'reference';
  if (subjects.length === 0 || subjects.includes(asked)) return asked;
  throw new UsageError(`${id} has no subject ${asked}`, `known: ${subjects.join(', ')}`);
}

function selectionOf(values: Values, { rows }: AuditPack): Selection {
  const [asked, phase] = [text(values, 'rows'), text(values, 'phase')];
  if (phase !== undefined && !/^\d{1,4}$/.test(phase))
    throw new UsageError(`--phase takes a number, not ${JSON.stringify(phase)}`);
  const parsed = asked === undefined ? undefined : parseRows(asked, rows);
  if (parsed !== undefined && 'problem' in parsed)
    throw new UsageError(parsed.problem, parsed.hint);
  const selection: Selection = {
    ...(parsed === undefined ? {} : { rows: parsed.ids }),
    ...(phase === undefined ? {} : { phase: Number(phase) }),
  };
  if (Object.keys(selection).length > 0 && chooseRows(rows, selection).length === 0)
    throw new UsageError('the selection names no row', 'seatrial audit status lists all');
  return selection;
}

function headOf(values: Values): string | undefined {
  const head = text(values, 'head');
  if (head === undefined || /^[0-9a-f]{64}$/.test(head)) return head;
  throw new UsageError(
    `--head takes the digest of a subject, not ${JSON.stringify(head)}`,
    'seatrial audit status --json shows those of runs',
  );
}

function momentOf(values: Values): string {
  const at = text(values, 'at');
  if (at === undefined) return systemClock.now().toISOString();
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,3})?Z$/.test(at) && !Number.isNaN(Date.parse(at)))
    return at;
  throw new UsageError(`--at takes a moment like 2026-11-21T10:00:00Z, not ${JSON.stringify(at)}`);
}

function ageOf(written: string): number {
  const age = parseDuration(written);
  if (age !== undefined) return age;
  throw new UsageError(`--max-age takes an age like 7d or 12h, not ${JSON.stringify(written)}`);
}
