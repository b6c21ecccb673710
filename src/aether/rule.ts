/** Exit code that a rule leads to: the table of aether.md §12; 0 for warnings. */
export type RuleClass = 0 | 20 | 21 | 22 | 23 | 24 | 25 | 26 | 27;

/** How one call behaves in a demonstration: an answer, a failure of a class, or none at all. */
export type DemoAnswer = 'ok' | 'fail' | 'hang' | 'big' | 'no-undo' | 'undo-fails';

/** What a page shows a rule on. `check` and `run` demonstrate themselves in the tests. */
export type Demo =
  | { readonly how: 'check'; readonly options?: { readonly dialect?: 'line' | 'indent' } }
  | {
      readonly how: 'run';
      readonly answers?: Readonly<Record<string, DemoAnswer>>;
      readonly missing?: readonly string[];
      /** No provider at all. */
      readonly bare?: boolean;
      readonly timeoutMs?: number;
    }
  /** Needs keys, files or a fault: demonstrated where those are. */
  | { readonly how: 'told' };

export type Rule = {
  readonly class: RuleClass;
  /** One sentence. */
  readonly title: string;
  /** Why the rule exists and what to do. */
  readonly text: string;
  /** A file where exactly this rule fires, and the nearest one where it must not. */
  readonly bad: string;
  readonly good: string;
  readonly demo?: Demo;
};
