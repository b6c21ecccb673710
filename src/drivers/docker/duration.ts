// Durations as Compose files write them.

import { WorldError } from '../../ports/world-error.ts';

const units: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

const part = /(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/y;

/** Milliseconds; undefined stays undefined. Throws `refused` for what is no duration. */
export function durationMs(text: string): number;
export function durationMs(text: string | undefined): number | undefined;
export function durationMs(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (text === '0') return 0;
  let total = 0;
  let at = 0;
  while (at < text.length) {
    part.lastIndex = at;
    const match = part.exec(text);
    if (match === null) throw new WorldError('refused', `${JSON.stringify(text)} is no duration`);
    total += Number(match[1]) * (units[match[2] ?? ''] ?? 0);
    at = part.lastIndex;
  }
  if (at === 0) throw new WorldError('refused', 'an empty duration');
  return total;
}

/** The engine counts in nanoseconds; 0 is its word for "not given". */
export const nanosMs = (nanos: number | undefined): number | undefined =>
  nanos === undefined || nanos === 0 ? undefined : nanos / 1e6;
