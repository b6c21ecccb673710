// The hooks that came with the head: files that its own manifest names, and functions of a recipe's CI folder.
// Which of them its authority lets run; nothing of them has run when this is read.

import { ciFiles, hookCalls } from '../scenario/ci-hooks.ts';
import type { CommittedFile } from '../ports/git.ts';
import { loadManifestBytes } from '../scenario/load-manifest.ts';
import type { HookName, Manifest } from '../scenario/manifest.ts';
import type { PlannedHook } from '../scenario/plan.ts';
import { readPythonNames, type PythonName } from '../scenario/python-literals.ts';
import type { Decision } from '../trust/decide.ts';
import { scopeOfFiles, type ScopeEntry } from '../trust/scope.ts';

export type LocalHooks = {
  readonly hooks: Readonly<Partial<Record<HookName, PlannedHook>>>;
  /** Files that these run; what else was found is left. */
  readonly paths: readonly string[];
};

/** They change data or ask, and set nothing that the harness reads. */
const sandboxable: readonly HookName[] = ['seed', 'mutate', 'ready'];
const installSteps = 'tests/install_steps.sh';
const manifestPath = 'seatrial.yaml';

/** The owner's own hooks are not replaced by those of the change. */
export function localHooksOf(
  files: readonly CommittedFile[],
  owner: Pick<Manifest, 'hooks'>,
  { authority }: Pick<Decision, 'authority'>,
): LocalHooks {
  if (authority === 'denied') return { hooks: {}, paths: [] };
  const asked = (Object.keys(hookCalls) as HookName[]).filter(
    (name) =>
      owner.hooks[name] === undefined && (authority !== 'sandboxed' || sandboxable.includes(name)),
  );
  const plain = files.filter(({ mode }) => mode !== '120000');
  const entries = new Map(scopeOfFiles(plain).map((entry) => [entry.path, entry]));
  const sources = { entries, named: namedHooks(plain), functions: functionsOf(plain) };
  const found = asked.flatMap((name) => {
    const hook = hookFor(name, sources);
    return hook === undefined ? [] : [[name, hook] as const];
  });
  return {
    hooks: Object.fromEntries(
      found.map(([name, { entry, call }]) => [
        name,
        { path: entry.path, sha256: entry.sha256, authority, ...(call ? { call } : {}) },
      ]),
    ),
    paths: found.flatMap(([, { paths }]) => paths),
  };
}

type Found = {
  /** By which the hook is known in the evidence. */
  readonly entry: ScopeEntry;
  /** It is called by the program for CI folders. */
  readonly call: boolean;
  readonly paths: readonly string[];
};

type Sources = {
  readonly named: ReadonlyMap<string, string>;
  readonly entries: ReadonlyMap<string, ScopeEntry>;
  /** By file. */
  readonly functions: ReadonlyMap<string, ReadonlyMap<string, PythonName>>;
};

function hookFor(name: HookName, { named, entries, functions }: Sources): Found | undefined {
  const own = entries.get(named.get(name) ?? '');
  if (own !== undefined) return { entry: own, call: false, paths: [own.path, manifestPath] };
  const { meta, ops, steps } = hookCalls[name];
  const has = (path: string, called: string | undefined): boolean =>
    called !== undefined && functions.get(path)?.get(called)?.kind === 'function';
  const called = [
    ...(has(ciFiles.meta, meta) ? [ciFiles.meta] : []),
    ...(has(ciFiles.ops, ops) ? [ciFiles.ops] : []),
  ];
  const paths = [...called, ...(steps === true && entries.has(installSteps) ? [installSteps] : [])];
  const entry = entries.get(paths[0] ?? '');
  return entry === undefined ? undefined : { entry, call: called.length > 0, paths };
}

function functionsOf(files: readonly CommittedFile[]): Sources['functions'] {
  const read = [ciFiles.meta, ciFiles.ops].flatMap((path) => {
    const file = files.find((each) => each.path === path);
    return file === undefined
      ? []
      : [[path, readPythonNames(new TextDecoder().decode(file.bytes))] as const];
  });
  return new Map(read);
}

/** A manifest of the change is read for the files that it names as hooks, which lie where the digest binds them. */
function namedHooks(files: readonly CommittedFile[]): ReadonlyMap<string, string> {
  const { manifest } = readOwn(files) ?? {};
  return new Map(
    Object.entries(manifest?.hooks ?? {}).map(([name, { file }]) => [name, normal(file)]),
  );
}

const normal = (path: string): string => path.replace(/^(?:\.\/)+/, '');

function readOwn(files: readonly CommittedFile[]) {
  const own = files.find(({ path }) => path === manifestPath);
  if (own === undefined) return undefined;
  const present = new Set(files.map(({ path }) => path));
  return loadManifestBytes(manifestPath, own.bytes, {
    exists: (path) => present.has(normal(path)),
  });
}

/** What is said of a manifest of the change, whatever its authority: it was read, and is not the one that counts. */
export function ownManifestNotes(
  files: readonly CommittedFile[],
): readonly { readonly code: string; readonly message: string }[] {
  const read = readOwn(files);
  if (read === undefined) return [];
  const [first] = read.problems.filter(({ severity }) => severity === 'error');
  const found =
    first === undefined
      ? 'is valid'
      : `is not valid (${String(read.problems.length)}: ${first.code} ${first.message})`;
  const message = `seatrial.yaml of this change ${found}; of what it asks for only hooks are used, where its authority lets them run`;
  return [{ code: 'local-manifest', message }];
}
