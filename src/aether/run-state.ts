// The state of one run, and the frames in which its statements see names.

import type { Span } from '../diagnostics/diagnostic.ts';
import type { Effects, ErrorClass, JsonValue } from './effects.ts';
import type { RunFault } from './fault.ts';
import type { Registry } from './registry.ts';
import type { RuleCode } from './rules.ts';
import type { ErrorRule } from './tree.ts';
import type { Value } from './value.ts';

export type RunPolicy = {
  readonly onError: 'stop' | 'continue' | 'rollback';
  readonly timeoutMs: number | undefined;
  readonly retries: number;
  readonly tokenBudget: number | undefined;
  readonly deterministic: boolean;
  readonly mockIo: boolean;
};

export type RunLimits = {
  readonly steps: number;
  readonly timeoutMs: number;
  readonly parallel: number;
};

/** One call as the record tells it; times RFC 3339, durations in milliseconds. */
export type CallRecord = {
  readonly name: string;
  readonly args: readonly JsonValue[];
  readonly kwargs: Readonly<Record<string, JsonValue>>;
  readonly as: string | null;
  readonly retry: number;
  readonly timeout: string | null;
  readonly timeout_secs: number | null;
  readonly requires: readonly string[];
  readonly attempts: number;
  readonly success: boolean;
  readonly result?: JsonValue;
  readonly error?: { readonly kind: ErrorClass; readonly message: string };
  readonly duration_ms: number;
  readonly start_time: string;
  readonly end_time: string;
};

export type FailureRecord = {
  readonly rule: RuleCode;
  readonly kind: ErrorClass | null;
  readonly message: string;
  readonly line: number | null;
  readonly handled: boolean;
  readonly rolled_back: boolean;
};

/** A write that can be taken back. */
export type Write = {
  readonly id: number;
  readonly name: string;
  readonly span: Span;
  readonly undo: ((signal: AbortSignal) => Promise<boolean>) | undefined;
  isUndone: boolean;
};

/**
 * Records in source order although parts run at the same time: a part that starts gets a place of its
 * own, and what follows is written behind it.
 */
export type Sequence<Item> = (Item | Sequence<Item>)[];

export function flatten<Item extends object>(sequence: Sequence<Item>): Item[] {
  return sequence.flatMap((item) => (Array.isArray(item) ? flatten(item) : [item]));
}

export type Transaction = {
  readonly writes: Write[];
  /** Notifications wait for the commit. */
  readonly outbox: (() => Promise<void>)[];
};

export type Run = {
  readonly effects: Effects;
  readonly registry: Registry;
  readonly policy: RunPolicy;
  readonly limits: RunLimits;
  readonly rules: readonly ErrorRule[];
  readonly signal: AbortSignal;
  readonly deadline: number;
  readonly failures: { readonly fault: RunFault; readonly handled: boolean }[];
  steps: number;
  tokens: number;
  nextId: number;
  /** Parallel parts that nobody has awaited yet, in source order. */
  readonly open: Set<Task>;
};

export type Task = {
  readonly done: Promise<{ readonly value: Value } | { readonly error: unknown }>;
  /** Rises in source order. */
  readonly order: number;
};

export type Frame = {
  readonly run: Run;
  readonly names: Map<string, Value | Task>;
  readonly calls: Sequence<CallRecord>;
  readonly writes: Sequence<Write>;
  readonly transaction: Transaction | undefined;
};

export function isTask(value: Value | Task | undefined): value is Task {
  return typeof value === 'object' && value !== null && 'done' in value;
}
