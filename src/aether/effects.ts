// What a run needs from outside. Whoever runs scripts binds these to a provider and a clock.

export type JsonValue =
  string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

export const errorClasses = [
  'Timeout',
  'PermissionError',
  'ServiceMissing',
  'CallError',
  'TypeError',
  'BudgetError',
] as const;
export type ErrorClass = (typeof errorClasses)[number];

export type CallContext = {
  /** Aborted when the attempt has taken too long or the run is interrupted. */
  readonly signal: AbortSignal;
  /** Milliseconds on the effects' clock at which the attempt is given up. */
  readonly deadline: number;
  /** What the step said that it requires. */
  readonly capabilities: readonly string[];
};

export type CallResult =
  | {
      readonly ok: true;
      readonly value: JsonValue;
      readonly tokens?: number;
      /** Takes a write back; rejects or answers false where it could not. */
      readonly undo?: (signal: AbortSignal) => Promise<boolean>;
    }
  | { readonly ok: false; readonly kind: string; readonly message: string };

/** Durations reach a provider as milliseconds. */
export type Provider = {
  call(
    name: string,
    args: readonly JsonValue[],
    kwargs: Readonly<Record<string, JsonValue>>,
    context: CallContext,
  ): Promise<CallResult>;
  readonly capabilities: ReadonlySet<string>;
  /** Installed plugins and their versions. */
  readonly plugins: ReadonlyMap<string, string>;
  /** Answers without touching anything real. */
  readonly isMock: boolean;
};

export type Effects = {
  /** Absent: every call ends the run with E_RUNTIME_SERVICE_MISSING. */
  readonly provider?: Provider;
  /** Why the provider that was asked for cannot answer: ends the run before its first statement. */
  readonly unusable?: string;
  /** Milliseconds; compared and subtracted only. */
  now(): number;
  /** The same moment as RFC 3339 in UTC. */
  timestamp(): string;
  /** Resolves early, without rejecting, when the signal is aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
};
