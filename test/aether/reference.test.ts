import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { referenceVerdict } from '../../src/aether/reference.ts';

type Verdict = { code: number; code_name: string; message: string; line: number | null };
type Probe = { id: string; bytes_base64: string; reference: { check: Verdict } };
type CorpusLine = { file: string; check: Verdict };

const data = new URL('../../../shared/data/', import.meta.url);
const hasData = existsSync(data);
if (!hasData)
  process.stderr.write(
    'SKIPPED: no shared probes and corpus here; reference mode is not held to them\n',
  );

function lines(path: string): unknown[] {
  const text = readFileSync(new URL(path, data), 'utf8').trimEnd();
  return text.split('\n').map((line) => JSON.parse(line) as unknown);
}

function cases(): { id: string; bytes: Uint8Array; want: Verdict }[] {
  const probes = (lines('aether-probes.jsonl') as Probe[]).map((probe) => ({
    id: probe.id,
    bytes: Buffer.from(probe.bytes_base64, 'base64'),
    want: probe.reference.check,
  }));
  const corpus = (lines('aether-corpus/reference-verdicts.jsonl') as CorpusLine[]).map((line) => ({
    id: line.file,
    bytes: readFileSync(new URL(`aether-corpus/${line.file}`, data)),
    want: line.check,
  }));
  return [...probes, ...corpus];
}

function disagreements(
  judge: (bytes: Uint8Array) => ReturnType<typeof referenceVerdict>,
): string[] {
  return cases()
    .filter(({ bytes, want }) => {
      const { code, codeName, message, line } = judge(bytes);
      const same = [code, codeName, message, line].join('|');
      return same !== [want.code, want.code_name, want.message, want.line].join('|');
    })
    .map(({ id }) => id);
}

describe.skipIf(!hasData)('reference mode against recorded verdicts', () => {
  test('agrees on every probe and corpus file', () => {
    const wrong = disagreements(referenceVerdict);
    const total = cases().length;
    process.stdout.write(`reference agreement ${String(total - wrong.length)}/${String(total)}\n`);
    expect(total).toBeGreaterThan(80);
    expect(wrong).toEqual([]);
  });

  test('canary: a judge that strips the byte order mark is caught', () => {
    const stripping = (bytes: Uint8Array) =>
      referenceVerdict(bytes[0] === 0xef ? bytes.subarray(3) : bytes);
    expect(disagreements(stripping)).toEqual(['bom']);
  });
});

type Row = {
  name: string;
  input: string | Uint8Array;
  want: Partial<ReturnType<typeof referenceVerdict>>;
};
const table: Row[] = [
  {
    name: 'leading blank lines shift the number',
    input: '\n\n\nfoo(1)\n',
    want: { code: 25, line: 1, message: "unknown function 'foo'" },
  },
  {
    name: 'parse error wins over an earlier name',
    input: 'foo(a)\n: 5',
    want: { code: 20, line: 2, message: 'Parse error (assignment) line 2: : 5' },
  },
  {
    name: 'a colon before if is no assignment',
    input: 'if foo(1):',
    want: { code: 0, line: null, message: 'parse ok' },
  },
  {
    name: 'NEL is stripped',
    input: '\u0085foo()\u0085',
    want: { code: 25, line: 1, message: "unknown function 'foo'" },
  },
  {
    name: 'a name with a blank in it is accepted',
    input: 'run agent (x)',
    want: { code: 0, line: null, message: 'parse ok' },
  },
  {
    name: 'invalid bytes are dropped',
    input: Uint8Array.of(0x66, 0xff, 0x28, 0x29),
    want: { code: 25, line: 1, message: "unknown function 'f'" },
  },
  {
    name: 'an encoded surrogate is dropped',
    input: Uint8Array.of(0x66, 0xed, 0xa0, 0x80, 0x28, 0x29),
    want: { code: 25, line: 1, message: "unknown function 'f'" },
  },
  {
    name: 'U+FFFD in the text stays',
    input: 'f\ufffd()',
    want: { code: 25, line: 1, message: "unknown function 'f\ufffd'" },
  },
  {
    name: 'an astral name stays whole',
    input: '😀()',
    want: { code: 25, line: 1, message: "unknown function '😀'" },
  },
  {
    name: 'a lone CR ends a line',
    input: 'goal: x\rfoo()',
    want: { code: 25, line: 2, message: "unknown function 'foo'" },
  },
];

test.each(table)('$name', ({ input, want }) => {
  const bytes = typeof input === 'string' ? new TextEncoder().encode(input) : input;
  expect(referenceVerdict(bytes)).toMatchObject(want);
});
