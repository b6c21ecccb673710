import { once } from 'node:events';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type {
  CodeAction,
  CompletionItem,
  Diagnostic,
  DocumentSymbol,
  Hover,
  Position,
  TextEdit,
} from 'vscode-languageserver/node';
import { checkString } from '../../src/aether/check-text.ts';
import { ruleCodes, rules } from '../../src/aether/rules.ts';
import { placeAt } from '../../src/aether/text.ts';
import { openClient, spawnServer, type Client } from './lsp-client.ts';

let cwd = '';
let client: Client;

beforeAll(async () => {
  cwd = fs.mkdtempSync(join(tmpdir(), 'seatrial-lsp-'));
  client = await openClient(cwd);
}, 60_000);

afterAll(async () => {
  expect(await client.close()).toBe(0);
  fs.rmSync(cwd, { recursive: true, force: true });
});

let documents = 0;

/** Opens a new document; `|` in the text marks a place. */
async function open(text: string, on: Client = client) {
  documents += 1;
  const uri = `file:///work%20flows/d${String(documents)}.aether`;
  const content = text.replace('|', '');
  const diagnostics = await on.tell('textDocument/didOpen', {
    textDocument: { uri, languageId: 'aether', version: 1, text: content },
  });
  const before = text.slice(0, Math.max(0, text.indexOf('|'))).split('\n');
  const position = { line: before.length - 1, character: before.at(-1)?.length ?? 0 };
  return { uri, content, diagnostics, position, textDocument: { uri } };
}

const codes = (diagnostics: readonly Diagnostic[]) => diagnostics.map(({ code }) => code);

test('says what it can do', () => {
  expect(client.initialized.capabilities).toMatchObject({
    positionEncoding: 'utf-16',
    textDocumentSync: { openClose: true, change: 2 },
    hoverProvider: true,
    documentFormattingProvider: true,
  });
});

describe('diagnostics', () => {
  const demos = ruleCodes.filter((code) => (rules[code].demo?.how ?? 'check') === 'check');

  test('are those of check, for the canary of every rule', { timeout: 60_000 }, async () => {
    for (const rule of demos) {
      const { diagnostics, content } = await open(rules[rule].bad.replaceAll('|', ''));
      const { problems, source } = checkString(content, { path: 'x.aether' });
      const places = problems.map(({ code, span }) => {
        const { line, column } =
          span === null ? { line: 1, column: 1 } : placeAt(source, span.start);
        return [code, line - 1, column - 1];
      });
      const told = diagnostics.map(({ code, range }) => [
        code,
        range.start.line,
        range.start.character,
      ]);
      expect(told, rule).toEqual(places);
    }
  });

  test('follow edits, whole and in parts, and end with the document', async () => {
    const { uri, diagnostics } = await open('goal: "x"\nx: summarise(1)\n');
    expect(codes(diagnostics)).toEqual(['E_CALL_UNKNOWN']);
    const change = (version: number, contentChanges: readonly object[]) =>
      client.tell('textDocument/didChange', { textDocument: { uri, version }, contentChanges });
    const range = (line: number, from: number, to: number) => ({
      start: { line, character: from },
      end: { line, character: to },
    });
    expect(await change(2, [{ range: range(1, 10, 11), text: 'z' }])).toEqual([]);
    const two = [
      { range: range(1, 0, 0), text: '# 😀 é\n' },
      { range: range(2, 3, 12), text: 'foo' },
    ];
    const [found] = await change(3, two);
    expect(found?.range).toEqual(range(2, 3, 6));
    expect(codes(await change(4, [{ text: '' }]))).toEqual(['E_PARSE_EMPTY']);
    expect(await client.tell('textDocument/didClose', { textDocument: { uri } })).toEqual([]);
  });

  test('a document that is no file has no name to complain about', async () => {
    const told = await client.tell('textDocument/didOpen', {
      textDocument: { uri: 'untitled:1', languageId: 'aether', version: 1, text: 'goal: "x"\n' },
    });
    expect(told).toEqual([]);
  });

  test('come for edits of 2 000 lines', async () => {
    const lines = Array.from({ length: 2000 }, (_, at) => `v${String(at)}: summarize("x", 1)\n`);
    const { uri } = await open(`goal: "x"\n${lines.join('')}`);
    const at = { line: 1000, character: 0 };
    for (const [version, text] of [
      [2, 'x'],
      [3, ')'],
    ] as const) {
      const told = await client.tell('textDocument/didChange', {
        textDocument: { uri, version },
        contentChanges: [{ range: { start: at, end: at }, text }],
      });
      expect(told.map(({ range: { start } }) => start.line)).toEqual(text === ')' ? [1000] : []);
    }
  });
});

