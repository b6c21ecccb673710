// Where Seatrial's answers part from the reference checker's: each difference has a reason, and each
// reason of the reference page is shown on a file.

import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { differencesPage, milder, moved } from '../../scripts/aether-pages.ts';
import { checkBytes, type CheckedText } from '../../src/aether/check-text.ts';
import { referenceVerdict, type ReferenceVerdict } from '../../src/aether/reference.ts';
import { publishedRegistry } from '../../src/aether/registry.ts';
import { ruleCodes, rules } from '../../src/aether/rules.ts';
import { placeAt } from '../../src/aether/text.ts';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The reason why the answers differ, `same` where they do not, undefined where there is none. */
function reasonOf(bytes: Uint8Array): string | undefined {
  const ours = checkBytes(bytes);
  const theirs = referenceVerdict(bytes);
  if (ours.code === theirs.code) return sameCode(ours, theirs, bytes);
  if (ours.code === 20 || ours.code === 24 || theirs.code === 0) return ours.main?.code;
  if (theirs.code === 20)
    return theirs.message.startsWith('Unbalanced') ? 'brackets-in-text' : undefined;
  return forgiven(theirs);
}

/** The reference does not know a name that is known here, or is no name. */
function forgiven({ message }: ReferenceVerdict): string | undefined {
  const name = /^unknown function '([^]*)'$/.exec(message)?.[1] ?? '';
  if (publishedRegistry.functions.has(name)) return 'more-functions';
  return name === 'not' || !/^[\p{XID_Start}_][\p{XID_Continue}.]*$/u.test(name)
    ? 'no-call'
    : undefined;
}

function sameCode(ours: CheckedText, theirs: ReferenceVerdict, bytes: Uint8Array) {
  const { main, source } = ours;
  if (main === undefined) return 'same';
  if (main.span === null) return 'whole-file';
  const { line } = placeAt(source, main.span.start);
  const theirLine = Number(theirs.line);
  if (line === theirLine) return main.message === theirs.message ? 'same' : 'wording';
  const shifted = theirLine + blankLines(bytes);
  if (line === shifted) return 'blank-lines';
  return line < shifted || main.code !== 'E_CALL_UNKNOWN' ? 'earlier' : undefined;
}

/** How many of its first lines the reference does not count. */
function blankLines(bytes: Uint8Array): number {
  const text = Buffer.from(bytes).toString().replaceAll(/\r\n?/g, '\n');
  const [blanks = ''] = /^\s*/.exec(text) ?? [];
  return blanks.split('\n').length - 1;
}

const differences = [...milder, ...moved];

test.each(differences)('$name is shown on its example', ({ name, example }) => {
  expect(reasonOf(encode(example))).toBe(name);
});

test('the page has every rule that refuses a file, and every reason', () => {
  const page = differencesPage();
  const strict = ruleCodes.filter((code) => [20, 24, 25].includes(rules[code].class));
  for (const name of [...strict, ...differences.map((each) => each.name)])
    expect(page).toContain(`| ${name} |`);
});

test('canary: a name that both must refuse has no reason to pass', () => {
  expect(
    forgiven({ ...referenceVerdict(encode('foo(1)')), message: "unknown function 'foo'" }),
  ).toBe(undefined);
});

const data = new URL('../../../shared/data/', import.meta.url);
const hasData = existsSync(data);
if (!hasData) process.stderr.write('SKIPPED: no shared probes and corpus here; differences\n');

function lines<Line>(path: string): Line[] {
  const text = readFileSync(new URL(path, data), 'utf8').trimEnd();
  return text.split('\n').map((line) => JSON.parse(line) as Line);
}

describe.skipIf(!hasData)('shared probes and corpus', () => {
  test('every difference has a reason of the page', () => {
    const probes = lines<{ id: string; bytes_base64: string }>('aether-probes.jsonl').map(
      ({ id, bytes_base64 }) => ({ id, bytes: Buffer.from(bytes_base64, 'base64') }),
    );
    const corpus = lines<{ file: string }>('aether-corpus/reference-verdicts.jsonl').map(
      ({ file }) => ({ id: file, bytes: readFileSync(new URL(`aether-corpus/${file}`, data)) }),
    );
    const all = [...probes, ...corpus];
    expect(all.length).toBeGreaterThan(80);
    const reasons = all.map(({ id, bytes }) => ({ id, reason: reasonOf(bytes) }));
    expect(reasons.filter(({ reason }) => reason === undefined)).toEqual([]);
    const known = new Set<string>([...ruleCodes, ...differences.map(({ name }) => name), 'same']);
    expect(reasons.filter(({ reason = '' }) => !known.has(reason))).toEqual([]);
  });
});
