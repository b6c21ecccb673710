// The grammar of the extension, read by the engine that the editor uses.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { beforeAll, describe, expect, test } from 'vitest';
import { createOnigScanner, createOnigString, loadWASM } from 'vscode-oniguruma';
import {
  INITIAL,
  parseRawGrammar,
  Registry,
  type IGrammar,
  type StateStack,
} from 'vscode-textmate';
import { keywords } from '../../src/aether/lex.ts';
import { ruleCodes, rules } from '../../src/aether/rules.ts';
import { publishedExample } from '../aether/published-example.ts';

const path = 'editors/vscode/syntaxes/aether.tmLanguage.json';
let grammar: IGrammar;

beforeAll(async () => {
  const wasm = createRequire(import.meta.url).resolve('vscode-oniguruma/release/onig.wasm');
  await loadWASM(readFileSync(wasm));
  const registry = new Registry({
    onigLib: Promise.resolve({ createOnigScanner, createOnigString }),
    loadGrammar: () => Promise.resolve(parseRawGrammar(readFileSync(path, 'utf8'), path)),
  });
  const loaded = await registry.loadGrammar('source.aether');
  if (loaded === null) throw new Error('no grammar');
  grammar = loaded;
});

type Scoped = { readonly text: string; readonly scope: string };

function tokensOf(text: string): Scoped[] {
  let state: StateStack = INITIAL;
  return text.split('\n').flatMap((line) => {
    const { tokens, ruleStack } = grammar.tokenizeLine(line, state);
    state = ruleStack;
    return tokens.map(({ startIndex, endIndex, scopes }) => ({
      text: line.slice(startIndex, endIndex),
      scope: (scopes.at(-1) ?? '').replace(/\.aether$/, ''),
    }));
  });
}

function scopeOf(text: string, word: string): string | undefined {
  return tokensOf(text).find((each) => each.text.trim() === word)?.scope;
}

const scopes: readonly (readonly [text: string, word: string, scope: string])[] = [
  ['goal: "x"', 'goal', 'keyword.control.block'],
  ['  on_error:', 'on_error', 'keyword.control.block'],
  ['  - when: Timeout', 'when', 'keyword.control.rule'],
  ['  - when: Timeout', 'Timeout', 'entity.name.type.error'],
  ['    do: escalate_to("Ops")', 'do', 'keyword.control.rule'],
  ['    do: escalate_to("Ops")', 'escalate_to', 'entity.name.function.call'],
  ['await sys, usr', 'await', 'keyword.control.await'],
  ['for x in range(3):', 'x', 'variable.other.assignment'],
  ['if not a and b:', 'not', 'keyword.operator.logical'],
  ['elif a:', 'elif', 'keyword.control.conditional'],
  ['x: List[Anomaly] = f(1)', 'List', 'support.type'],
  ['x: List[Anomaly] = f(1)', 'x', 'variable.other.assignment'],
  ['größe: 1', 'größe', 'variable.other.assignment'],
  ['x: 50_000', '50_000', 'constant.numeric'],
  ['x: 1.5h', '1.5h', 'constant.numeric.duration'],
  ['x: null', 'null', 'constant.language'],
  ['x: f(tag="a")', 'tag', 'variable.parameter'],
  ['  - a.b(c) as d retry=2 timeout=30s', 'd', 'variable.other.assignment'],
  ['  - a.b(c) as d retry=2 timeout=30s', 'retry', 'keyword.other.step'],
  ['  - a.b(c) as d retry=2 timeout=30s', 'a.b', 'entity.name.function.call'],
  ['x: "a \\u{1F600} b"', '\\u{1F600}', 'constant.character.escape'],
  ['x: 1 # goal: "y"', '# goal: "y"', 'comment.line.number-sign'],
];

test.each(scopes)('%s: %s is %s', (text, word, scope) => {
  expect(scopeOf(text, word)).toBe(scope);
});

test('a string that is not closed ends with its line', () => {
  expect(scopeOf('x: "a\ny: 1', 'y')).toBe('variable.other.assignment');
});

test('every keyword is one', () => {
  const unmarked = [...keywords].filter((word) =>
    [`${word} x`, `${word} y in z:`, `x: ${word} y`, `for y ${word} z:`].every(
      (text) => !/^(?:keyword|constant)/.test(scopeOf(text, word) ?? ''),
    ),
  );
  expect(unmarked).toEqual([]);
});

describe('nothing of a clean script is left without a scope', () => {
  const clean = ruleCodes
    .filter((code) => (rules[code].demo?.how ?? 'check') === 'check')
    .filter((code) => /^[\n\x20-\x7e]*$/.test(rules[code].good))
    .map((code) => [code, rules[code].good] as const);
  const bare = (text: string): Scoped[] =>
    tokensOf(text).filter(({ text: part, scope }) => part.trim() !== '' && scope === 'source');

  test.each([['the published example', publishedExample] as const, ...clean])('%s', (_, text) => {
    expect(bare(text)).toEqual([]);
  });

  test('canary: a character of no language has none', () => {
    expect(bare('x: 1 ; 2').map(({ text }) => text.trim())).toEqual([';']);
  });
});
