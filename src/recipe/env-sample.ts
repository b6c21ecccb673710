// `.env.sample` as the tools that read it do: commented keys are off, unquoted values end at ` #`, single
// quotes are literal, elsewhere `$X` becomes what an earlier line gave it. It is data: nothing of it is
// run, and nothing of it reaches the harness's own environment.

import type { Source } from '../diagnostics/source.ts';
import { problemAt, type RecipeProblem } from './problem.ts';
import type { Place } from './tree.ts';

export type EnvEntry = Place & {
  readonly value: string;
  /** What stands behind `#` on the same line: how a secret is made. */
  readonly comment: string;
};

export type EnvSample = {
  readonly entries: ReadonlyMap<string, EnvEntry>;
  /** Keys that are there, switched off by a `#`. */
  readonly off: ReadonlySet<string>;
  readonly problems: readonly RecipeProblem[];
};

export const noSample: EnvSample = { entries: new Map(), off: new Set(), problems: [] };

const assignment = /^(?:export\s+)?([A-Za-z_][A-Za-z0-9_.-]*)\s*(?:=|:(?=\s|$))[ \t]*(.*)$/s;
const switchedOff = /^#+\s?(?:export\s+)?([A-Z_][A-Z0-9_]*)=/;

/** `given`: values that the instance has, which expansions see before those of earlier lines. */
export function readEnvSample(
  source: Source,
  given: ReadonlyMap<string, string> = new Map(),
): EnvSample {
  const entries = new Map<string, EnvEntry>();
  const off = new Set<string>();
  const problems: RecipeProblem[] = [];
  const lookUp = (name: string): string => given.get(name) ?? entries.get(name)?.value ?? '';
  for (const line of linesOf(source)) {
    const trimmed = line.text.trim();
    const disabled = switchedOff.exec(trimmed)?.[1];
    if (disabled !== undefined) off.add(disabled);
    if (trimmed === '' || trimmed.startsWith('#')) continue;
    const span = { start: line.start, end: line.start + line.text.trimEnd().length };
    const read = readAssignment(trimmed, lookUp);
    if (read === undefined)
      problems.push(
        problemAt({ source, span }, 'RCP009', 'The line assigns nothing.', {
          hint: 'Write NAME=value, or begin it with `#`.',
        }),
      );
    else entries.set(read.name, { source, span, value: read.value, comment: read.comment });
  }
  return { entries, off, problems };
}

type Line = { readonly text: string; readonly start: number };

/** Lines; a value in double quotes may go on over several. */
function* linesOf({ text }: Source): Generator<Line> {
  let start = 0;
  while (start < text.length) {
    let end = lineEnd(text, start);
    const open = /^[^#'"]*="(?:[^"\\]|\\.)*$/.test(text.slice(start, end));
    const close = open ? text.indexOf('"', end) : -1;
    if (close !== -1 && close - start < 8192) end = lineEnd(text, close);
    yield { text: text.slice(start, end).replace(/\r$/, ''), start };
    start = end + 1;
  }
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end === -1 ? text.length : end;
}

function readAssignment(
  line: string,
  lookUp: (name: string) => string,
): (Value & { readonly name: string }) | undefined {
  const [, name, written = ''] = assignment.exec(line) ?? [];
  const value = name === undefined ? undefined : readValue(written, lookUp);
  return name === undefined || value === undefined ? undefined : { name, ...value };
}

type Value = Pick<EnvEntry, 'value' | 'comment'>;

function readValue(written: string, lookUp: (name: string) => string): Value | undefined {
  if (written.startsWith("'")) {
    const end = written.indexOf("'", 1);
    return end === -1
      ? undefined
      : { value: written.slice(1, end), comment: commentOf(written.slice(end + 1)) };
  }
  if (written.startsWith('"')) {
    const match = /^"((?:[^"\\]|\\[^])*)"(.*)$/s.exec(written);
    if (match === null) return undefined;
    const value = expand(unescape(match[1] ?? ''), lookUp);
    return { value, comment: commentOf(match[2] ?? '') };
  }
  // A `#` without a space before it belongs to the value.
  const at = written.startsWith('#') ? 0 : written.search(/\s#/);
  const bare = at === -1 ? written : written.slice(0, at);
  return {
    value: expand(bare.trimEnd(), lookUp),
    comment: at === -1 ? '' : commentOf(written.slice(at)),
  };
}

const commentOf = (rest: string): string => rest.trim().replace(/^#+/, '').trim();

const unescape = (text: string): string =>
  text.replace(/\\([^$])/g, (_, character: string) =>
    character === 'n' ? '\n' : character === 'r' ? '\r' : character,
  );

/**
 * Names are capitals, digits and `_` here, as the library knows them that these files are read with: `$price`
 * and `${dir}` stay what they are, and so does a dollar alone.
 */
const expand = (text: string, lookUp: (name: string) => string): string =>
  text.replace(
    /(\\)?\$\(?\{?([A-Z0-9_]+)?\}?/g,
    (whole: string, escaped?: string, name?: string) => {
      if (escaped !== undefined) return whole.slice(1);
      return name === undefined ? whole : lookUp(name);
    },
  );
