// Reports that are JSON come from any tool. Shapes are read leniently where a format is open and
// refused where a missing part would make a report look better than it is.

import { makeSource, positionAt } from '../diagnostics/source.ts';
import type { InputProblem, Place } from './finding.ts';
import { findJsonFault, locateJson, type JsonPath } from './locate-json.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** The parsed text, or what keeps it from being JSON. */
export function parseJson(
  text: string,
): { readonly value: unknown } | { readonly problem: InputProblem } {
  try {
    return { value: JSON.parse(withoutMark(text)) as unknown };
  } catch {
    const { offset, message } = findJsonFault(withoutMark(text)) ?? nowhere;
    const [place] = placesOf(text, [offset]);
    return { problem: { message: `it is not JSON: ${message}`, ...(place && { place }) } };
  }
}

const nowhere = { offset: 0, message: 'it cannot be read' };

const withoutMark = (text: string): string => (text.startsWith('\uFEFF') ? text.slice(1) : text);

function placesOf(text: string, offsets: readonly number[]): readonly Place[] {
  const source = makeSource('', withoutMark(text));
  return offsets.map((offset) => positionAt(source, offset));
}

/** A problem with the value at a path, from the top. */
export type PathProblem = { readonly message: string; readonly path: JsonPath };

type Issue = { readonly path: readonly PropertyKey[]; readonly message: string };

/** The first thing that keeps a value, which stands below `above`, from having its shape. */
export function shapeFaults(
  what: string,
  [first]: readonly Issue[],
  above: JsonPath = [],
): readonly PathProblem[] {
  const own = (first?.path ?? []).map((key) => (typeof key === 'symbol' ? '' : key));
  const path = [...above, ...own];
  const where = path.length === 0 ? '' : `${path.map(String).join('.')}: `;
  return [{ message: `${what}: ${where}${first?.message ?? ''}`, path }];
}

/** Each problem at its place; the text is read again, once for all. */
export function placeProblems(
  text: string,
  problems: readonly PathProblem[],
): readonly InputProblem[] {
  if (problems.length === 0) return [];
  const paths = problems.map(({ path }) => path);
  const places = placesOf(text, locateJson(withoutMark(text), paths));
  return problems.map(({ message }, index) => {
    const place = places[index];
    return place === undefined ? { message } : { message, place };
  });
}

export const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};

export const listOf = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? (value as readonly unknown[]) : [];

export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

export const countOf = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;

/** A place for a finding; nothing unless the line is a number from 1. */
export function placeAt(line: unknown, column?: unknown): { readonly place?: Place } {
  const [atLine, atColumn] = [countOf(line) ?? 0, countOf(column) ?? 0];
  if (atLine === 0) return {};
  return { place: { line: atLine, ...(atColumn === 0 ? {} : { column: atColumn }) } };
}
