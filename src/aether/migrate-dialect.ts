// Dialects `indent` and `arrow` into the published language, where every line has an exact
// counterpart; one line without one refuses the file.

import type { CheckedText } from './check-text.ts';
import { gatherLines, type Line } from './layout.ts';
import { scan } from './lex.ts';
import type { Token } from './token-list.ts';
import type { MigrateRefusal } from './transform.ts';
import type { Edit } from './problem.ts';

type Named = Edit & { readonly transform: 'indent-to-c' | 'arrow-to-c' };
export type Converted = { readonly edits: readonly Named[] } | { readonly refusal: MigrateRefusal };

export function convertDialect({ source, decision }: CheckedText): Converted {
  const { dialect } = decision;
  if (dialect === 'brace') return refuse('dialect brace has no counterpart', 0);
  if (dialect !== 'indent' && dialect !== 'arrow') return { edits: [] };
  const edits: Named[] = [];
  for (const place of placesOf(source.text)) {
    const parts = converters[dialect](place);
    const at = place.line.tokens[0]?.start ?? 0;
    if (parts === undefined) return refuse('this line has no exact counterpart', at);
    for (const part of parts) edits.push({ ...part, transform: `${dialect}-to-c` });
  }
  return { edits };
}

function placesOf(text: string): Place[] {
  const lines = gatherLines(scan(text));
  return lines.map((line, index) => {
    return { line, text, isOverDeeper: (lines[index + 1]?.indent ?? 0) > line.indent };
  });
}

function refuse(message: string, at: number): Converted {
  return { refusal: { code: 'E_MIGRATE_FORM', message, at } };
}

type Place = { readonly line: Line; readonly isOverDeeper: boolean; readonly text: string };
type Converter = (place: Place) => Edit[] | undefined;

const converters: Readonly<Record<'indent' | 'arrow', Converter>> = {
  indent: convertIndent,
  arrow: convertArrow,
};

/** Words and operators as they are, names as `n`, strings as `s`: what a line looks like. */
function shapeOf(tokens: readonly Token[], words: ReadonlySet<string>): string {
  return tokens
    .map(({ kind, value }) => {
      if (kind === 'string') return 's';
      return kind === 'name' && !words.has(value) ? 'n' : value;
    })
    .join(' ');
}

const headWords = new Set(
  'meta policy require plugin_contract on_error workflow parallel transaction steps if elif else for'.split(
    ' ',
  ),
);
const sayings = new Set(['goal', 'narrate', 'remember', 'as']);
const refused = new Set(['while', 'begin', 'commit', 'rollback', 'function']);

function convertIndent({ line, isOverDeeper, text }: Place): Edit[] | undefined {
  const { tokens } = line;
  const word = tokens[0]?.value.toLowerCase() ?? '';
  if (refused.has(word) || line.trouble !== undefined) return undefined;
  if (headWords.has(word)) return isOverDeeper ? convertHead(tokens) : undefined;
  const shape = shapeOf(tokens, sayings);
  const saying = sayingConverters.get(shape);
  if (saying !== undefined) return saying(tokens);
  if (/^(?:goal|narrate|remember) s/.test(shape)) return undefined;
  return shape.startsWith('n = ') ? convertEquals(tokens, text) : [];
}

function convertHead(tokens: readonly Token[]): Edit[] {
  const [first] = tokens;
  const last = tokens.at(-1);
  if (first === undefined || last === undefined) return [];
  const lower = first.value.toLowerCase();
  const colon = insert(last.end, ':');
  return lower === first.value ? [colon] : [replace(first, lower), colon];
}

type Rewrite = (tokens: readonly Token[]) => Edit[];

const sayingConverters: ReadonlyMap<string, Rewrite> = new Map<string, Rewrite>([
  ['goal s', ([first, text]) => between(first, text, ': ')],
  ['narrate s', ([first, text]) => [...between(first, text, '('), ...behind(text, ')')]],
  ['remember s', ([first, text]) => [...from(first, text, 'store('), ...behind(text, ')')]],
  [
    'remember s as s',
    ([first, text, , tag]) => [
      ...from(first, text, 'store('),
      ...between(text, tag, ', tag='),
      ...behind(tag, ')'),
    ],
  ],
]);

/** `name = expr` → `name: expr`. */
function convertEquals([name, equals]: readonly Token[], text: string): Edit[] {
  if (name === undefined || equals === undefined) return [];
  const space = /^\s/.test(text.slice(equals.end)) ? '' : ' ';
  return [{ start: name.end, end: equals.end, text: `:${space}` }];
}

const storeWord = new Set(['store']);

/** `$name = expr`, `call(…) → $name` and `store $name`; a `$` inside falls away. */
function convertArrow({ line: { tokens }, text }: Place): Edit[] | undefined {
  if (tokens.some(({ kind, value }) => kind === 'bad' && value !== '$' && value !== '→'))
    return undefined;
  const shape = shapeOf(tokens, storeWord);
  const [first, second, third] = tokens;
  if (shape.startsWith('$ n = '))
    return [
      ...from(first, second, ''),
      ...convertEquals(tokens.slice(1), text),
      ...dropDollars(tokens.slice(3)),
    ];
  if (shape === 'store $ n') return [...between(first, third, '('), ...behind(third, ')')];
  const result = /^(?:n|store) \(.*\) → \$ n$/.test(shape);
  if (result) return convertResult(tokens);
  return /^(?:n|store) \([^→]*\)$/.test(shape) ? dropDollars(tokens) : undefined;
}

function dropDollars(tokens: readonly Token[]): Edit[] {
  return tokens
    .filter(({ value, kind }) => value === '$' && kind === 'bad')
    .map((token) => replace(token, ''));
}

/** `call(…) → $name` → `name: call(…)`. */
function convertResult(tokens: readonly Token[]): Edit[] {
  const [first] = tokens;
  const name = tokens.at(-1);
  const closer = tokens.at(-4);
  if (first === undefined || name === undefined || closer === undefined) return [];
  return [
    insert(first.start, `${name.value}: `),
    ...dropDollars(tokens.slice(0, -3)),
    { start: closer.end, end: name.end, text: '' },
  ];
}

function between(left: Token | undefined, right: Token | undefined, text: string): Edit[] {
  return left === undefined || right === undefined
    ? []
    : [{ start: left.end, end: right.start, text }];
}

/** From the start of one token to the start of another. */
function from(left: Token | undefined, right: Token | undefined, text: string): Edit[] {
  return left === undefined || right === undefined
    ? []
    : [{ start: left.start, end: right.start, text }];
}

function behind(token: Token | undefined, text: string): Edit[] {
  return token === undefined ? [] : [insert(token.end, text)];
}

function insert(at: number, text: string): Edit {
  return { start: at, end: at, text };
}

function replace({ start, end }: Token, text: string): Edit {
  return { start, end, text };
}
