// Options that several findings commands share, and what they mean.

import { resolve } from 'node:path';
import { timestamp } from './aether-options.ts';
import { text, UsageError, type Option, type Terminal, type Values } from './command.ts';

export const inputOptions: readonly Option[] = [
  {
    name: 'input',
    value: 'KIND:PATH',
    multiple: true,
    summary:
      'aether:DIR, junit:FILE or DIR, sarif:, ctrf:, tap:, findings:FILE or run:BUNDLE; repeatable',
  },
  {
    name: 'root',
    value: 'DIR',
    summary: 'folder of workflows when there is no --input (default .)',
  },
  {
    name: 'ext',
    value: 'LIST',
    summary: 'endings looked for in folders of workflows (default aether)',
  },
  {
    name: 'functions',
    value: 'FILE',
    summary: 'functions that scripts may call (default seatrial.functions.yaml, else built in)',
  },
  {
    name: 'compat',
    value: 'CHECKER',
    choices: ['reference'],
    summary: 'judge workflows as that checker does, to carry old baselines over',
  },
  { name: 'verify', summary: 'a workflow whose signature is missing or wrong is a finding' },
  { name: 'keys', value: 'FILE', summary: 'trusted keys (default seatrial.keys.yaml)' },
  {
    name: 'alone',
    value: 'KIND:PATH',
    multiple: true,
    summary: 'what failed, run again on its own: what passes there is listed as flaky, not counted',
  },
];

export const suppressionOptions: readonly Option[] = [
  {
    name: 'suppressions',
    value: 'FILE',
    summary: 'findings set aside (default seatrial.suppressions.yaml)',
  },
  {
    name: 'suppression-list',
    value: 'FILE',
    summary: 'the older list form (default .aetherra/workflow_suppressions.txt)',
  },
  {
    name: 'require-owner',
    summary: 'entries of the list form, which have no owner, count no more',
  },
];

export const fromOption: Option = {
  name: 'from',
  value: 'FILE',
  summary: 'a classification, used when there is no --input (default workflow_failures.json)',
};

export const historyOption: Option = {
  name: 'history-dir',
  value: 'DIR',
  summary: 'folder of snapshots (default .aetherra/workflow_history)',
};

export const defaults = {
  classification: 'workflow_failures.json',
  markdown: 'workflow_failures.md',
  baseline: 'parse_baseline.json',
  history: '.aetherra/workflow_history',
  suppressions: 'seatrial.suppressions.yaml',
  list: '.aetherra/workflow_suppressions.txt',
} as const;

/** Values of an option that may be given more than once. */
export function many(values: Values, name: string): readonly string[] {
  const value = values[name];
  if (value === undefined || typeof value === 'boolean') return [];
  return typeof value === 'string' ? [value] : value;
}

/** A number from 0; a whole one unless `fraction`. */
export function amount(
  values: Values,
  name: string,
  fallback: number,
  kind: 'whole' | 'fraction' = 'whole',
): number {
  const value = text(values, name);
  if (value === undefined) return fallback;
  const pattern = kind === 'whole' ? /^\d{1,12}$/ : /^(?:\d{1,12})?(?:\.\d{1,12})?$/;
  if (value === '' || !pattern.test(value) || value === '.')
    throw new UsageError(
      `--${name} takes a ${kind === 'whole' ? 'whole ' : ''}number from 0, not ${JSON.stringify(value)}`,
    );
  return Number(value);
}

export type Moment = {
  /** RFC 3339, UTC; SOURCE_DATE_EPOCH wins over the clock. */
  readonly timestamp: string;
  /** YYYY-MM-DD. */
  readonly today: string;
};

export function moment(terminal: Pick<Terminal, 'env'>): Moment {
  const now = timestamp(terminal);
  return { timestamp: now, today: now.slice(0, 10) };
}

export const fileAt = (path: string, { cwd }: Pick<Terminal, 'cwd'>): string => resolve(cwd, path);
