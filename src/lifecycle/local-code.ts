// What to do with the code that came with the head: which of its checks are asked, under which authority,
// and what is left. Decided before the run; nothing of it has run by then.

import { discoverOverlays } from '../checks/overlay-discovery.ts';
import type { CommittedFile } from '../ports/git.ts';
import type { OverlaySource } from '../ports/overlays.ts';
import type { PreparedRelease } from '../ports/release.ts';
import { WorldError } from '../ports/world-error.ts';
import type { Refusal } from '../scenario/choose-base.ts';
import type { GrantedAuthority, OverlayFile, Plan, PlannedLocalCode } from '../scenario/plan.ts';
import { decideTrust, type Decision } from '../trust/decide.ts';
import { inScope, scopeOfFiles, scopePaths } from '../trust/scope.ts';
import { localHooksOf, ownManifestNotes } from './local-hooks.ts';
import type { PlanRequest } from './plan-request.ts';
import type { World } from './world.ts';

export type LocalCode = {
  readonly inPlan: Pick<Plan, 'local'>;
  /** To be asked, beside the owner's. */
  readonly overlays: readonly OverlayFile[];
  readonly hooks: Plan['hooks'];
  readonly files: readonly CommittedFile[];
  readonly notes: readonly { readonly code: string; readonly message: string }[];
};

/** Code that may run by its line, and cannot run as it is. */
type LocalRefusal = Pick<Refusal, 'message' | 'hint'>;

const none: LocalCode = { inPlan: {}, overlays: [], hooks: {}, files: [], notes: [] };
const textMax = 1 << 20;

export async function findLocalCode(
  world: Pick<World, 'releases' | 'files'>,
  request: PlanRequest,
  head: PreparedRelease,
): Promise<LocalCode | { readonly refusal: LocalRefusal }> {
  const read = await readScope(world, head);
  if ('why' in read) return unreadable(read.why);
  const files = await withoutOwnManifest(world, request, read.files);
  if (files.length === 0) return none;
  const decision = decideTrust(request.manifest.app, scopeOfFiles(read.files), {
    grants: request.grants ?? new Map(),
  });
  const granted = grantedBy(decision);
  const found = await discover(files, request, granted);
  if ('refusal' in found) return found;
  const { hooks, paths } = localHooksOf(files, request.manifest, decision);
  const left = leftOf(decision, { files, found: found.files, paths, granted });
  const local = planned(decision, {
    left,
    deniedIds: granted === undefined ? found.files.flatMap(idsOf) : [],
    entries: scopeOfFiles(read.files),
  });
  return {
    inPlan: { local },
    hooks,
    overlays: granted === undefined ? [] : found.files,
    files: granted === undefined ? [] : read.files,
    notes: [...notesOf(local, request.manifest.app), ...ownManifestNotes(files)],
  };
}

async function readScope(
  { releases }: Pick<World, 'releases'>,
  { release }: PreparedRelease,
): Promise<{ readonly files: readonly CommittedFile[] } | { readonly why: string }> {
  try {
    const files = (await releases.committed(release, scopePaths)) ?? [];
    return { files: files.filter(({ path }) => inScope(path)) };
  } catch (error) {
    // Too much of it, or a submodule: the change's doing, which must not stop the run.
    if (error instanceof WorldError && (error.code === 'limit' || error.code === 'refused'))
      return { why: error.message };
    throw error;
  }
}

const unreadable = (why: string): LocalCode => ({
  ...none,
  notes: [
    {
      code: 'local-code-denied',
      message: `the code of this change cannot be read, and none of it was run: ${why}`,
    },
  ],
});

/** The manifest that the caller uses is theirs, also where it is committed with the app. */
async function withoutOwnManifest(
  { files }: Pick<World, 'files'>,
  { folder }: PlanRequest,
  committed: readonly CommittedFile[],
): Promise<readonly CommittedFile[]> {
  const path = `${folder}/seatrial.yaml`;
  if ((await files.stat(path)) === undefined) return committed;
  const own = Buffer.from(await files.read(path));
  return committed.filter(({ path, bytes }) => path !== 'seatrial.yaml' || !own.equals(bytes));
}

function grantedBy({ authority }: Decision): GrantedAuthority | undefined {
  if (authority === 'denied') return undefined;
  return authority === 'sandboxed' ? 'sandboxed' : 'approved';
}

