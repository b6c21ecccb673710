// What is wanted of a check. Everything but the memory can be sent to a worker.

import type { DialectId } from '../aether/dialect.ts';
import type { Problem } from '../aether/problem.ts';
import type { Registry } from '../aether/registry.ts';

export type JudgeSettings = {
  readonly compat: boolean;
  readonly dialect?: DialectId;
  readonly registry: Registry;
  readonly maxBytes: number;
  readonly denyWarnings: boolean;
};

export type Remembered = {
  readonly dialect: DialectId;
  readonly problems: readonly Problem[];
};

/** Answers that are known already. */
export type Memory = {
  readonly keyOf: (path: string, bytes: Uint8Array) => string;
  readonly find: (key: string) => Remembered | undefined;
  readonly keep: (key: string, checked: Remembered) => void;
};

export type PrintSettings = {
  readonly format: 'text' | 'json' | 'status';
  readonly errorCodeLine: boolean;
  readonly maxDiagnostics: number;
  /** RFC 3339; the same for all files of a call. */
  readonly timestamp: string;
};
