// Which test ran which line, from reports that keep tests apart: LCOV with a TN record for each test,
// coverage.py JSON with contexts.

import type { Json } from '../ports/json.ts';
import type { Coverage } from './coverage.ts';
import { readCoverage, type CoveragePaths } from './coverage-formats.ts';
import { asObject, parseJson } from './match.ts';

/** Name of a test → what it ran. */
export type ExecutedLines = ReadonlyMap<string, Coverage>;
export type ExecutedReading =
  { readonly tests: ExecutedLines } | { readonly problems: readonly string[] };

export function readExecuted(text: string, paths: CoveragePaths): ExecutedReading {
  return text.trimStart().startsWith('{') ? readContexts(text, paths) : readNamed(text, paths);
}

/** Each TN begins a report of its own. */
function readNamed(text: string, paths: CoveragePaths): ExecutedReading {
  const byTest = new Map<string, string>();
  for (const part of text.split(/^(?=TN:)/mu)) {
    const [first = ''] = part.split('\n');
    const name = /^TN:(.*\S)\s*$/u.exec(first)?.[1];
    // Tools write an empty name, once or before each file, when they keep no tests apart.
    if (name === undefined) {
      if (part.includes('DA:')) return { problems: ['lines stand there without a test (TN)'] };
      continue;
    }
    byTest.set(name, `${byTest.get(name) ?? ''}${part.slice(first.length + 1)}\n`);
  }
  const tests = new Map<string, Coverage>();
  for (const [name, report] of byTest) {
    const reading = readCoverage(report, paths);
    if ('problems' in reading) return reading;
    tests.set(name, reading.coverage);
  }
  return tests.size === 0 ? { problems: ['it names no test'] } : { tests };
}

function readContexts(text: string, paths: CoveragePaths): ExecutedReading {
  // What it says of lines must hold before what it says of tests is looked at.
  const whole = readCoverage(text, paths);
  if ('problems' in whole) return whole;
  const files = Object.entries(asObject(asObject(parseJson(text))['files']));
  const tests = new Map<string, Map<string, Map<number, boolean>>>();
  for (const [path, entry] of files) {
    const [relative] = relativeNames(path, paths);
    const { contexts } = asObject(entry);
    for (const [line, names] of Object.entries(asObject(contexts)))
      for (const name of namesOf(names)) addTo(tests, name, { path: relative ?? path, line });
  }
  return tests.size === 0 ? { problems: ['it holds no contexts'] } : { tests };
}

/** As `readCoverage` names a file, by asking it about one line. */
function relativeNames(path: string, paths: CoveragePaths): readonly string[] {
  const reading = readCoverage(`SF:${path}\nDA:1,1\nend_of_record\n`, paths);
  return 'problems' in reading ? [] : [...reading.coverage.keys()];
}

const namesOf = (names: Json | undefined): readonly string[] =>
  Array.isArray(names)
    ? names.filter((name): name is string => typeof name === 'string' && name !== '')
    : [];

function addTo(
  tests: Map<string, Map<string, Map<number, boolean>>>,
  name: string,
  { path, line }: { readonly path: string; readonly line: string },
): void {
  const files = tests.get(name) ?? new Map<string, Map<number, boolean>>();
  tests.set(name, files);
  const lines = files.get(path) ?? new Map<number, boolean>();
  files.set(path, lines);
  lines.set(Number(line), true);
}

/**
 * The test file that a name means: the file itself, one with a case behind it (`a.test.ts > adds`,
 * `test_a.py::test_b|run`), or a module (`tests.test_a.test_b`).
 */
export function testFileOf(name: string, tests: readonly string[]): string | undefined {
  const named = tests.filter((path) => {
    const module = path.replace(/\.py$/u, '').replaceAll('/', '.');
    return beginsWith(name, path) || (path.endsWith('.py') && beginsWith(name, module));
  });
  return named.toSorted((a, b) => b.length - a.length)[0];
}

const beginsWith = (name: string, path: string): boolean =>
  name.startsWith(path) && !/^[\w/-]/u.test(name.slice(path.length));
