// A pack from its folder: every file that the harness reads by itself, each judged in the light of the others.

import type * as z from 'zod';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { decodeSource, type Source } from '../diagnostics/source.ts';
import type { Files, Listing } from '../ports/files.ts';
import { canariesRegistry, type Canary } from './canaries.ts';
import { loadInstance, readSpecSchema, type InstanceManifest } from './instance-manifest.ts';
import { contractRegistry, packRegistry, type Contract, type PackFile } from './pack-file.ts';
import { moduleProblems } from './pack-modules.ts';
import { readBySchema } from './read-by-schema.ts';
import { loadRegister, type Register, type RegisterEntry } from './register.ts';
import { located } from './scenario-rules.ts';
import type { ScenarioContext } from './scenario-context.ts';
import { loadScenarioBytes } from './scenario-file.ts';
import type { Scenario, Validation } from './scenario-schema.ts';
import { readYamlBytes, type YamlDocument, type YamlReading } from './yaml-document.ts';

export type PackPart<Value> = {
  /** Relative to the pack. */
  readonly path: string;
  readonly source: Source;
  readonly document: YamlDocument;
  readonly value: Value;
};

export type Pack = {
  /** Absolute. */
  readonly root: string;
  readonly file: PackFile;
  readonly contracts: ReadonlyMap<string, Contract>;
  /** By check id; removed ones are absent. */
  readonly register: ReadonlyMap<string, RegisterEntry>;
  readonly removed: Register['removed'];
  /** By id. */
  readonly scenarios: ReadonlyMap<string, PackPart<Scenario>>;
  readonly validations: ReadonlyMap<string, PackPart<Validation>>;
  /** By path, relative to the pack. */
  readonly manifests: ReadonlyMap<string, InstanceManifest>;
  readonly canaries: readonly Canary[];
  /** Hex SHA-256 of every file below the pack, by path; links take no part. */
  readonly digests: ReadonlyMap<string, string>;
};

export type FileReport = { readonly source: Source; readonly diagnostics: readonly Diagnostic[] };

export type LoadedPack = {
  /** Undefined exactly when a report holds an error. */
  readonly pack?: Pack;
  /** What could be read all the same, for readers who tell what is missing; absent without `pack.yaml`. */
  readonly readable?: Pack;
  /** Of every file with problems, sorted by path. */
  readonly reports: readonly FileReport[];
};

export type PackOptions = {
  /** The audit queue: by row, the ids of the scenarios that it plans. */
  readonly rows?: ScenarioContext['rows'];
  /** Names that a module exports; undefined when it cannot be read. Absent: collectors are not looked up. */
  readonly readExports?: (path: string, text: string) => Promise<ReadonlySet<string> | undefined>;
  /** How the pack's folder is called in diagnostics. */
  readonly display?: string;
};

const smallMaxBytes = 1024 * 1024;
const moduleMaxBytes = 1024 * 1024;

type Reading = {
  readonly files: Pick<Files, 'read' | 'listing' | 'readText'>;
  readonly root: string;
  readonly options: PackOptions;
  readonly paths: readonly string[];
  readonly reports: FileReport[];
};

/** Throws WorldError when the folder cannot be read; everything else is reported. */
export async function loadPack(
  files: Pick<Files, 'read' | 'listing' | 'readText'>,
  root: string,
  options: PackOptions = {},
): Promise<LoadedPack> {
  const listing = await files.listing(root);
  const digests = digestsOf(listing);
  const reading: Reading = { files, root, options, paths: [...digests.keys()], reports: [] };
  const base = await baseOf(reading);
  const { file, contracts, checks, removed } = base;
  const loaded = await scenariosOf(reading, contextOf(reading, base));
  const ids = new Set([...checks.keys(), ...loaded.map(({ value }) => value.metadata.id)]);
  const manifests = await manifestsOf(reading, file, ids);
  const canaries = await part(reading, 'canaries/canaries.yaml', (read) =>
    readBySchema(read, canariesRegistry),
  );
  const reports = sorted(reading.reports);
  if (file === undefined) return { reports };
  const readable: Pack = {
    ...{ root, digests, file, register: checks, removed },
    contracts: new Map(contracts.map(({ value }) => [value.id, value])),
    scenarios: new Map(loaded.filter(isScenario).map((each) => [each.value.metadata.id, each])),
    validations: new Map(loaded.filter(isValidation).map((each) => [each.value.metadata.id, each])),
    manifests: new Map(manifests.map(({ path, value }) => [path, value])),
    canaries: canaries?.value.canaries ?? [],
  };
  const wrong = reports.some(({ diagnostics }) => hasError(diagnostics));
  return { ...(wrong ? {} : { pack: readable }), readable, reports };
}

