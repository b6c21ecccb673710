import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkBytes } from '../../src/aether/check-text.ts';
import { applyEdits } from '../../src/aether/edit.ts';
import { migrate, type MigrateOptions } from '../../src/aether/migrate.ts';
import { renderMigrationReport } from '../../src/aether/migration-report.ts';
import type { Edit } from '../../src/aether/problem.ts';
import { decodeText } from '../../src/aether/text.ts';
import { renderDiff } from '../../src/aether/unified-diff.ts';
import { generateScript, makeRandom } from './generate.ts';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array): string =>
  new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
const all: MigrateOptions = { enable: ['quote-text', 'tabs', 'remember'] };

type Row = { name: string; text: string; want: string; options?: MigrateOptions };
const table: Row[] = [
  {
    name: 'the sample of the specification',
    text: '  goal: say "hi" now  # why',
    want: '  goal: "say \\"hi\\" now"  # why',
  },
  { name: 'an intent', text: 'intent: ship it\r\n', want: 'goal: "ship it"\r\n' },
  { name: 'an intent in quotes', text: 'intent: "ship it"\n', want: 'goal: "ship it"\n' },
  { name: 'backslashes', text: 'goal: C:\\temp\n', want: 'goal: "C:\\\\temp"\n' },
  {
    name: 'a comment begins behind a blank',
    text: 'goal: fix #12 and a#b\n',
    want: 'goal: "fix" #12 and a#b\n',
  },
  { name: 'a goal in quotes stays', text: 'goal: "x"   # y\n', want: 'goal: "x"   # y\n' },
  { name: 'trailing blanks', text: 'goal: "x" \t\nstore(1)  \n', want: 'goal: "x"\nstore(1)\n' },
  {
    name: 'runs of blank lines',
    text: 'goal: "x"\n\n \n\n\t\n\nstore(1)\n',
    want: 'goal: "x"\n\n\nstore(1)\n',
  },
  { name: 'no final newline stays so', text: 'goal: x', want: 'goal: "x"' },
  { name: 'a byte order mark stays', text: '\ufeffgoal: x\n', want: '\ufeffgoal: "x"\n' },
  {
    name: 'a word inside a dict is no goal',
    text: 'goal: "x"\nmetrics({\n  goal: 1\n})\n',
    want: 'goal: "x"\nmetrics({\n  goal: 1\n})\n',
  },
  {
    name: 'nothing extra without being asked',
    text: 'goal: "x"\nremember: store(1)\n',
    want: 'goal: "x"\nremember: store(1)\n',
  },
  {
    name: 'remember',
    text: 'goal: "x"\nremember: store(1)\n',
    want: 'goal: "x"\nmemory: store(1)\n',
    options: all,
  },
  {
    name: 'tabs',
    text: 'goal: "x"\nif true:\n\tstore(1)\n',
    want: 'goal: "x"\nif true:\n    store(1)\n',
    options: all,
  },
  {
    name: 'text',
    text: 'goal: x\nnote: two words\n',
    want: 'goal: "x"\nnote: "two words"\n',
    options: all,
  },
  {
    name: 'dialect indent',
    text: 'goal "x"\nIF memory\n  remember "a" as "b"\n  narrate "c"\nn = 1\n',
    want: 'goal: "x"\nif memory:\n  store("a", tag="b")\n  narrate("c")\nn: 1\n',
    options: { toPublished: true },
  },
];

test.each(table)('$name', ({ text, want, options }) => {
  const once = migrate(bytesOf(text), options);
  expect(once.refusal).toBeUndefined();
  expect(textOf(once.bytes)).toBe(want);
  expect(migrate(once.bytes, options).edits).toEqual([]);
});

describe('refusals', () => {
  const rows: [string, string, MigrateOptions, string][] = [
    [
      'a renamed intent that is read below',
      'intent: "a"\nsummarize(intent)\n',
      {},
      'E_MIGRATE_UNSAFE',
    ],
    ['a signed file', '# @signature: ed25519:00:aa\ngoal: x\n', {}, 'E_MIGRATE_SIGNED'],
    [
      'a verb without counterpart',
      'goal "x"\nbegin transaction\nstore(1)\n',
      { toPublished: true },
      'E_MIGRATE_FORM',
    ],
    ['dialect brace', 'fn f() {\n}\n', { toPublished: true }, 'E_MIGRATE_FORM'],
  ];
  test.each(rows)('%s', (_, text, options, code) => {
    const { bytes, edits, refusal } = migrate(bytesOf(text), options);
    expect(refusal?.code).toBe(code);
    expect([textOf(bytes), edits]).toEqual([text, []]);
  });

  test('what dialect arrow says is judged anew in the published language', () => {
    const { bytes } = migrate(bytesOf('$x = 1\nreflect() → $y\nstore $y\n'), { toPublished: true });
    expect(textOf(bytes)).toBe('x: 1\ny: reflect()\nstore(y)\n');
    expect(checkBytes(bytes).problems.map(({ code }) => code)).toEqual(['E_GOAL_MISSING']);
  });

  test('a signed file is signed again with a key', () => {
    const sign = (unsigned: Uint8Array): Uint8Array => Uint8Array.of(...unsigned, 0x23);
    const { bytes, refusal } = migrate(bytesOf('# @signature: x\ngoal: x\n'), { sign });
    expect(refusal).toBeUndefined();
    expect(textOf(bytes)).toBe('# @signature: x\ngoal: "x"\n#');
  });
});

