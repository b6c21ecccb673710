// A pack's folder as an audit reads it. The queue and what belongs to it must be right; a scenario,
// register or manifest that is wrong is a finding of a gate instead, and leaves its rows unresolved.

import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { hasErrors } from '../diagnostics/file-problems.ts';
import { decodeSource, positionAt, type Source } from '../diagnostics/source.ts';
import type { Files } from '../ports/files.ts';
import { loadPack, type FileReport, type Pack } from '../scenario/load-pack.ts';
import { secretForm } from '../scenario/secret-literal.ts';
import type { Json } from '../ports/json.ts';
import { readYaml } from '../scenario/yaml-document.ts';
import { applicationRuns, runProblems, type Harness } from './application-runs.ts';
import { auditFileMaxBytes } from './audit-file.ts';
import { idChanges } from './id-changes.ts';
import { loadAmendments, loadInventory } from './load-audit-files.ts';
import { loadQueue } from './load-queue.ts';
import { moduleFacts } from './module-facts.ts';
import type { AuditPack, BrokenFile, FoundSecret, ModuleFacts } from './pack.ts';
import type { Row } from './queue-schema.ts';
import { loadRules } from './rules-file.ts';
import { loadRuns } from './runs-file.ts';
import { registeredOf, scenarioPlans } from './pack-parts.ts';

export type OpenOptions = {
  /** JavaScript of a module, line by line; or why there is none. */
  readonly toScript: (
    path: string,
    text: string,
  ) => Promise<{ readonly code: string } | { readonly problem: string }>;
  readonly harness: Harness;
  /** How the pack's folder is called in diagnostics. */
  readonly display: string;
};

export type OpenedPack = {
  /** Absent exactly when a report of the audit's own files holds an error. */
  readonly pack?: AuditPack;
  readonly reports: readonly FileReport[];
};

type Folder = Pick<Files, 'read' | 'readText' | 'listing'>;

const moduleMaxBytes = 1024 * 1024;

export async function openAuditPack(
  files: Folder,
  root: string,
  { toScript, display, harness }: OpenOptions,
): Promise<OpenedPack> {
  const { readable, reports: all } = await loadPack(files, root);
  const own = all.filter(({ source }) => source.path === 'pack.yaml');
  if (readable === undefined) return { reports: own };
  const reading: Reading = {
    files,
    root,
    display,
    paths: [...readable.digests.keys()],
    reports: [],
  };
  const queue = await readQueue(reading);
  const inventory = await part(reading, 'audit/inventory.yaml', loadInventory);
  const amendments = await part(reading, 'audit/amendments.yaml', loadAmendments);
  const rules = await part(reading, 'audit/rules.yaml', loadRules);
  const runs = await readRuns(reading, readable, { rows: queue ?? [], harness });
  const reports = [...own, ...reading.reports];
  if (queue === undefined || reports.some(({ diagnostics }) => hasErrors(diagnostics)))
    return { reports };
  const modules = await readModules(reading, toScript);
  const parts = scenarioPlans(readable);
  const pack: AuditPack = {
    id: readable.file.id,
    phases: readable.file.phases,
    subjects: readable.file.subjects.map(({ id }) => id),
    ...{ rows: queue, inventory: inventory ?? [], amendments: amendments ?? [] },
    rules: rules ?? [],
    ...parts,
    scenarios: new Map([...parts.scenarios, ...runs.scenarios]),
    waiting: runs.waiting,
    ...(runs.reference === undefined ? {} : { reference: runs.reference }),
    register: new Map([...runs.register, ...registeredOf(readable.register)]),
    broken: all.filter(({ source }) => source.path !== 'pack.yaml').flatMap(brokenFile),
    idChanges: await changedIds(reading, readable),
    modules: new Map(modules.map((each) => [each.file, each])),
    secrets: [...(await secretsIn(reading)), ...secretKeys(all)],
    fileDigests: new Set(readable.digests.values()),
  };
  return { pack, reports };
}

type Reading = {
  readonly files: Folder;
  readonly root: string;
  readonly display: string;
  readonly paths: readonly string[];
  readonly reports: FileReport[];
};

async function sourceOf({ files, root, display }: Reading, path: string): Promise<Source> {
  const bytes = await files.read(`${root}/${path}`, auditFileMaxBytes);
  return decodeSource(display === '' ? path : `${display}/${path}`, bytes).source;
}

async function readQueue(reading: Reading) {
  const names = ['audit/queue.yaml', 'audit/queue.jsonl'];
  const there = names.filter((name) => reading.paths.includes(name));
  const [only] = there;
  if (only === undefined || there.length > 1) {
    const { source } = decodeSource(`${reading.display}/audit`, new Uint8Array());
    reading.reports.push({ source, diagnostics: [queueCount(there.length)] });
    return undefined;
  }
  const source = await sourceOf(reading, only);
  const { rows, problems } = loadQueue(source);
  if (problems.length > 0) reading.reports.push({ source, diagnostics: problems });
  return rows;
}

