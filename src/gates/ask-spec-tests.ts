import { matchesGlob } from '../findings/glob.ts';
import type { JsonObject } from '../ports/json.ts';
import type { ChangedFile } from '../ports/work-tree.ts';
import { judged, unasked, type Ask, type AskContext, type GateAnswer } from './ask.ts';
import type { CheckOf } from './check-schema.ts';
import type { Coverage } from './coverage.ts';
import { makeReports, readFresh } from './coverage-reports.ts';
import { readExecuted, testFileOf } from './executed-lines.ts';
import { importsOf, reachable } from './imports.ts';
import { fill } from './placeholders.ts';
import { resolvePath } from './resolve-path.ts';

type Check = CheckOf<'spec-tests'>;

const fileMaxBytes = 4 * 1024 * 1024;
const filesMax = 50_000;
/** Folders of tools, whose files are nobody's sources. */
const skipped = /(?:^|\/)(?:node_modules|\.git|dist|coverage|\.seatrial|__pycache__|\.venv)\//u;

/**
 * Each changed source has a test that runs one of its changed lines, or imports it, straight or
 * through others, or that the mapping names. Exit words of the source document: 0 covered, 1 untested code, 2 no change.
 */
export const askSpecTests: Ask<'spec-tests'> = async (check, context) => {
  const { world, here } = context;
  const workspace = resolvePath(here, fill(check.workspace ?? '.', context.values));
  const base = await world.trees.mergeBase(workspace, check.base);
  const changes = await world.trees.changes(workspace, base);
  const isSource = anyOf(check.sources);
  const isTest = anyOf(check.tests);
  const changedFiles = changes.filter(isAsked(check));
  const changed = changedFiles.map(({ path }) => path);
  const facts = { base_commit: base, changed, spec_tests_exit: changed.length === 0 ? 2 : 0 };
  const files = await textFiles(workspace, context, (path) => isSource(path) || isTest(path));
  if (files === undefined) return unasked('the workspace holds too many files', facts);
  // Globs that mean nothing would find no change for ever.
  const isThere = changes.some(({ path }) => isSource(path)) || [...files.keys()].some(isSource);
  if (!isThere) return unasked('no file matches `sources`', facts);
  const unseen = check.changed
    .filter((path) => !changes.some((each) => each.path === path))
    .map((path) => `${path} is not among the changes`);
  if (changed.length === 0)
    return judged(unseen, `no source changed since ${base.slice(0, 12)}`, { facts });
  return judgeChanged(changedFiles, { check, files, facts, unseen, workspace, context });
};

type Changed = {
  readonly check: Check;
  /** Sources and tests by path. */
  readonly files: ReadonlyMap<string, string>;
  readonly facts: JsonObject;
  /** What must be among the changes and is not, in words. */
  readonly unseen: readonly string[];
  readonly workspace: string;
  readonly context: AskContext;
};

async function judgeChanged(
  changedFiles: readonly ChangedFile[],
  { check, files, facts, unseen, workspace, context }: Changed,
): Promise<GateAnswer> {
  const changed = changedFiles.map(({ path }) => path);
  const tests = [...files.keys()].filter(anyOf(check.tests));
  if (tests.length === 0) return unasked('no test file matches `tests`', facts);
  const executed = await executedBy(tests, changedFiles, { check, workspace, context });
  if ('verdict' in executed) return executed;
  const untested = untestedOf(changed, { check, files, tests }).filter(
    (path) => !executed.has(path),
  );
  const reaches = check.executed.length === 0 ? 'imports it' : 'runs or imports it';
  return judged(
    [...unseen, ...untested.map((path) => `${path} changed and no test ${reaches}`)],
    `${String(changed.length)} changed sources have tests`,
    {
      facts: {
        ...facts,
        untested,
        executed: [...executed].sort(),
        spec_tests_exit: untested.length === 0 ? 0 : 1,
      },
    },
  );
}

/** Of a changed file: whether it needs a test. */
function isAsked({ sources, tests, exempt }: Check): (file: ChangedFile) => boolean {
  const [isSource, isOther] = [anyOf(sources), anyOf([...tests, ...exempt])];
  return ({ path, status }) => status !== 'deleted' && isSource(path) && !isOther(path);
}

/** Changed sources of which a test ran a changed line; of which any, where lines only went away. */
async function executedBy(
  tests: readonly string[],
  changed: readonly ChangedFile[],
  {
    check,
    workspace,
    context,
  }: { readonly check: Check; readonly workspace: string; readonly context: AskContext },
): Promise<ReadonlySet<string> | GateAnswer> {
  const found = new Set<string>();
  if (check.executed.length === 0) return found;
  const trouble = await makeReports(check, workspace, context);
  if (trouble !== undefined) return trouble;
  for (const path of check.executed) {
    const text = await readFresh(path, workspace, context);
    if (typeof text !== 'string') return text;
    const { strip, map } = check;
    const reading = readExecuted(text, { root: workspace, strip, map });
    if ('problems' in reading) return unasked(`${path}: ${reading.problems.join('; ')}`);
    for (const [name, coverage] of reading.tests) {
      if (testFileOf(name, tests) === undefined)
        return unasked(`${path}: no test file is called ${name.slice(0, 200)}`);
      const hit = changed.filter((each) => ran(coverage, each));
      hit.forEach((each) => found.add(each.path));
    }
  }
  return found;
}

function ran(coverage: Coverage, { path, lines }: ChangedFile): boolean {
  const hits = coverage.get(path);
  if (hits === undefined) return false;
  return lines.length === 0
    ? [...hits.values()].includes(true)
    : lines.some((number) => hits.get(number) === true);
}

const anyOf = (globs: readonly string[]): ((path: string) => boolean) => {
  const matchers = globs.map(matchesGlob);
  return (path) => matchers.some((matches) => matches(path));
};

function untestedOf(
  changed: readonly string[],
  {
    check,
    files,
    tests,
  }: {
    readonly check: Check;
    readonly files: ReadonlyMap<string, string>;
    readonly tests: readonly string[];
  },
): readonly string[] {
  const known = new Set(files.keys());
  const edges = new Map([...files].map(([path, text]) => [path, importsOf(path, text, known)]));
  const reached = new Set(
    tests
      .filter((path) => asksSomething(files.get(path) ?? ''))
      .flatMap((path) => [...reachable(path, edges)]),
  );
  const mapped = new Set(
    Object.entries(check.mapping)
      .filter(([, globs]) => tests.some(anyOf(globs)))
      .map(([source]) => source),
  );
  return changed.filter((path) => !reached.has(path) && !mapped.has(path));
}

/** A file that imports and asserts nothing is no test of what it imports. */
const asksSomething = (text: string): boolean =>
  /\b(?:expect|assert\w*|should|t\.is|t\.true|raises)\b/u.test(text);

async function textFiles(
  workspace: string,
  { world }: AskContext,
  isWanted: (path: string) => boolean,
): Promise<ReadonlyMap<string, string> | undefined> {
  const listing = await world.files.listing(workspace, { digests: false });
  const wanted = listing.filter(
    ({ path, kind, sizeBytes }) =>
      kind === 'file' && sizeBytes <= fileMaxBytes && !skipped.test(path) && isWanted(path),
  );
  if (wanted.length > filesMax) return undefined;
  const texts = new Map<string, string>();
  for (const { path } of wanted)
    texts.set(path, await world.files.readText(`${workspace}/${path}`));
  return texts;
}
