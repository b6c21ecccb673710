// What a registry says about a value, as diagnostics at the smallest span and in one voice. Values are
// never quoted: a message about a misplaced secret must not repeat it.

import type * as z from 'zod';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { nearest } from '../diagnostics/nearest.ts';
import type { Json } from '../ports/json.ts';
import { list } from './schema-parts.ts';
import type { Path, YamlDocument } from './yaml-document.ts';

type Issue = z.core.$ZodIssue;

export type Voice = {
  /** Code for a required key that is missing. */
  readonly missing: string;
  /** Keys known at a path, for hints. */
  readonly knownKeys: (path: Path) => readonly string[];
  /** What the registry says about the key at a path, for hints. */
  readonly meaning: (path: Path) => string | undefined;
  /** Lets a kind of file answer an unknown key in its own way. */
  readonly unknownKey?: (path: Path, key: string) => Pick<Diagnostic, 'code' | 'message' | 'hint'>;
};

export function schemaProblems(
  document: YamlDocument,
  issues: readonly Issue[],
  voice: Voice,
): readonly Diagnostic[] {
  return issues.flatMap((issue) => issueProblems(document, issue, voice));
}

/** The value at a path; undefined when there is none. */
export function valueAt(value: Json, path: Path): Json | undefined {
  return path.reduce<Json | undefined>((at, step) => {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, step)) return undefined;
    return (at as Readonly<Record<string | number, Json>>)[step];
  }, value);
}

function issueProblems(document: YamlDocument, issue: Issue, voice: Voice): readonly Diagnostic[] {
  const path = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step));
  const value = valueAt(document.value, path);
  if (issue.code === 'unrecognized_keys') return unknownKeys(document, path, issue.keys, voice);
  if (issue.code === 'invalid_key') return [wrongKey(document, path, issue)];
  if (issue.code === 'invalid_union' && value !== undefined)
    return unionProblems(document, issue, path, voice);
  const said = /^([A-Z]{2}\d{3}) (.*)$/s.exec(issue.message);
  if (said !== null) {
    const [, code = '', message = ''] = said;
    return [problem(document, path, { code, message, ...choiceHint(issue, value) }, voice)];
  }
  if (value === undefined) return [missing(document, path, voice)];
  const { message, hint } = wrongValue(issue, value);
  return [
    problem(
      document,
      path,
      { code: 'SC003', message, ...(hint === undefined ? {} : { hint }) },
      voice,
    ),
  ];
}

function unknownKeys(
  document: YamlDocument,
  path: Path,
  keys: readonly string[],
  voice: Voice,
): readonly Diagnostic[] {
  const say = voice.unknownKey ?? unknownKeyIn(voice);
  return keys.map((key) => ({
    severity: 'error',
    span: document.keySpanOf([...path, key]),
    ...say(path, key),
  }));
}

function wrongKey(
  document: YamlDocument,
  path: Path,
  { issues }: z.core.$ZodIssueInvalidKey,
): Diagnostic {
  const message = issues[0]?.message ?? 'The name is not allowed.';
  const span = document.keySpanOf(path);
  return { code: 'SC003', severity: 'error', span, message, hint: 'Rename the key.' };
}

function missing(document: YamlDocument, path: Path, voice: Voice): Diagnostic {
  const key = path.at(-1);
  const what = typeof key === 'number' ? `Item ${String(key + 1)}` : `\`${String(key)}\``;
  const message = `${what} is required.`;
  return problem(
    document,
    path,
    { code: voice.missing, message, hint: addHint(path, voice) },
    voice,
  );
}

export function unknownKeyIn(voice: Pick<Voice, 'knownKeys'>) {
  return (path: Path, key: string): { code: string; message: string; hint: string } => {
    const known = voice.knownKeys(path);
    const meant = nearest(key, known);
    return {
      code: 'SC002',
      message: `The key \`${shortened(key)}\` is unknown.`,
      hint: meant === undefined ? `Known keys: ${list(known)}.` : `Did you mean \`${meant}\`?`,
    };
  };
}

/** A key as long as the file would bury what is said about it. */
function shortened(key: string): string {
  return key.length <= 60 ? key : `${key.slice(0, 60)}…`;
}

type Said = { readonly code: string; readonly message: string; readonly hint?: string };

function problem(document: YamlDocument, path: Path, said: Said, voice: Voice): Diagnostic {
  const hint = said.hint ?? hintFor(said.code, path, voice);
  return { ...said, severity: 'error', span: document.spanOf(path), hint };
}

