// Finds the checks of a TypeScript or JavaScript module by its exports, without running it.

import type { Diagnostic, Span } from '../diagnostics/diagnostic.ts';
import type { Boundary, Stage } from '../evidence/record.ts';
import { stripTypes } from './strip-types.ts';

export type FoundCheck = {
  readonly name: string;
  readonly span: Span;
  readonly stage?: Stage;
};

/** What a file says about its checks, and where it does not make sense. */
export type FoundChecks = {
  readonly checks: readonly FoundCheck[];
  readonly title?: string;
  readonly boundary?: Boundary;
  readonly timeoutMs?: number;
  readonly diagnostics: readonly Diagnostic[];
};

export const stages: readonly Stage[] = ['base', 'head', 'restored'];
const boundaries: readonly Boundary[] = [
  'host-cli',
  'http',
  'gateway',
  'sandbox',
  'agent',
  'provider',
  'state',
  'driver',
];
const timeoutMsMax = 7_200_000;

type Declared = {
  readonly stage?: Stage;
  readonly title?: string;
  readonly boundary?: Boundary;
  readonly timeoutMs?: number;
};
type Export = { readonly name: string; readonly span: Span };

export async function readModule(path: string, text: string): Promise<FoundChecks> {
  const javascript = await toJavaScript(path, text);
  if (typeof javascript !== 'string') return { checks: [], diagnostics: [javascript] };
  const diagnostics: Diagnostic[] = [];
  const checks: FoundCheck[] = [];
  let declared: Declared = {};
  for (const found of await listExports(javascript, diagnostics)) {
    const rule = reserved.get(found.name);
    if (rule !== undefined) {
      const value = readReserved(javascript, found, rule);
      if ('code' in value) diagnostics.push(value);
      else declared = { ...declared, ...value };
    } else if (found.name === 'default')
      diagnostics.push(
        problem('OV007', 'a default export has no name to make an id of', found.span, {
          hint: 'write `export const notesKept = …`',
        }),
      );
    else checks.push(found);
  }
  const { stage, ...rest } = declared;
  return {
    checks: stage === undefined ? checks : checks.map((check) => ({ ...check, stage })),
    ...rest,
    diagnostics,
  };
}

/** The lexer reads JavaScript; types are blanked so that its offsets hold for the file. */
async function toJavaScript(path: string, text: string): Promise<string | Diagnostic> {
  if (!path.endsWith('.ts')) return text;
  const stripped = await stripTypes(text, path);
  if ('code' in stripped) return stripped.code;
  const { message, line, column } = stripped.problem;
  const at = offsetOf(text, line, column);
  return problem('OV006', message, { start: at, end: at });
}

function offsetOf(text: string, line: number, column: number): number {
  let start = 0;
  for (let at = 1; at < line; at++) {
    const end = text.indexOf('\n', start);
    if (end === -1) break;
    start = end + 1;
  }
  return Math.min(text.length, start + column - 1);
}

async function listExports(
  javascript: string,
  diagnostics: Diagnostic[],
): Promise<readonly Export[]> {
  const { parse } = await import('es-module-lexer/js');
  try {
    const exports: Export[] = [];
    for (const found of parse(javascript)[1]) {
      const span = { start: found.start, end: found.end };
      if (found.type === 'reexport-all')
        diagnostics.push(
          problem('OV007', 'checks behind `export *` cannot be counted without running it', span, {
            hint: 'name each check: export { notesKept } from …',
          }),
        );
      else exports.push({ name: found.name, span });
    }
    return exports;
  } catch (error) {
    const at = Math.min(javascript.length, (error as { idx?: number }).idx ?? 0);
    diagnostics.push(problem('OV006', 'this is not a module', { start: at, end: at }));
    return [];
  }
}

type Literal = string | number | undefined;
type Reserved = {
  readonly expected: string;
  readonly example: string;
  readonly read: (value: Literal) => Declared | undefined;
};

/** Exports that describe the file. Their values are read as text, never run. */
const reserved: ReadonlyMap<string, Reserved> = new Map<string, Reserved>([
  [
    'stage',
    {
      expected: `one of ${stages.join(', ')}`,
      example: "'head'",
      read: (value) => {
        const stage = stages.find((each) => each === value);
        return stage && { stage };
      },
    },
  ],
  [
    'boundary',
    {
      expected: `one of ${boundaries.join(', ')}`,
      example: "'http'",
      read: (value) => {
        const boundary = boundaries.find((each) => each === value);
        return boundary && { boundary };
      },
    },
  ],
  [
    'title',
    {
      expected: 'a text',
      example: "'notes are kept'",
      read: (value) =>
        typeof value === 'string' && value.trim() !== '' ? { title: value } : undefined,
    },
  ],
  [
    'timeoutMs',
    {
      expected: 'a number of milliseconds up to two hours',
      example: '30_000',
      read: (value) =>
        typeof value === 'number' && value >= 1 && value <= timeoutMsMax
          ? { timeoutMs: value }
          : undefined,
    },
  ],
]);

function readReserved(
  javascript: string,
  { name, span }: Export,
  { expected, example, read }: Reserved,
): Declared | Diagnostic {
  return (
    read(literalAt(javascript, span.end)) ??
    problem('OV008', `\`${name}\` must be ${expected}, written out`, span, {
      hint: `such as: export const ${name} = ${example};`,
    })
  );
}

const literal = /^\s*=\s*(?:'([^'\\\n]*)'|"([^"\\\n]*)"|`([^`\\$]*)`|(\d[\d_]*))\s*(?:[;,\n]|$)/;

function literalAt(javascript: string, offset: number): Literal {
  const found = literal.exec(javascript.slice(offset, offset + 1000));
  if (found === null) return undefined;
  return found[4] === undefined
    ? (found[1] ?? found[2] ?? found[3])
    : Number(found[4].replaceAll('_', ''));
}

export const problem = (
  code: string,
  message: string,
  span: Span,
  more: { readonly hint?: string } = {},
): Diagnostic => ({ code, severity: 'error', message, span, ...more });
