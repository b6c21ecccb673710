// Options that several aether commands share. Only tables: help and completion load them all.

import { dialectIds } from '../aether/dialect.ts';
import { bytesMax, diagnosticsMax } from '../aether/limits.ts';
import type { Option } from './command.ts';

export const extOption: Option = {
  name: 'ext',
  value: 'LIST',
  summary: 'endings looked for in folders, separated by commas (default aether)',
};

export const dialectOption: Option = {
  name: 'dialect',
  value: 'ID',
  choices: dialectIds,
  summary: 'read every file as this dialect instead of telling it from its lines',
};

export const functionsOption: Option = {
  name: 'functions',
  value: 'FILE',
  summary: 'functions that scripts may call (default seatrial.functions.yaml, else built in)',
};

/** Flags and shapes of the source document. */
export const statusOptions: readonly Option[] = [
  { name: 'emit-error-code', summary: 'print AETHER_ERROR_CODE:<n> to standard error per file' },
  { name: 'json-status', summary: 'print one JSON status line per file, and nothing else' },
];

export const exitStyleOption: Option = {
  name: 'exit-style',
  value: 'STYLE',
  choices: ['exact', 'generic'],
  summary: 'generic: every failure is exit code 1',
};

export const stdinNameOption: Option = {
  name: 'stdin-name',
  value: 'NAME',
  summary: 'what standard input, -, is called in answers',
};

export const jobsOption: Option = {
  name: 'jobs',
  value: 'N',
  summary: 'processor cores to use (default all); the output is the same for any number',
};

export const judgeOptions: readonly Option[] = [
  ...statusOptions,
  extOption,
  stdinNameOption,
  dialectOption,
  functionsOption,
  { name: 'deny-warnings', summary: 'a file with warnings fails with 25' },
  { name: 'max-bytes', value: 'N', summary: `largest file (default ${String(bytesMax)})` },
  {
    name: 'max-diagnostics',
    value: 'N',
    summary: `diagnostics shown per file (default ${String(diagnosticsMax)})`,
  },
  exitStyleOption,
];

export const riskOptions: readonly Option[] = [
  { name: 'risk-threshold', value: 'N', summary: 'a file with more points fails (default 5)' },
  { name: 'fail-on-any-risk', summary: 'any finding fails' },
  { name: 'include-comments', summary: 'look into comments too' },
  { name: 'allow-host', value: 'HOST', multiple: true, summary: 'a host that URLs may name' },
  { name: 'exclude', value: 'GLOB', multiple: true, summary: 'files to leave out' },
  { name: 'max-findings-per-file', value: 'N', summary: 'findings shown per file (default 50)' },
];
