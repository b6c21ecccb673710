// Tasks that were not done, with the reason: nothing that was asked for disappears without a line.

import { appendLine, beginFile } from './append-line.ts';
import type { JsonObject } from './json.ts';
import type { Settings } from './read-settings.ts';

export type DeadLetter = {
  /** `expired`, `failed`, `queue_full:<queue>` or `drain:<queue>`. */
  readonly reason: string;
  readonly trace_id: string;
  readonly type: string;
  readonly data: JsonObject;
};

export type DeadLetters = {
  readonly add: (letter: DeadLetter) => void;
  readonly count: () => number;
};

export function openDeadLetters({ dlq: { enabled, path } }: Settings): DeadLetters {
  let count = 0;
  if (enabled) beginFile(path);
  return {
    add: (letter) => {
      count += 1;
      if (enabled) appendLine(path, { ts: new Date().toISOString(), ...letter });
    },
    count: () => count,
  };
}
