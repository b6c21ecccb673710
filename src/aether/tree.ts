// The syntax tree. Nodes hold offsets only; line and column are computed when something is shown.

import type { Span } from '../diagnostics/diagnostic.ts';
import type { RuleCode } from './rules.ts';

export type Name = { readonly text: string; readonly span: Span };

export type StringLiteral = {
  readonly kind: 'string';
  readonly value: string;
  readonly span: Span;
};
export type Call = {
  readonly kind: 'call';
  readonly path: Name;
  readonly args: readonly Argument[];
  readonly span: Span;
};
export type Argument = { readonly name?: Name; readonly value: Expression };
export type Entry = { readonly key: Name; readonly isQuoted: boolean; readonly value: Expression };
export type ChainKind = 'or' | 'and' | 'sum' | 'term';
export type Link = { readonly operator: string; readonly value: Expression };
export type AccessPart =
  | { readonly kind: 'field'; readonly name: Name }
  | { readonly kind: 'index'; readonly value: Expression; readonly span: Span };

export type Expression =
  | StringLiteral
  | Call
  | { readonly kind: 'number'; readonly value: number; readonly text: string; readonly span: Span }
  | { readonly kind: 'duration'; readonly ms: number; readonly text: string; readonly span: Span }
  | { readonly kind: 'bool'; readonly value: boolean; readonly span: Span }
  | { readonly kind: 'null'; readonly span: Span }
  | { readonly kind: 'name'; readonly text: string; readonly span: Span }
  | { readonly kind: 'list'; readonly items: readonly Expression[]; readonly span: Span }
  | { readonly kind: 'dict'; readonly entries: readonly Entry[]; readonly span: Span }
  | { readonly kind: 'group'; readonly inner: Expression; readonly span: Span }
  | { readonly kind: 'not' | 'negate'; readonly value: Expression; readonly span: Span }
  | {
      readonly kind: 'compare';
      readonly operator: string;
      readonly left: Expression;
      readonly right: Expression;
      readonly span: Span;
    }
  | {
      readonly kind: 'chain';
      readonly level: ChainKind;
      readonly first: Expression;
      readonly rest: readonly Link[];
      readonly span: Span;
    }
  | {
      readonly kind: 'access';
      readonly base: Expression;
      readonly parts: readonly AccessPart[];
      readonly span: Span;
    };

export type TypeHint = {
  readonly name: Name;
  readonly parameters: readonly TypeHint[];
};

export type Body = readonly Statement[];

export type StepOption = { readonly key: Name; readonly value: Expression };

export type Step = {
  readonly kind: 'step';
  readonly path: Name;
  /** Absent where the step names a plugin or function without parentheses. */
  readonly args?: readonly Argument[];
  readonly aliases: readonly Name[];
  readonly options: readonly StepOption[];
  readonly span: Span;
};

export type Assign = {
  readonly kind: 'assign';
  readonly name: Name;
  readonly type?: TypeHint;
  readonly value: Expression;
  readonly span: Span;
};

export type PairValue =
  | { readonly kind: 'value'; readonly value: Expression }
  | { readonly kind: 'dashes'; readonly items: readonly Expression[] }
  | { readonly kind: 'pairs'; readonly pairs: readonly Pair[] };
export type Pair = { readonly key: Name; readonly value: PairValue; readonly span: Span };

export type PairsBlock = 'meta' | 'policy' | 'require' | 'plugin_contract';

export type ErrorRule = {
  readonly when: Name;
  readonly call: Call;
  readonly span: Span;
};

export type Branch = { readonly condition: Expression; readonly body: Body; readonly span: Span };

/** What a statement that could not be read still tells: names it defines, words it mentions. */
export type Broken = {
  readonly kind: 'broken';
  readonly names: readonly string[];
  readonly words: readonly string[];
  readonly body: Body;
  readonly span: Span;
};

export type StepGroup = {
  readonly kind: 'steps';
  readonly steps: readonly (Step | Broken)[];
  readonly span: Span;
};
export type WorkflowItem = Assign | Step | StepGroup | Broken;
export type Effect = Assign | Step | CallStatement | Broken | Transaction;
export type CallStatement = {
  readonly kind: 'call-statement';
  readonly call: Call;
  readonly span: Span;
};
export type Transaction = {
  readonly kind: 'transaction';
  readonly effects: readonly Effect[];
  readonly head: Span;
  readonly span: Span;
};

export type Statement =
  | Assign
  | CallStatement
  | Transaction
  | Broken
  | {
      readonly kind: 'goal';
      readonly text: StringLiteral;
      readonly head: Span;
      readonly span: Span;
    }
  | { readonly kind: 'memory'; readonly call: Call; readonly head: Span; readonly span: Span }
  | {
      readonly kind: 'if';
      readonly branches: readonly Branch[];
      readonly otherwise?: { readonly body: Body; readonly span: Span };
      readonly head: Span;
      readonly span: Span;
    }
  | {
      readonly kind: 'for';
      readonly name: Name;
      readonly source: Expression;
      readonly body: Body;
      readonly head: Span;
      readonly span: Span;
    }
  | {
      readonly kind: 'while';
      readonly condition: Expression;
      readonly body: Body;
      readonly head: Span;
      readonly span: Span;
    }
  | {
      readonly kind: 'await';
      readonly names: readonly Name[];
      readonly head: Span;
      readonly span: Span;
    }
  | {
      readonly kind: 'parallel';
      readonly assignments: readonly (Assign | Broken)[];
      readonly head: Span;
      readonly span: Span;
    }
  | {
      readonly kind: 'workflow';
      readonly items: readonly WorkflowItem[];
      readonly head: Span;
      readonly span: Span;
    }
  | {
      readonly kind: 'pairs';
      readonly block: PairsBlock;
      readonly pairs: readonly Pair[];
      readonly brokenPairs: readonly Broken[];
      readonly head: Span;
      readonly span: Span;
    }
  | {
      readonly kind: 'on-error';
      readonly rules: readonly ErrorRule[];
      readonly head: Span;
      readonly span: Span;
    }
  | {
      /** A form that is known and not run: `code` says which. */
      readonly kind: 'unsupported';
      readonly code: RuleCode;
      readonly names: readonly string[];
      readonly body: Body;
      readonly head: Span;
      readonly span: Span;
    };

export type Script = { readonly body: Body };