type Base = {
  readonly file: PackFile | undefined;
  readonly contracts: readonly PackPart<Contract>[];
  readonly checks: ReadonlyMap<string, RegisterEntry>;
  readonly removed: Register['removed'];
  readonly hasRegister: boolean;
};

/** What scenarios are judged by. */
async function baseOf(reading: Reading): Promise<Base> {
  const file = await part(reading, 'pack.yaml', (read) => readBySchema(read, packRegistry));
  const modules = await exportsOf(reading);
  const register = await part(reading, 'checks/register.yaml', (read) =>
    loadRegister(read, {
      ...(file === undefined ? {} : { layers: file.value.layers }),
      ...(modules === undefined ? {} : { exportsOf: (module) => modules.get(module) }),
    }),
  );
  if (file !== undefined && modules !== undefined)
    report(reading, file.source, located(file.document, moduleProblems(file.value, modules)));
  const contracts = await all(reading, 'contracts', (read) => readBySchema(read, contractRegistry));
  return {
    ...{ file: file?.value, contracts, hasRegister: register !== undefined },
    checks: new Map(register?.value.checks.map((check) => [check.id, check])),
    removed: register?.value.removed ?? [],
  };
}

const digestsOf = (listing: Listing): ReadonlyMap<string, string> =>
  new Map(
    listing.flatMap(({ path, sha256 }) => (sha256 === undefined ? [] : [[path, sha256] as const])),
  );

const isScenario = (each: PackPart<Scenario | Validation>): each is PackPart<Scenario> =>
  each.value.kind === 'Scenario';
const isValidation = (each: PackPart<Scenario | Validation>): each is PackPart<Validation> =>
  each.value.kind === 'Validation';

const hasError = (diagnostics: readonly Diagnostic[]): boolean =>
  diagnostics.some(({ severity }) => severity === 'error');

function report(reading: Reading, source: Source, diagnostics: readonly Diagnostic[]): void {
  if (diagnostics.length > 0) reading.reports.push({ source, diagnostics });
}

const shownPath = ({ options: { display } }: Reading, path: string): string =>
  display === undefined || display === '' ? path : `${display}/${path}`;

type Judged<Value> = {
  readonly value?: Value;
  readonly document?: YamlDocument;
  readonly problems: readonly Diagnostic[];
};

/** Undefined when the file is absent or wrong. */
async function part<Value>(
  reading: Reading,
  path: string,
  judge: (read: YamlReading) => Judged<Value>,
): Promise<PackPart<Value> | undefined> {
  if (!reading.paths.includes(path)) {
    if (path !== 'pack.yaml') return undefined;
    const { source } = decodeSource(shownPath(reading, path), new Uint8Array());
    report(reading, source, [absent]);
    return undefined;
  }
  const bytes = await reading.files.read(`${reading.root}/${path}`);
  const read = readYamlBytes(shownPath(reading, path), bytes, smallMaxBytes);
  const { value, document, problems } = judge(read);
  report(reading, read.source, problems);
  if (value === undefined || document === undefined) return undefined;
  return { path, source: read.source, document, value };
}

const absent: Diagnostic = {
  code: 'SC011',
  severity: 'error',
  span: { start: 0, end: 0 },
  message: 'The folder holds no `pack.yaml`.',
  hint: 'Name the folder of a pack.',
};

async function all<Value>(
  reading: Reading,
  folder: string,
  judge: (read: YamlReading) => Judged<Value>,
): Promise<readonly PackPart<Value>[]> {
  const parts: PackPart<Value>[] = [];
  for (const path of reading.paths.filter((each) => isYamlIn(folder, each))) {
    const loaded = await part(reading, path, judge);
    if (loaded !== undefined) parts.push(loaded);
  }
  return parts;
}

