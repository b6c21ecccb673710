// What a question of a gate gets and gives. Every kind is one function of this shape.

import type { Verdict } from '../evidence/verdict.ts';
import type { Json, JsonObject } from '../ports/json.ts';
import type { CheckKind, CheckOf } from './check-schema.ts';
import type { GateWorld } from './gate-world.ts';

export type AskContext = {
  readonly world: GateWorld;
  /** Of the store. */
  readonly store: { readonly root: string; readonly id: string };
  readonly run: string;
  readonly gate: string;
  /** Folder of the gates file: paths of people lie below it. */
  readonly here: string;
  /** The folder of this gate's (or this check's) own; empty when the gate begins. */
  readonly folder: string;
  /** The whole environment of commands. */
  readonly env: Readonly<Record<string, string>>;
  /** Without trailing slash; undefined when the gate has no target. */
  readonly url: string | undefined;
  readonly values: Readonly<Record<string, string>>;
  /** Commit under test; undefined outside a repository. */
  readonly commit: string | undefined;
  /** Wall-clock time at which the gate began: what is older was not made by it. */
  readonly since: Date;
  readonly maxAgeMs: number | undefined;
  readonly requestTimeoutMs: number;
  /** Coverage of a base commit that nobody recorded is made anew. */
  readonly computeBase: boolean;
  readonly signal: AbortSignal;
  /** JSON answers of earlier checks of the gate, by check id. */
  readonly earlier: ReadonlyMap<string, Json>;
};

export type EvidenceFile = {
  readonly name: string;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
};

export type GateAnswer = {
  readonly verdict: Exclude<Verdict, 'skipped' | 'not-run'>;
  /** One line. */
  readonly message: string;
  /** What was seen; kept as evidence, and what `details` points into. */
  readonly facts: JsonObject;
  readonly files?: readonly EvidenceFile[];
  /** What later checks may compare with. */
  readonly document?: Json | undefined;
};

export type Ask<Kind extends CheckKind> = (
  check: CheckOf<Kind>,
  context: AskContext,
) => Promise<GateAnswer>;

const listedMax = 5;

/** Passed when nothing is wrong; failed otherwise, with the first few faults. */
export function judged(
  faults: readonly string[],
  passed: string,
  rest: Omit<GateAnswer, 'verdict' | 'message'>,
): GateAnswer {
  if (faults.length === 0) return { verdict: 'passed', message: passed, ...rest };
  const more = faults.length - listedMax;
  const told = faults.slice(0, listedMax).join('; ');
  return {
    verdict: 'failed',
    message: more > 0 ? `${told}; and ${String(more)} more` : told,
    ...rest,
    facts: { ...rest.facts, faults: faults.slice(0, 100) },
  };
}

/** The testbed could not ask. */
export const unasked = (message: string, facts: JsonObject = {}): GateAnswer => ({
  verdict: 'error',
  message,
  facts,
});

export const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