const queueCount = (count: number): Diagnostic => ({
  code: 'AU004',
  severity: 'error',
  span: { start: 0, end: 0 },
  message:
    count === 0
      ? 'The pack has no audit queue.'
      : 'The pack has two audit queues, queue.yaml and queue.jsonl.',
  hint: count === 0 ? 'Write `audit/queue.yaml`.' : 'Keep one of them.',
});

async function part<Value>(
  reading: Reading,
  path: string,
  load: (source: Source) => { readonly value?: Value; readonly problems: readonly Diagnostic[] },
): Promise<Value | undefined> {
  if (!reading.paths.includes(path)) return undefined;
  const source = await sourceOf(reading, path);
  const { value, problems } = load(source);
  if (problems.length > 0) reading.reports.push({ source, diagnostics: problems });
  return value;
}

async function readRuns(
  reading: Reading,
  pack: Pack,
  { rows, harness }: { readonly rows: readonly Row[]; readonly harness: Harness },
): Promise<ReturnType<typeof applicationRuns>> {
  const path = 'audit/runs.yaml';
  const none = { scenarios: new Map(), waiting: new Map(), register: new Map() };
  if (!reading.paths.includes(path)) return none;
  const source = await sourceOf(reading, path);
  const { value: entries, document, problems } = loadRuns(source);
  if (problems.length > 0) reading.reports.push({ source, diagnostics: problems });
  if (entries === undefined || document === undefined) return none;
  const manifests = new Map<string, Json>();
  for (const { manifest } of entries)
    if (manifest !== undefined && reading.paths.includes(manifest)) {
      const read = readYaml(await sourceOf(reading, manifest), manifestMaxBytes);
      if (read.document !== undefined) manifests.set(manifest, read.document.value);
    }
  const planned = { pack, rows, harness, entries, document, manifests };
  const wrong = runProblems(planned);
  if (wrong.length > 0) reading.reports.push({ source, diagnostics: wrong });
  return applicationRuns(planned);
}

const manifestMaxBytes = 1024 * 1024;

async function readModules(
  { files, root, paths }: Reading,
  toScript: OpenOptions['toScript'],
): Promise<readonly ModuleFacts[]> {
  const modules: ModuleFacts[] = [];
  for (const path of paths.filter((each) => /^(?:checks|actions)\/.*\.(?:ts|mjs|js)$/.test(each))) {
    const script = await toScript(path, await files.readText(`${root}/${path}`, moduleMaxBytes));
    modules.push(
      'code' in script
        ? moduleFacts(path, script.code)
        : { file: path, exports: [], throwOnly: [], marks: [], problem: script.problem },
    );
  }
  return modules;
}

const kinds: readonly (readonly [RegExp, BrokenFile['kind']])[] = [
  [/^scenarios\//, 'scenario'],
  [/^contracts\//, 'contract'],
  [/^checks\/register\.yaml$/, 'register'],
  [/^canaries\//, 'canaries'],
];

function brokenFile({ source, diagnostics }: FileReport): readonly BrokenFile[] {
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  if (errors.length === 0) return [];
  const kind = kinds.find(([pattern]) => pattern.test(source.path))?.[1] ?? 'manifest';
  // The id as it is written; a file that cannot be read at all may still say it.
  const [, metadata = ''] = source.text.split(/^metadata:/m);
  const id = /\bid:\s{0,8}["']?([a-z0-9.-]{1,96})/.exec(metadata.slice(0, 4096))?.[1];
  return [
    {
      ...{ file: source.path, kind },
      ...(id === undefined ? {} : { id }),
      problems: errors.map(({ code, span, message }) => ({
        ...{ code, message },
        line: positionAt(source, span.start).line,
      })),
    },
  ];
}

async function changedIds(reading: Reading, pack: Pack): Promise<AuditPack['idChanges']> {
  const path = 'checks/released.yaml';
  if (!reading.paths.includes(path)) return [];
  return idChanges(await sourceOf(reading, path), pack);
}

/** Text that people write into a pack; its programs and pictures are not searched. */
const searched =
  /^(?:pack\.yaml|checks\/register\.yaml|(?:audit|canaries|contracts|fixtures|manifests|policies|scenarios|staging|subjects)\/.*\.(?:ya?ml|jsonl?|md|env|txt|toml))$/;

/** Inputs of gate canaries are bad on purpose. */
const planted = /^canaries\/gates\//;

async function secretsIn(reading: Reading): Promise<readonly FoundSecret[]> {
  const found: FoundSecret[] = [];
  for (const path of reading.paths.filter((each) => searched.test(each) && !planted.test(each))) {
    const { text } = await sourceOf(reading, path);
    if (secretForm(text) === undefined) continue;
    for (const [index, line] of text.split('\n').entries()) {
      const what = secretForm(line);
      if (what !== undefined) found.push({ file: path, line: index + 1, what });
    }
  }
  return found;
}

/** Keys that are called like secrets and hold a value instead of a reference. */
const secretKeys = (reports: readonly FileReport[]): readonly FoundSecret[] =>
  reports.flatMap(({ source, diagnostics }) =>
    diagnostics
      .filter(({ code }) => code === 'MF002')
      .map(({ span }) => ({
        file: source.path,
        line: positionAt(source, span.start).line,
        what: 'secret value',
      })),
  );