function hintFor(code: string, path: Path, voice: Voice): string {
  if (code === 'MF011') return 'Say in a sentence why.';
  return code === 'MF010' ? addHint(path, voice) : meaningHint(path, voice);
}

function addHint(path: Path, { meaning }: Voice): string {
  const said = meaning(path);
  return said === undefined ? 'Add it.' : `Add it: ${said}.`;
}

function meaningHint(path: Path, { meaning }: Voice): string {
  const said = meaning(path);
  return said === undefined ? 'Correct the value.' : `It says: ${said}.`;
}

/** The branch that the writer most likely meant speaks: the one that takes this kind of value. */
function unionProblems(
  document: YamlDocument,
  issue: z.core.$ZodIssueInvalidUnion,
  path: Path,
  voice: Voice,
): readonly Diagnostic[] {
  const branches = issue.errors.filter((errors) => errors.every((each) => !isWrongKind(each)));
  const meant = branches.length === 1 ? branches[0] : undefined;
  if (meant !== undefined)
    return meant.flatMap((each) =>
      issueProblems(document, { ...each, path: [...path, ...each.path] }, voice),
    );
  const wanted = [...new Set(issue.errors.flatMap((errors) => errors.map(wantedBy)))].join(' or ');
  const found = kindOf(valueAt(document.value, path));
  const said = { code: 'SC003', message: `Expected ${wanted}; found ${found}.` };
  return [problem(document, path, { ...said, ...quoteHint(found) }, voice)];
}

function isWrongKind(issue: Issue): boolean {
  const atTop = issue.path.length === 0;
  return atTop && (issue.code === 'invalid_type' || issue.code === 'invalid_value');
}

function wantedBy(issue: Issue): string {
  if (issue.code === 'invalid_value')
    return issue.values.map((each) => `\`${String(each)}\``).join(' or ');
  return issue.code === 'invalid_type' ? wordFor(issue.expected) : 'another value';
}

type Wrong = Omit<Said, 'code'>;

function wrongValue(issue: Issue, value: Json): Wrong {
  if (issue.code === 'invalid_type') return wrongType(issue.expected, kindOf(value));
  if (issue.code === 'invalid_value') return wrongChoice(issue.values.map(String), value);
  if (issue.code === 'too_small' || issue.code === 'too_big') return { message: outOfRange(issue) };
  const own = issue.code === 'custom' || issue.code === 'invalid_format';
  return { message: own ? issue.message : 'The value is not allowed here.' };
}

function wrongType(expected: string, found: string): Wrong {
  const message = `Expected ${wordFor(expected)}; found ${found}.`;
  return expected === 'string' ? { message, ...quoteHint(found) } : { message };
}

function wrongChoice(values: readonly string[], value: Json): Wrong {
  const choices = list(values);
  const message = values.length === 1 ? `Expected ${choices}.` : `Expected one of ${choices}.`;
  const meant = typeof value === 'string' ? nearest(value, values) : undefined;
  if (meant === undefined) return { message, hint: `Write ${choices}.` };
  // It reads the same, so it is text where the choice is a number or a switch.
  const quoted = meant === value;
  return {
    message,
    hint: quoted ? `Write \`${meant}\` without quotes.` : `Did you mean \`${meant}\`?`,
  };
}

function choiceHint(issue: Issue, value: Json | undefined): Pick<Said, 'hint'> {
  if (issue.code !== 'invalid_value' || value === undefined) return {};
  const { hint } = wrongChoice(issue.values.map(String), value);
  return hint === undefined ? {} : { hint };
}

function outOfRange(issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig): string {
  const small = issue.code === 'too_small';
  const bound = String(small ? issue.minimum : issue.maximum);
  const units: Readonly<Record<string, string>> = { string: ' characters', array: ' items' };
  const unit = units[issue.origin] ?? '';
  return `Expected at ${small ? 'least' : 'most'} ${bound}${unit}.`;
}

function quoteHint(found: string): { readonly hint?: string } {
  const scalar = found === 'a number' || found === 'true or false';
  return scalar ? { hint: 'Put it in quotes to make it text.' } : {};
}

const words: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: '`true` or `false`',
  object: 'a mapping',
  record: 'a mapping',
  array: 'a list',
  tuple: 'a list',
};

function wordFor(expected: string): string {
  return words[expected] ?? 'another value';
}

function kindOf(value: Json | undefined): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  return (
    { string: 'text', number: 'a number', boolean: 'true or false' }[typeof value as string] ??
    'a mapping'
  );
}