const isYamlIn = (folder: string, path: string): boolean =>
  path.startsWith(`${folder}/`) && /^[^/]+\.yaml$/.test(path.slice(folder.length + 1));

/** Of modules below checks/ and actions/; undefined when nobody can read them. */
async function exportsOf({
  files,
  root,
  options,
  paths,
}: Reading): Promise<ReadonlyMap<string, ReadonlySet<string>> | undefined> {
  const { readExports } = options;
  if (readExports === undefined) return undefined;
  const found = new Map<string, ReadonlySet<string>>();
  for (const path of paths.filter((each) => /^(?:checks|actions)\/.*\.(?:ts|mjs|js)$/.test(each))) {
    const names = await readExports(path, await files.readText(`${root}/${path}`, moduleMaxBytes));
    if (names !== undefined) found.set(path, names);
  }
  return found;
}

function contextOf(
  { paths, options }: Reading,
  { file, contracts, checks, hasRegister }: Base,
): ScenarioContext {
  const there = new Set(paths);
  return {
    exists: (path) => there.has(path),
    contracts: new Map(contracts.map(({ value }) => [value.id, value])),
    ...(hasRegister ? { register: checks } : {}),
    ...(options.rows === undefined ? {} : { rows: options.rows }),
    ...(file === undefined || file.subjects.length === 0
      ? {}
      : {
          actions: new Set(Object.keys(file.actions)),
          observers: new Set(Object.keys(file.observers)),
        }),
  };
}

async function scenariosOf(
  reading: Reading,
  context: ScenarioContext,
): Promise<readonly PackPart<Scenario | Validation>[]> {
  const parts: PackPart<Scenario | Validation>[] = [];
  for (const path of reading.paths.filter((each) => isYamlIn('scenarios', each))) {
    const bytes = await reading.files.read(`${reading.root}/${path}`);
    const { scenario, document, problems, source } = loadScenarioBytes(
      shownPath(reading, path),
      bytes,
      context,
    );
    report(reading, source, problems);
    if (scenario === undefined || document === undefined) continue;
    const first = parts.find(({ value }) => value.metadata.id === scenario.metadata.id);
    if (first === undefined) parts.push({ path, source, document, value: scenario });
    else report(reading, source, [sameId(document, first.path)]);
  }
  return parts;
}

const sameId = (document: YamlDocument, first: string): Diagnostic => ({
  code: 'SC020',
  severity: 'error',
  span: document.spanOf(['metadata', 'id']),
  message: `\`${first}\` has this id already.`,
  hint: 'Audit rows name scenarios by their ids: rename one.',
});

async function manifestsOf(
  reading: Reading,
  file: PackFile | undefined,
  ids: ReadonlySet<string>,
): Promise<readonly PackPart<InstanceManifest>[]> {
  const { manifest, layers = [] } = file ?? {};
  const spec = manifest === undefined ? undefined : await specOf(reading, manifest.spec);
  return all(reading, 'manifests', (read) =>
    loadInstance(read, {
      ...{ ids, layers },
      ...(manifest === undefined ? {} : { apiVersion: manifest.apiVersion, kind: manifest.kind }),
      ...(spec === undefined ? {} : { spec }),
    }),
  );
}

/** One that is absent or cannot be used is a problem of its own, told once. */
async function specOf(reading: Reading, path: string): Promise<z.ZodType | undefined> {
  const there = reading.paths.includes(path);
  const bytes = there ? await reading.files.read(`${reading.root}/${path}`) : new Uint8Array();
  // JSON is YAML; a broken one is reported at its place.
  const { document, problems, source } = readYamlBytes(
    shownPath(reading, path),
    bytes,
    smallMaxBytes,
  );
  report(reading, source, problems);
  if (document === undefined) return undefined;
  const schema = readSpecSchema(document.value);
  if (schema === undefined) {
    const message = there ? unusableSchema : 'The schema of manifests does not exist.';
    report(reading, source, [{ ...absent, message, hint: 'Write a JSON Schema 2020-12.' }]);
  }
  return schema;
}

const unusableSchema = 'The file is no JSON Schema that manifests can be judged by.';

const sorted = (reports: readonly FileReport[]): readonly FileReport[] =>
  reports.toSorted((a, b) => (a.source.path < b.source.path ? -1 : 1));