/** What no edit covers, before and after. */
function outside(text: string, edits: readonly Edit[]): string {
  return applyEdits(
    text,
    edits.map((edit) => ({ ...edit, text: '' })),
  );
}

function outsideAfter(text: string, edits: readonly Edit[]): string {
  let shift = 0;
  const placed = edits.map(({ start, end, text: made }) => {
    const at = start + shift;
    shift += made.length - (end - start);
    return { start: at, end: at + made.length, text: '' };
  });
  return applyEdits(text, placed);
}

const pieces = [
  'goal: a b',
  'goal: "x"',
  'intent: y',
  ' ',
  '\t',
  '\n',
  '\r\n',
  '\r',
  '# c',
  'store(1)',
  'if true:',
  '  ',
  '(',
  '"',
  'é',
  '\ufeff',
];

describe('any input', () => {
  const inputs = fc.oneof(
    fc.array(fc.constantFrom(...pieces), { maxLength: 40 }).map((parts) => bytesOf(parts.join(''))),
    fc.uint8Array({ maxLength: 60 }),
  );

  test('a second run has no edit, and bytes outside the edits stay', () => {
    fc.assert(
      fc.property(inputs, fc.boolean(), (bytes, isAll) => {
        const options = isAll ? all : {};
        const { bytes: after, edits, refusal, source } = migrate(bytes, options);
        if (refusal !== undefined || edits.length === 0) {
          expect(Buffer.from(after).equals(bytes)).toBe(true);
          return;
        }
        expect(migrate(after, options).edits).toEqual([]);
        const rest = outsideAfter(decodeText('', after).text, edits);
        expect(rest).toBe(outside(source.text, edits));
      }),
      { numRuns: 300 },
    );
  });

  test('migrating a valid script changes blanks only', () => {
    const random = makeRandom(3);
    for (let run = 0; run < 30; run += 1) {
      const text = generateScript(random, 30).join('  \n');
      expect(textOf(migrate(bytesOf(text)).bytes).replaceAll(/ +\n/g, '\n')).toBe(
        text.replaceAll(/ +\n/g, '\n'),
      );
    }
  });
});

describe('diffs', () => {
  function applied(before: Uint8Array, diff: Uint8Array): Buffer {
    const folder = mkdtempSync(join(tmpdir(), 'seatrial-migrate-'));
    try {
      writeFileSync(join(folder, 'a.aether'), before);
      writeFileSync(join(folder, 'a.diff'), diff);
      execFileSync('git', ['apply', '--whitespace=nowarn', 'a.diff'], { cwd: folder });
      return readFileSync(join(folder, 'a.aether'));
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  test.each([
    'goal: x\r\nstore(1)  \r\n',
    'goal: x',
    '\ufeffgoal: x\n',
    `goal: x\n${'store(1)\n'.repeat(9)}store(2) \n${'\n'.repeat(5)}store(3) \n`,
    'goal: x\rstore(1) \rstore(2)',
    'goal: x \n\n\n\n',
  ])('git applies the diff of %j to the very bytes', (text) => {
    const before = bytesOf(text);
    const { source, edits, bytes } = migrate(before);
    expect(edits.length).toBeGreaterThan(0);
    expect(applied(before, renderDiff(source, edits, 'a.aether'))).toEqual(Buffer.from(bytes));
  });

  test('odd bytes come through', () => {
    const before = Uint8Array.of(...bytesOf('goal: x\n# '), 0xff, 0x0a);
    const { source, edits, bytes } = migrate(before);
    expect(applied(before, renderDiff(source, edits, 'a.aether'))).toEqual(Buffer.from(bytes));
  });

  test('a path with a quote is written as git writes it', () => {
    const { source, edits } = migrate(bytesOf('goal: x\n'));
    expect(textOf(renderDiff(source, edits, 'a "é".aether'))).toContain(
      '+++ "b/a \\"\\303\\251\\".aether"',
    );
  });
});

test('the report counts, names refusals and shows diffs', () => {
  const report = renderMigrationReport([
    { path: 'a.aether', counts: { 'quote-goal': 1 }, diff: '-goal: x\n+goal: "x"\n' },
    {
      path: 'b.aether',
      counts: {},
      refusal: { code: 'E_MIGRATE_SIGNED', message: 'signed' },
      diff: '',
    },
  ]);
  expect(report).toContain('Files: 2, changed: 1, refused: 1.');
  expect(report).toContain('- quote-goal: 1');
  expect(report).toContain('- `b.aether`: E_MIGRATE_SIGNED, signed');
});