describe('hover', () => {
  const hover = async (text: string): Promise<Hover | null> => {
    const { textDocument, position } = await open(text);
    return client.connection.sendRequest('textDocument/hover', { textDocument, position });
  };
  const table: readonly [text: string, told: RegExp][] = [
    ['goal: "x"\nx: sto|re(1)\n', /`store\(data, tag\?, metadata\?\)` writes, can be undone/],
    ['goal: "x"\nworkflow:\n  - self_|heal\n', /`self_heal\(\)` writes, cannot be undone/],
    ['goal: "x"\nlogs: reflect()\nx: lo|gs\n', /`logs`, line 2: `logs: reflect\(\)`/],
    ['goal: "x"\nx: fo|o(1)\n', /\*\*E_CALL_UNKNOWN\*\* A function is called that nobody provides/],
  ];
  test.each(table)('%j', async (text, told) => {
    expect(JSON.stringify(await hover(text)).replaceAll('\\\\', '\\')).toMatch(told);
  });

  test('nothing is told about a comment', async () => {
    expect(await hover('goal: "x"\n# sto|re\n')).toBeNull();
  });
});

describe('completion', () => {
  const complete = async (text: string): Promise<readonly string[]> => {
    const { textDocument, position } = await open(text);
    const items = await client.connection.sendRequest<CompletionItem[]>('textDocument/completion', {
      textDocument,
      position,
    });
    return items.map(({ label }) => label);
  };

  test('a statement starts with a block word, a function or a name', async () => {
    const labels = await complete('goal: "x"\nlogs: reflect()\n|\n');
    expect(labels).toEqual(expect.arrayContaining(['workflow', 'summarize', 'logs', 'memory']));
  });

  test('an expression holds values, and only names that are readable there', async () => {
    const text = 'goal: "x"\na: 1\nfor i in [1]:\n  b: |\n  c: 1\nd: 1\n';
    const labels = await complete(text);
    expect(labels).toEqual(expect.arrayContaining(['true', 'summarize', 'a', 'i']));
    expect(labels.filter((label) => ['b', 'c', 'd', 'workflow'].includes(label))).toEqual([]);
  });

  test('a step has its options behind it', async () => {
    const labels = await complete('goal: "x"\nworkflow:\n  - store(1) |\n');
    expect(labels).toEqual(['as', 'retry', 'timeout', 'requires']);
    expect(await complete('goal: "x"\nworkflow:\n  - store(|)\n')).toContain('summarize');
  });

  test('nothing in strings and comments', async () => {
    expect(await complete('goal: "x|"\n')).toEqual([]);
    expect(await complete('goal: "x"\n# a|\n')).toEqual([]);
  });
});

test('symbols are the parts of the script', async () => {
  const { textDocument } = await open(
    'goal: "digest"\nfor i in [1]:\n  y: i\nworkflow:\n  - store(1) as saved\n',
  );
  const symbols = await client.connection.sendRequest<DocumentSymbol[]>(
    'textDocument/documentSymbol',
    { textDocument },
  );
  const names = (items: readonly DocumentSymbol[]): unknown[] =>
    items.map(({ name, children = [] }) => (children.length > 0 ? [name, names(children)] : name));
  expect(names(symbols)).toEqual(['digest', ['for i', ['y']], ['workflow', ['saved']]]);
  expect(symbols[1]?.range.end.line).toBeGreaterThanOrEqual(2);
});

