// What the app wrote last before an operation ended badly: mostly the reason, in the app's own words.

import type { OperationState, RunState } from '../evidence/run-state.ts';
import type { Objects } from './evidence-text.ts';
import { isAppLog } from './logs.ts';

export type LastWords = {
  readonly operation: string;
  /** Not neutralised; the writer of each format does that. Empty when the log is too large to be at hand. */
  readonly lines: readonly string[];
};

const readBytes = 16_384;
const readLines = 12;

const endedWell = new Set<OperationState['outcome']>(['done', 'skipped', 'not-run']);

/** Operations that ended badly and left output. */
export function lastWords(state: RunState, objects: Objects): readonly LastWords[] {
  return state.operations
    .filter(({ outcome }) => !endedWell.has(outcome))
    .map(({ name, observations }) => ({ name, logs: observations.filter(isAppLog) }))
    .filter(({ logs }) => logs.some(({ object }) => object.bytes > 0))
    .map(({ name, logs }) => ({
      operation: name,
      lines: logs.flatMap(({ object }) => lastLines(objects(object))).slice(-readLines),
    }));
}

function lastLines(bytes: Uint8Array | undefined): readonly string[] {
  if (bytes === undefined) return [];
  const end = new TextDecoder().decode(bytes.subarray(-readBytes));
  const lines = end.split('\n').filter((line) => line.trim() !== '');
  // The first line may begin in the middle, even of a character.
  return (bytes.length > readBytes ? lines.slice(1) : lines).slice(-readLines);
}
