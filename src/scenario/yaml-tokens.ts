// The cheap half of reading YAML: everything that can be refused without building values is refused
// here, since a composer's time and stack are at the mercy of depth and number of elements.

import { Lexer, Parser, type CST } from 'yaml';
import type { Diagnostic, Span } from '../diagnostics/diagnostic.ts';

export const depthMax = 32;
/** Lexical tokens of one file; a long scenario has a few thousand. */
export const tokensMax = 50_000;

export type Tokens = {
  /** Undefined when the text was refused before it was a tree. */
  readonly tokens?: readonly CST.Token[];
  readonly problems: readonly Diagnostic[];
};

/** Tokens of a text that YAML permits; problems have code SC001. Linear in the text. */
export function readTokens(text: string, sizeMax: number): Tokens {
  const refusal = refuseText(text, sizeMax);
  if (refusal !== undefined) return { problems: [refusal] };
  const tokens = parseTokens(text);
  if (tokens === undefined) {
    const message = `The file has more than ${String(tokensMax)} elements.`;
    return {
      problems: [broken({ start: 0, end: 0 }, message, 'Split it or remove data from it.')],
    };
  }
  const problems = refuseStructure(tokens);
  return problems.length === 0 ? { tokens, problems } : { problems };
}

export function broken(span: Span, message: string, hint: string): Diagnostic {
  return { code: 'SC001', severity: 'error', message, span, hint };
}

// Raw control characters are not only forbidden: the lexer uses some of them as marks of its own.
const forbiddenCharacter =
  /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u0084\u0086-\u009F\uFFFE\uFFFF\p{Surrogate}]|\r(?!\n)/u;

function refuseText(text: string, sizeMax: number): Diagnostic | undefined {
  // A UTF-16 unit is at least one byte of UTF-8, so most large inputs are refused unmeasured.
  if (text.length > sizeMax || new TextEncoder().encode(text).length > sizeMax)
    return broken(
      { start: 0, end: 0 },
      `The file is larger than ${String(sizeMax / 1024)} KiB.`,
      'Move large values into files beside it.',
    );
  const at = text.search(forbiddenCharacter);
  if (at === -1) return undefined;
  const code = text.charCodeAt(at);
  return broken(
    { start: at, end: at + 1 },
    code === 13
      ? 'A carriage return stands alone.'
      : `The character U+${code.toString(16).toUpperCase().padStart(4, '0')} is not allowed.`,
    code === 13 ? 'End lines with LF or CRLF.' : 'Write it as an escape in double quotes.',
  );
}

function parseTokens(text: string): readonly CST.Token[] | undefined {
  const parser = new Parser();
  const tokens: CST.Token[] = [];
  let count = 0;
  for (const lexeme of new Lexer().lex(text)) {
    count += 1;
    if (count > tokensMax) return undefined;
    for (const token of parser.next(lexeme)) tokens.push(token);
  }
  for (const token of parser.end()) tokens.push(token);
  return tokens;
}

const refusedTypes: Readonly<Record<string, { readonly message: string; readonly hint: string }>> =
  {
    anchor: { message: 'Anchors are not allowed.', hint: 'Write the value out where it is used.' },
    alias: { message: 'Aliases are not allowed.', hint: 'Write the value out where it is used.' },
    tag: {
      message: 'Tags are not allowed.',
      hint: 'Remove the tag; quote a value to make it text.',
    },
    directive: { message: 'Directives are not allowed.', hint: 'Remove the line.' },
  };

/** A walk with a stack of its own: the tree may be as deep as the file is long. */
function refuseStructure(tokens: readonly CST.Token[]): readonly Diagnostic[] {
  const problems: Diagnostic[] = [];
  const documents = tokens.filter(({ type }) => type === 'document');
  const second = documents[1];
  if (second !== undefined)
    problems.push(
      broken(spanOf(second), 'The file has more than one document.', 'Keep one per file.'),
    );
  const pending = tokens.map((token) => ({ token, depth: 0 })).reverse();
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { token } = next;
    const depth = next.depth + (isCollection(token) ? 1 : 0);
    if (depth > depthMax) {
      const message = `The file is nested deeper than ${String(depthMax)} levels.`;
      return [...problems, broken(spanOf(token), message, 'Flatten it.')];
    }
    const refused = refusedTypes[token.type];
    if (refused !== undefined) problems.push(broken(spanOf(token), refused.message, refused.hint));
    for (const child of childrenOf(token).reverse()) pending.push({ token: child, depth });
  }
  return problems;
}

function isCollection({ type }: CST.Token): boolean {
  return type === 'block-map' || type === 'block-seq' || type === 'flow-collection';
}

function spanOf(token: CST.Token): Span {
  const length = 'source' in token && !isCollection(token) ? token.source.length : 1;
  return { start: token.offset, end: token.offset + length };
}

function childrenOf(token: CST.Token): CST.Token[] {
  const children: CST.Token[] = [];
  if (token.type === 'document') children.push(...token.start);
  if (token.type === 'document' && token.value !== undefined) children.push(token.value);
  if (token.type === 'block-scalar') children.push(...token.props);
  if (!('items' in token)) return children;
  for (const item of token.items as readonly CST.CollectionItem[]) {
    children.push(...item.start);
    if (item.key) children.push(item.key);
    children.push(...(item.sep ?? []));
    if (item.value !== undefined) children.push(item.value);
  }
  return children;
}