/** Ids are found by reading; problems in code that is not run are its author's own affair. */
async function discover(
  files: readonly CommittedFile[],
  { scenario, overlays }: PlanRequest,
  granted: GrantedAuthority | undefined,
): Promise<{ readonly files: readonly OverlayFile[] } | { readonly refusal: LocalRefusal }> {
  const actions = scenario.operations.filter((name) => name.startsWith('custom-'));
  const sources = scopeOfFiles(files).flatMap((entry, index): OverlaySource[] => {
    const file = files[index];
    const path = entry.path.replace(/^tests\//, '');
    if (file === undefined || path === entry.path || entry.mode === '120000') return [];
    const text = textOf(file.bytes);
    return [
      {
        ...{ path, sha256: entry.sha256, executable: entry.mode === '100755' },
        ...(text === undefined ? {} : { text }),
      },
    ];
  });
  const top = sources.filter(({ path }) =>
    /^(?:(?:custom|functional|playwright)\/)?[^/]+$/.test(path),
  );
  const { files: found, problems } = await discoverOverlays(top, ['custom', ...actions]);
  if (granted === undefined) return { files: found };
  const [problem] = problems;
  if (problem !== undefined)
    return refuse(
      `tests/${problem.source.path}: ${problem.diagnostics[0]?.message ?? 'unreadable'}`,
    );
  const own = new Set(overlays.flatMap(idsOf));
  const twice = found.flatMap(idsOf).find((id) => own.has(id));
  if (twice !== undefined)
    return refuse(`TRU004: ${twice} is a check of yours and one of the change`);
  return { files: found.map((file) => ({ ...file, authority: granted })) };
}

const refuse = (message: string): { readonly refusal: LocalRefusal } => ({
  refusal: {
    message,
    hint: 'the allowlist lets this code run; take its line out, or have it mended',
  },
});

const idsOf = ({ checks }: OverlayFile): readonly string[] => checks.map(({ id }) => id);

function textOf(bytes: Uint8Array): string | undefined {
  if (bytes.length > textMax) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function leftOf(
  decision: Decision,
  context: {
    readonly files: readonly CommittedFile[];
    readonly found: readonly OverlayFile[];
    readonly paths: readonly string[];
    readonly granted: GrantedAuthority | undefined;
  },
): PlannedLocalCode['left'] {
  const { files, found, paths, granted } = context;
  const present = new Set(files.map(({ path }) => path));
  const runs = new Set([...found.map(({ path }) => `tests/${path}`), ...paths]);
  return decision.found
    .filter(
      ({ path, kind }) =>
        present.has(path) && (granted === undefined || !(runs.has(path) || kind === 'conftest')),
    )
    .map(({ path, kind }) => ({ path, kind, reason: decision.reason ?? 'not-used' }));
}

const planned = (
  { authority, digest, reason, grant }: Decision,
  more: Pick<PlannedLocalCode, 'left' | 'deniedIds' | 'entries'>,
): PlannedLocalCode => ({
  ...{ authority, digest },
  ...(reason === undefined ? {} : { reason }),
  ...(grant === undefined
    ? {}
    : { grant: { content: grant.content, approvedBy: grant.approvedBy, on: grant.on } }),
  ...more,
});

const notesOf = (local: PlannedLocalCode, app: string): LocalCode['notes'] =>
  local.authority === 'denied' ? [deniedNote(local, app)] : grantedNotes(local);

function deniedNote(
  { digest, left, deniedIds, grant, reason }: PlannedLocalCode,
  app: string,
): LocalCode['notes'][number] {
  const why =
    grant === undefined
      ? `no line of the allowlist names ${app}; it holds sha256:${digest}`
      : `the line for ${app} is for sha256:${grant.content}, the change holds sha256:${digest}`;
  const checks = `${String(deniedIds.length)} ${deniedIds.length === 1 ? 'check' : 'checks'}`;
  const files = left.map(({ path, kind }) => `${path} (${kind})`).join(', ');
  const found = files === '' ? 'nothing that would run' : files;
  return {
    code: 'local-code-denied',
    message: `${checks} of this change were found and not run: ${String(reason)}, ${why}: ${found}`,
  };
}

const grantedNotes = ({ authority, digest, left, grant }: PlannedLocalCode): LocalCode['notes'] => [
  {
    code: 'local-code-granted',
    message: `code of this change runs ${authority}: sha256:${digest}, granted by ${grant?.approvedBy ?? ''} on ${grant?.on ?? ''}`,
  },
  ...left.map(({ path, kind }) => ({
    code: 'local-code-left',
    message: `${path} (${kind}) of this change was found and not used`,
  })),
];
