// Reports that are JSON come from any tool. Shapes are read leniently where a format is open and
// refused where a missing part would make a report look better than it is.

import type { Place } from './finding.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** The parsed text; a sentence when it is not JSON. */
export function parseJson(
  text: string,
): { readonly value: unknown } | { readonly problem: string } {
  try {
    return { value: JSON.parse(text.startsWith('\uFEFF') ? text.slice(1) : text) as unknown };
  } catch {
    return { problem: 'it is not JSON, or was cut off' };
  }
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