describe('formatting', () => {
  const format = async (text: string): Promise<TextEdit[]> => {
    const { textDocument } = await open(text);
    const options = { tabSize: 2, insertSpaces: true };
    return client.connection.sendRequest('textDocument/formatting', { textDocument, options });
  };

  test('gives the text of the formatter', async () => {
    const [edit, ...more] = await format("goal:   'x'\nx:[1]");
    expect([edit?.newText, more]).toEqual(['goal: "x"\nx: [1]\n', []]);
    expect(edit?.range).toEqual({
      start: { line: 0, character: 0 },
      end: { line: 1, character: 5 },
    });
  });

  test('leaves a neat text and a broken one alone', async () => {
    expect(await format('goal: "x"\n')).toEqual([]);
    expect(await format('goal: "x"\nx: [1\n')).toEqual([]);
  });
});

test('a word that was mistyped can be replaced', async () => {
  const { textDocument, uri, content } = await open('goal: "x"\nx: summarise(1)\n');
  const range = { start: { line: 1, character: 5 }, end: { line: 1, character: 5 } };
  const actions = await client.connection.sendRequest<CodeAction[]>('textDocument/codeAction', {
    textDocument,
    range,
    context: { diagnostics: [] },
  });
  expect(actions.map(({ title }) => title)).toEqual(["Write 'summarize'"]);
  const [edit] = actions[0]?.edit?.changes?.[uri] ?? [];
  const line = content.split('\n')[1] ?? '';
  const { start, end } = edit?.range ?? range;
  const mended = line.slice(0, start.character) + (edit?.newText ?? '') + line.slice(end.character);
  expect(checkString(`goal: "x"\n${mended}\n`).problems).toEqual([]);
});

describe('UTF-8 positions', () => {
  test(
    'are counted where they were negotiated, in both directions',
    { timeout: 60_000 },
    async () => {
      const other = await openClient(cwd, ['utf-8', 'utf-16']);
      expect(other.initialized.capabilities.positionEncoding).toBe('utf-8');
      const { uri, diagnostics } = await open('goal: "x"\nx: summarize("é😀", foo(1))\n', other);
      expect(diagnostics[0]?.range).toEqual({
        start: { line: 1, character: 23 },
        end: { line: 1, character: 26 },
      });
      const bytes = (from: number, to: number): { start: Position; end: Position } => ({
        start: { line: 1, character: from },
        end: { line: 1, character: to },
      });
      const contentChanges = [{ range: bytes(23, 26), text: 'len' }];
      const textDocument = { uri, version: 2 };
      expect(await other.tell('textDocument/didChange', { textDocument, contentChanges })).toEqual(
        [],
      );
      expect(await other.close()).toBe(0);
    },
  );
});

describe('what is no message', () => {
  const frame = (body: string): string =>
    `Content-Length: ${String(Buffer.byteLength(body))}\r\n\r\n${body}`;
  const request = (id: number, method: string): string =>
    frame(
      JSON.stringify({ jsonrpc: '2.0', id, method, params: { processId: null, capabilities: {} } }),
    );

  test(
    'is answered with an error, and the next message is heard',
    { timeout: 60_000 },
    async () => {
      const child = spawnServer(cwd);
      let told = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        told += text;
      });
      const until = async (part: string): Promise<void> => {
        while (!told.includes(part)) await once(child.stdout, 'data');
      };
      child.stdin.write(request(1, 'initialize'));
      await until('"id":1');
      const faults = [
        'Content-Length: x\r\n\r\n',
        'no header at all\r\n\r\n',
        frame('{'),
        frame('42'),
        frame('[]'),
        frame('{"jsonrpc":"1.0","id":7,"method":"x"}'),
        '\0'.repeat(6000),
      ];
      for (const [index, fault] of faults.entries()) {
        told = '';
        child.stdin.write(fault);
        child.stdin.write(request(100 + index, 'no/such/method'));
        await until(`"id":${String(100 + index)}`);
        expect(told, JSON.stringify(fault.slice(0, 40))).toMatch(/"code":-32(700|600)/);
        expect(told).toContain('"code":-32601');
      }
      const ended = once(child, 'exit');
      child.stdin.end();
      // Without `shutdown` the end of the stream is not a proper end.
      expect(await ended).toEqual([1, null]);
    },
  );
});
