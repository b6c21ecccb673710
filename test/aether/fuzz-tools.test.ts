// What every tool promises of any script, tried on scripts that are almost right.

import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkBytes, checkString } from '../../src/aether/check-text.ts';
import { formatBytes } from '../../src/aether/format-bytes.ts';
import { interpret } from '../../src/aether/interpret.ts';
import { lex } from '../../src/aether/lex.ts';
import { migrate } from '../../src/aether/migrate.ts';
import { referenceVerdict } from '../../src/aether/reference.ts';
import { scanRisk } from '../../src/aether/risk.ts';
import { decodeText, encodeText } from '../../src/aether/text.ts';
import { extraTransforms } from '../../src/aether/transform.ts';
import { runs, scripts } from './fuzz-scripts.ts';
import { failed, hang, makeWorld, ok, type Answer } from './virtual-effects.ts';

/** A byte that is not UTF-8 stays one. */
const encode = (text: string): Uint8Array => encodeText({ text, hasBom: false });

test('lexing tiles the source', () => {
  fc.assert(
    fc.property(scripts, (text) => {
      expect(
        lex(text)
          .tokens.map(({ value }) => value)
          .join(''),
      ).toBe(text);
    }),
    runs(200),
  );
});

describe('formatting', () => {
  const formatted = (text: string): string | undefined => {
    const result = formatBytes('a.aether', encode(text), {});
    if ('bytes' in result) return decodeText('', result.bytes).text;
    expect(result.refused.code).not.toBe(27);
    return undefined;
  };

  test('is refused, or says the same and is its own fixed point', () => {
    let count = 0;
    fc.assert(
      fc.property(scripts, (text) => {
        const once = formatted(text);
        if (once === undefined) return;
        count += 1;
        expect(formatted(once)).toBe(once);
        const codes = (each: string) =>
          checkString(each, { path: 'a.aether' })
            .problems.map(({ code }) => code)
            // Formatting escapes the backslash of what is no escape.
            .filter((code) => code !== 'W_LEX_ESCAPE')
            .sort();
        expect(codes(once)).toEqual(codes(text));
      }),
      runs(200),
    );
    expect(count).toBeGreaterThan(20);
  });
});

describe('migrating', () => {
  test('is done after once, and refused where it would make a file worse', () => {
    fc.assert(
      fc.property(scripts, fc.boolean(), fc.boolean(), (text, isAll, toPublished) => {
        const options = { enable: isAll ? extraTransforms : [], toPublished };
        const first = migrate(encode(text), options);
        if (first.refusal !== undefined) {
          expect(Buffer.from(first.bytes)).toEqual(Buffer.from(encode(text)));
          return;
        }
        expect(migrate(first.bytes, options).edits).toEqual([]);
        const before = checkBytes(encode(text));
        if (before.code === 0) expect(checkBytes(first.bytes).code).toBe(0);
      }),
      runs(150),
    );
  });
});

describe('running', () => {
  const behaviours: readonly Answer[] = [
    () => ok(null),
    () => ok([1, { k: 'v' }, 'x'.repeat(50)]),
    () => failed(),
    () => failed('Timeout', 'late'),
    () => ({ ok: true, value: 1 }),
    () => ({ ...ok('x'), tokens: 7000 }) as ReturnType<typeof ok>,
    () => Promise.reject(new Error('thrown')),
    hang,
  ];
  const names = ['store', 'summarize', 'load_logs', 'log', 'metrics', 'escalate_to'];

  test('halts within its limits, whatever answers, and twice alike', async () => {
    const settings = { maxSteps: 300, timeoutMs: 20_000 };
    const choices = fc.array(fc.nat(behaviours.length - 1), { minLength: 6, maxLength: 6 });
    let ran = 0;
    await fc.assert(
      fc.asyncProperty(scripts, choices, async (text, chosen) => {
        const checked = checkString(text);
        if (checked.code !== 0) return;
        ran += 1;
        const answers = Object.fromEntries(
          names.map((name, at) => [name, behaviours[chosen[at] ?? 0] ?? hang]),
        );
        const run = async () => {
          const { effects } = makeWorld(answers);
          return interpret(checked, effects, new AbortController().signal, settings);
        };
        const [one, two] = [await run(), await run()];
        expect([0, 21, 23]).toContain(one.code);
        expect(one.record.steps).toBeLessThanOrEqual(settings.maxSteps + 1);
        expect(JSON.stringify(two.record)).toBe(JSON.stringify(one.record));
      }),
      runs(60),
    );
    expect(ran).toBeGreaterThan(5);
  });
});

test('risks lie inside the file, and comments hold none', () => {
  fc.assert(
    fc.property(scripts, (text) => {
      const source = decodeText('a.aether', encode(text));
      const options = { includeComments: false, allowedHosts: [] };
      for (const { span, points } of scanRisk(source, options).findings) {
        expect(points).toBeGreaterThan(0);
        expect(span.end).toBeLessThanOrEqual(source.text.length);
      }
    }),
    runs(100),
  );
});

describe('the reference verdicts', () => {
  const peer = (inputs: readonly Uint8Array[]): unknown[] => {
    const input = inputs.map((each) => `${Buffer.from(each).toString('hex')}\n`).join('');
    const { stdout } = spawnSync('python3', ['bench/aether-peer.py', '--lines'], {
      input,
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    });
    const lines = stdout.trimEnd().split('\n');
    return lines.map((line) => JSON.parse(line) as unknown);
  };
  const hasPython = spawnSync('python3', ['--version']).status === 0;
  if (!hasPython)
    process.stderr.write('SKIPPED: no python3; the reference verdicts have no second opinion\n');

  const blanks = [
    ' ',
    '\t',
    '\v',
    '\f',
    '\x1c',
    '\x1f',
    '\x85',
    '\xa0',
    '\u1680',
    '\u2003',
    '\u2028',
  ];
  const odd = ['\u200b', '\u3000', '\u180e', '\ufeff', '\ufffd', '\0', '😀', '\n', '\r', '\r\n'];
  const words = [
    'goal:',
    'memory:',
    'if ',
    'if\t',
    'for ',
    'foo',
    'reflect',
    'a.b',
    'x:',
    ': ',
    '#',
  ];
  const marks = ['(', ')', '()', '(x)', ':', '"', '=', '-'];
  const lines = fc.array(fc.constantFrom(...blanks, ...odd, ...words, ...marks), { maxLength: 14 });
  const inputs = fc.oneof(
    lines.map((parts) => encode(parts.join(''))),
    fc
      .tuple(lines, fc.uint8Array({ maxLength: 4 }))
      .map(([parts, bytes]) =>
        Uint8Array.of(...encode(parts.join('')), ...bytes, ...encode('foo(1)')),
      ),
    scripts.map(encode),
  );

  test.skipIf(!hasPython)('are those of a second reader of the same rules', () => {
    const sample = fc.sample(inputs, runs(3000).numRuns);
    const ours = sample.map((bytes) => {
      const { code, message, line } = referenceVerdict(bytes);
      return { code, message, line };
    });
    expect(ours).toEqual(peer(sample));
  });
});
