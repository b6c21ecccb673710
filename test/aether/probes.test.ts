import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { checkBytes, type CheckedText } from '../../src/aether/check-text.ts';
import { placeAt } from '../../src/aether/text.ts';

type Answer = {
  code: number;
  dialect: string;
  line: number | null;
  column: number | null;
  errors: string[];
  warnings: string[];
};
type Probe = { id: string; bytes_base64: string; seatrial: Answer };

const data = new URL('../../../shared/data/', import.meta.url);
const hasData = existsSync(data);
if (!hasData) process.stderr.write('SKIPPED: no shared probes and corpus here\n');

function probes(): Probe[] {
  const text = readFileSync(new URL('aether-probes.jsonl', data), 'utf8').trimEnd();
  return text.split('\n').map((line) => JSON.parse(line) as Probe);
}

export function answer({ source, code, decision, main, problems }: CheckedText): Answer {
  const place = main?.span ? placeAt(source, main.span.start) : undefined;
  const codesOf = (severity: string) => [
    ...new Set(problems.filter((each) => each.severity === severity).map((each) => each.code)),
  ];
  return {
    code,
    dialect: decision.dialect,
    line: place?.line ?? null,
    column: place?.column ?? null,
    errors: codesOf('error'),
    warnings: codesOf('warning'),
  };
}

describe.skipIf(!hasData)('shared probes', () => {
  test('every probe has its recorded answer', () => {
    const got = probes().map(({ id, bytes_base64 }) => {
      return { id, ...answer(checkBytes(Buffer.from(bytes_base64, 'base64'))) };
    });
    const want = probes().map(({ id, seatrial }) => {
      const { code, dialect, line, column, errors, warnings } = seatrial;
      return { id, code, dialect, line, column, errors, warnings };
    });
    const agreed = got.filter((each, at) => JSON.stringify(each) === JSON.stringify(want[at]));
    process.stdout.write(`probe agreement ${String(agreed.length)}/${String(want.length)}\n`);
    expect(got).toEqual(want);
  });

  test('exactly one corpus file answers 0, and none 1 or 27', () => {
    const folder = new URL('aether-corpus/files/', data);
    const codes = readdirSync(folder).map((name) => {
      return { name, code: checkBytes(readFileSync(new URL(name, folder))).code };
    });
    expect(codes.length).toBeGreaterThan(40);
    expect(codes.filter(({ code }) => code === 0).map(({ name }) => name)).toEqual([
      'Aetherra_simple_test-01ea7a57.neuro',
    ]);
    expect(codes.filter(({ code }) => ![0, 20, 24, 25].includes(code))).toEqual([]);
  });
});
