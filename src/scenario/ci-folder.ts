// From an existing recipe CI folder (recipe_meta.py, install_steps.sh, test_<op>.py …) to a manifest and the
// files beside it. What cannot be carried over is said; nothing of the folder runs.

import { stringify } from 'yaml';
import type { Json, JsonObject } from '../ports/json.ts';
import { ciProgram, hookCalls, hookScript } from './ci-hooks.ts';
import { metaKeys, type MetaNote } from './ci-meta.ts';
import { readPythonNames, type PythonName } from './python-literals.ts';

export type CiFolder = {
  readonly app: string;
  /** Canonical repository of the recipe. */
  readonly git: string;
  readonly driver: string;
  readonly localImages: boolean;
  /** Every file of the folder, by its path in it. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Text of `repo-local-approved.txt`, where there is one. */
  readonly approved?: string;
};

export type ImportedFolder = {
  /** To be written, by path: the manifest, its hooks, its checks, and lines for an allowlist. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** What was not carried over, or means something else here. */
  readonly notes: readonly string[];
};

const utf8 = new TextEncoder();
const text = (bytes: Uint8Array | undefined): string =>
  bytes === undefined ? '' : new TextDecoder().decode(bytes);

export function importCiFolder(folder: CiFolder): ImportedFolder {
  const names = readPythonNames(text(folder.files.get('recipe_meta.py')));
  const meta = readMeta(names);
  const hooks = hooksFor(folder, names);
  const repair = repairOf(folder);
  const manifest: JsonObject = {
    seatrial: 1,
    app: folder.app,
    driver: folder.driver,
    source: { git: folder.git },
    ...(folder.localImages ? { resolveImage: 'never' } : {}),
    ...meta.keys,
    ...(folder.files.has('compose.ccci.yml') ? { compose: ['compose.ccci.yml'] } : {}),
    ...mergeBase(meta.keys['base'], repair.base),
    ...(hooks.length === 0
      ? {}
      : { hooks: Object.fromEntries(hooks.map((hook) => [hook, { file: `hooks/${hook}.sh` }])) }),
  };
  const files = new Map<string, Uint8Array>();
  for (const [path, bytes] of folder.files) files.set(placeOf(path), bytes);
  for (const hook of hooks) files.set(`hooks/${hook}.sh`, utf8.encode(hookScript(hook)));
  if (hooks.length > 0) files.set('hooks/ci.py', utf8.encode(ciProgram));
  files.set('seatrial.yaml', utf8.encode(stringify(manifest, { aliasDuplicateObjects: false })));
  if (folder.approved !== undefined)
    files.set('trust.allow', utf8.encode(linesToComplete(folder.approved)));
  return { files, notes: [...meta.notes, ...repair.notes, ...scriptNotes(folder)] };
}

function readMeta(names: ReadonlyMap<string, PythonName>): {
  readonly keys: JsonObject;
  readonly notes: readonly string[];
} {
  const keys: Record<string, Json> = {};
  const notes: string[] = [];
  for (const [name, found] of names) {
    if (!/^[A-Z][A-Z0-9_]*$/.test(name)) continue;
    const told = metaKeys(name, found);
    if ('note' in told) notes.push(noteOf(name, told));
    else for (const [key, value] of Object.entries(told.keys)) keys[key] = merge(keys[key], value);
  }
  return { keys, notes };
}

const noteOf = (name: string, { note }: MetaNote): string => `recipe_meta.py: ${name}: ${note}`;

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const merge = (a: Json | undefined, b: Json): Json =>
  isObject(a) && isObject(b) ? { ...a, ...b } : b;

const mergeBase = (base: Json | undefined, more: JsonObject): JsonObject =>
  Object.keys(more).length === 0 ? {} : { base: merge(more, base ?? {}) };

/** Hooks for which the folder has something to call. */
function hooksFor({ files }: CiFolder, names: ReadonlyMap<string, PythonName>): readonly string[] {
  const ops = readPythonNames(text(files.get('ops.py')));
  return Object.entries(hookCalls)
    .filter(
      ([, { meta, ops: called, steps }]) =>
        (meta !== undefined && names.get(meta)?.kind === 'function') ||
        (called !== undefined && ops.get(called)?.kind === 'function') ||
        (steps === true && files.has('install_steps.sh')),
    )
    .map(([hook]) => hook);
}

const placeOf = (path: string): string =>
  path === 'compose.ccci.yml' || path.startsWith('previous/') ? path : `checks/${path}`;

/** A repair is right for the one version that it was written for. */
function repairOf({ files }: CiFolder): {
  readonly base: JsonObject;
  readonly notes: readonly string[];
} {
  const overlays = [...files.keys()].filter((path) => /^previous\/[^/]+\.ya?ml$/.test(path)).sort();
  const version = text(files.get('previous/VERSION')).trim();
  const [first, ...more] = overlays;
  if (first === undefined) return { base: {}, notes: [] };
  return {
    base: { repair: first, ...(version === '' ? {} : { release: version }) },
    notes: [
      ...more.map((path) => `${path}: a base has one repair; this one is not used`),
      ...(version === '' ? [`${first}: without previous/VERSION it is used on every base`] : []),
    ],
  };
}

function scriptNotes({ files }: CiFolder): readonly string[] {
  const notes: string[] = [];
  for (const [path, bytes] of files) {
    const code = text(bytes);
    if (path.endsWith('.sh') && /(?:^|[\s;&|(])abra\s/m.test(code))
      notes.push(`${path}: calls abra, which needs the driver abra`);
    const old = /^\s*(?:from|import)\s+((?:runner\.)?harness)\b/m.exec(code)?.[1];
    if (path.endsWith('.py') && old !== undefined)
      notes.push(`${path}: imports ${old}, which is not here; its checks will be errors`);
  }
  return notes;
}

/** Comments: a name alone binds to no content, so nothing is granted until somebody completes them. */
const linesToComplete = (approved: string): string =>
  [
    '# From repo-local-approved.txt. Each app stays denied until its line is completed:',
    '# seatrial trust digest <app> --repository <recipe> --head <ref>',
    ...approved
      .split('\n')
      .map((line) => line.replace(/#.*$/, '').trim())
      .filter((line) => line !== '')
      .map((app) => `# ${app}  approved  sha256:<64 hex>  <your-name>  <date>  <what you read>`),
    '',
  ].join('\n');
