// Coverage reports of four tools. What contradicts itself, or holds no line, is refused: a report
// that cannot be trusted is not one that fell.

import type { Json, JsonObject } from '../ports/json.ts';
import { readCobertura } from './coverage-cobertura.ts';
import { readLcov } from './coverage-lcov.ts';
import {
  addLine,
  fileFractions,
  totalOf,
  type Coverage,
  type CoverageReading,
} from './coverage.ts';
import { asObject, parseJson } from './match.ts';

export type CoveragePaths = {
  /** Absolute; what lies outside it is refused. */
  readonly root: string;
  readonly strip?: string | undefined;
  readonly map?: Readonly<Record<string, string>> | undefined;
};

/** By content: XML, JSON of coverage.py or Istanbul, else LCOV. */
export function readCoverage(text: string, paths: CoveragePaths): CoverageReading {
  const reading = readAny(text);
  if ('problems' in reading) return reading;
  return relativeTo(reading.coverage, paths);
}

function readAny(text: string): CoverageReading {
  const start = text.trimStart();
  if (start.startsWith('<')) return readCobertura(text);
  if (!start.startsWith('{')) return readLcov(text);
  const value = parseJson(text);
  if (value === undefined) return refused('it is no JSON');
  const object = asObject(value);
  if ('meta' in object && 'files' in object) return readCoveragePy(object);
  return readIstanbul(object);
}

const refused = (...problems: readonly string[]): CoverageReading => ({ problems });

function withLines(files: ReadonlyMap<string, ReadonlyMap<number, boolean>>): CoverageReading {
  const lines = [...files.values()].reduce((sum, each) => sum + each.size, 0);
  return lines === 0 ? refused('it holds no line') : { coverage: files };
}

const isLine = (value: Json | undefined): value is number =>
  Number.isSafeInteger(value) && Number(value) > 0;
const isCount = (value: Json | undefined): value is number =>
  Number.isSafeInteger(value) && Number(value) >= 0;

const lineNumbers = (value: Json | undefined): readonly number[] | undefined =>
  Array.isArray(value) && value.every(isLine) ? value : undefined;

function readCoveragePy(report: JsonObject): CoverageReading {
  const files = new Map<string, Map<number, boolean>>();
  const problems: string[] = [];
  for (const [path, entry] of Object.entries(asObject(report['files']))) {
    const executed = lineNumbers(asObject(entry)['executed_lines']);
    const missing = lineNumbers(asObject(entry)['missing_lines']);
    if (executed === undefined || missing === undefined) {
      problems.push(`${path} has no lists of lines`);
      continue;
    }
    if (executed.some((each) => missing.includes(each)))
      problems.push(`${path}: a line is executed and missing`);
    for (const number of executed) addLine(files, path, { number, hit: true });
    for (const number of missing) addLine(files, path, { number, hit: false });
  }
  problems.push(...totalFaults(asObject(report['totals']), files));
  return problems.length > 0 ? refused(...problems) : withLines(files);
}

function totalFaults(totals: JsonObject, files: Coverage): readonly string[] {
  const { covered, total } = totalOf(fileFractions(files));
  const counts = { covered_lines: covered, num_statements: total };
  return Object.entries(counts).flatMap(([name, count]) =>
    totals[name] === undefined || totals[name] === count
      ? []
      : [`${name} says ${JSON.stringify(totals[name])}, ${String(count)} are there`],
  );
}

function readIstanbul(report: JsonObject): CoverageReading {
  if ('total' in report) return refused('it is a summary, which holds totals and no lines');
  const files = new Map<string, Map<number, boolean>>();
  const problems: string[] = [];
  for (const [key, entry] of Object.entries(report)) {
    const { path, statementMap, s: counts } = asObject(entry);
    if (statementMap === undefined || counts === undefined)
      problems.push(`${key} is no entry of a coverage-final.json`);
    const name = typeof path === 'string' ? path : key;
    for (const [id, place] of Object.entries(asObject(statementMap))) {
      const number = asObject(asObject(place)['start'])['line'];
      const count = asObject(counts)[id];
      if (isLine(number) && isCount(count)) addLine(files, name, { number, hit: count > 0 });
      else problems.push(`${name}: statement ${id} has no line or count`);
    }
  }
  return problems.length > 0 ? refused(...problems) : withLines(files);
}

function relativeTo(coverage: Coverage, { root, strip, map }: CoveragePaths): CoverageReading {
  const files = new Map<string, Map<number, boolean>>();
  const problems: string[] = [];
  for (const [path, lines] of coverage) {
    const relative = relativePath(path, { root, strip, map });
    if (relative === undefined) problems.push(`${path} lies outside the tree`);
    else for (const [number, hit] of lines) addLine(files, relative, { number, hit });
  }
  return problems.length > 0 ? { problems: problems.slice(0, 20) } : { coverage: files };
}

function relativePath(path: string, { root, strip = '', map = {} }: CoveragePaths) {
  let at = path.replaceAll('\\', '/');
  if (at.startsWith(strip)) at = at.slice(strip.length).replace(strip === '' ? /^$/u : /^\/+/u, '');
  for (const [from, to] of Object.entries(map))
    if (at.startsWith(from)) at = `${to}${at.slice(from.length)}`;
  if (at.startsWith(`${root}/`)) at = at.slice(root.length + 1);
  at = at.replace(/^(?:\.\/)+/u, '');
  return at === '' || /^(?:\/|[A-Za-z]:)|(?:^|\/)\.\.(?:\/|$)/u.test(at) ? undefined : at;
}
