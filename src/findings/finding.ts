// What every reader makes of its input, so that all that follows works alike for all of them.

export const inputKinds = ['aether', 'ctrf', 'junit', 'run', 'sarif', 'tap'] as const;
export type InputKind = (typeof inputKinds)[number];

/** Whose judgement it is. Results of different checkers are never compared. */
export type Checker = 'seatrial' | 'reference';

export type Place = {
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 code units. */
  readonly column?: number;
};

/** One classified failure. */
export type Finding = {
  /** `VALIDATION_ERROR`, `FAILURE` …; see classes.ts. */
  readonly class: string;
  readonly rule: string;
  readonly message: string;
  /** The path, test or check it is about. */
  readonly subject: string;
  readonly place?: Place;
  /** What the fingerprint holds on to instead of a line number. */
  readonly context: string;
  readonly source: InputKind;
  /** From 1; absent when the subject was tried once. */
  readonly attempt?: number;
};

/** Phase of a subject that may be there in one run and not in the next: a suite, a plan, a scan. */
export const wholePhase = 'whole';

/** One thing that was judged; without findings it is sound. */
export type Subject = {
  readonly path: string;
  readonly source: InputKind;
  readonly findings: readonly Finding[];
  /** Hex SHA-256 of the content, where there is one. */
  readonly digest?: string;
  /** How far it was taken: `parse`, `execute`; `report` or `whole` when a report told of it. */
  readonly phase: string;
  readonly dialect?: string;
  readonly signatureVerified?: boolean;
  readonly riskScore?: number;
  /** The verdict of the reference checker on the same file. */
  readonly reference?: {
    readonly class: string;
    readonly line?: number;
    readonly message: string;
  };
};

/** A test that failed and then passed: listed, never counted. */
export type Flaky = { readonly path: string; readonly message: string };

/** Why an input is only a part of what there is; such results are unfit as a baseline. */
export type Limited =
  { readonly limit: number } | { readonly sample: number; readonly seed: number };

/** What is wrong with an input; without a place it is about the whole. */
export type InputProblem = { readonly message: string; readonly place?: Place };

/** What one input says, or why it cannot be trusted. */
export type Reading = {
  readonly subjects: readonly Subject[];
  readonly flaky: readonly Flaky[];
  /** Findings that the input itself marks as suppressed. They are reported and count all the same. */
  readonly waived: number;
  /** When there is any, nothing of the input may be used. */
  readonly problems: readonly InputProblem[];
};

/** All inputs of one call, joined. */
export type Intake = {
  readonly kinds: readonly InputKind[];
  readonly checker: Checker;
  /** Sorted by path; each path once. */
  readonly subjects: readonly Subject[];
  readonly flaky: readonly Flaky[];
  readonly waived: number;
  readonly limited?: Limited;
};

export const unreadable = (...problems: readonly InputProblem[]): Reading => ({
  subjects: [],
  flaky: [],
  waived: 0,
  problems,
});
