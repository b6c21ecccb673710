import { matchesGlob } from '../findings/glob.ts';
import { judged, unasked, type Ask, type AskContext } from './ask.ts';
import type { CheckOf } from './check-schema.ts';
import { importsOf, reachable } from './imports.ts';
import { resolvePath } from './resolve-path.ts';

type Check = CheckOf<'spec-tests'>;

const fileMaxBytes = 4 * 1024 * 1024;
const filesMax = 50_000;
/** Folders of tools, whose files are nobody's sources. */
const skipped = /(?:^|\/)(?:node_modules|\.git|dist|coverage|\.seatrial|__pycache__|\.venv)\//u;

/**
 * Each changed source has a test that imports it, straight or through others, or that the mapping
 * names. Exit words of the source document: 0 covered, 1 untested code, 2 no change.
 */
export const askSpecTests: Ask<'spec-tests'> = async (check, context) => {
  const { world, here } = context;
  const workspace = resolvePath(here, check.workspace ?? '.');
  const base = await world.trees.mergeBase(workspace, check.base);
  const changes = await world.trees.changes(workspace, base);
  const isSource = anyOf(check.sources);
  const isTest = anyOf(check.tests);
  const isExempt = anyOf(check.exempt);
  const changed = changes
    .filter(({ path, status }) => status !== 'deleted' && isSource(path) && !isTest(path))
    .map(({ path }) => path)
    .filter((path) => !isExempt(path));
  const facts = { base_commit: base, changed, spec_tests_exit: changed.length === 0 ? 2 : 0 };
  if (changed.length === 0)
    return judged([], `no source changed since ${base.slice(0, 12)}`, { facts });
  const files = await textFiles(workspace, context, (path) => isSource(path) || isTest(path));
  if (files === undefined) return unasked('the workspace holds too many files', facts);
  const tests = [...files.keys()].filter(isTest);
  if (tests.length === 0) return unasked('no test file matches `tests`', facts);
  const untested = untestedOf(changed, { check, files, tests });
  return judged(
    untested.map((path) => `${path} changed and no test imports it`),
    `${String(changed.length)} changed sources have tests`,
    { facts: { ...facts, untested, spec_tests_exit: untested.length === 0 ? 0 : 1 } },
  );
};

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
