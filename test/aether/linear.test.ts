// No tool takes more than linear time on a file made to slow it down.

import { expect, test } from 'vitest';
import { checkBytes, checkString } from '../../src/aether/check-text.ts';
import { completeAt } from '../../src/aether/complete.ts';
import { formatBytes } from '../../src/aether/format-bytes.ts';
import { hoverAt } from '../../src/aether/hover.ts';
import { migrate } from '../../src/aether/migrate.ts';
import { outlineOf } from '../../src/aether/outline.ts';
import { planRun } from '../../src/aether/plan-run.ts';
import { referenceVerdict } from '../../src/aether/reference.ts';
import { publishedRegistry } from '../../src/aether/registry.ts';
import { scanRisk } from '../../src/aether/risk.ts';
import { decodeText } from '../../src/aether/text.ts';
import { extraTransforms } from '../../src/aether/transform.ts';
import { renderDiff } from '../../src/aether/unified-diff.ts';

type Tool = readonly [name: string, use: (bytes: Uint8Array) => unknown];

const tools: readonly Tool[] = [
  ['check', (bytes) => checkBytes(bytes)],
  ['format', (bytes) => formatBytes('a.aether', bytes, {})],
  ['reference', (bytes) => referenceVerdict(bytes)],
  ['risk', (bytes) => scanRisk(decodeText('', bytes), { includeComments: true, allowedHosts: [] })],
  [
    'migrate and diff',
    (bytes) => {
      const { source, edits } = migrate(bytes, { enable: extraTransforms, toPublished: true });
      return renderDiff(source, edits, 'a.aether');
    },
  ],
  [
    'editor',
    (bytes) => {
      const checked = checkString(Buffer.from(bytes).toString());
      const middle = checked.source.text.length >> 1;
      outlineOf(checked.script.body, checked.source.text.length);
      planRun(checked.script);
      hoverAt(checked, publishedRegistry, middle);
      return completeAt(checked, publishedRegistry, middle);
    },
  ],
];

const many = (count: number, line: (at: number) => string): string =>
  `goal: "x"\n${Array.from({ length: count }, (_, at) => `${line(at)}\n`).join('')}`;

type Input = readonly [name: string, make: (size: number) => string];

const inputs: readonly Input[] = [
  ['blanks inside a line', (size) => `goal: "x"\n# ${' '.repeat(size)}x\n`],
  ['tabs inside a line', (size) => `goal: "x"\nx: 1${'\t'.repeat(size)}#\n`],
  ['blank lines', (size) => `goal: "x"\n${'\n'.repeat(size)}x: 1\n`],
  ['lone CRs', (size) => `goal: "x"\r${'\r'.repeat(size)}x: 1\r`],
  ['comments', (size) => many(size / 8, () => '# eval (')],
  ['trailing blanks', (size) => many(size / 8, (at) => `x${String(at)}: 1  `)],
  ['one long string', (size) => `goal: "x"\nx: "${"a'".repeat(size / 2)}"\n`],
  ['one long bare text', (size) => `goal: do it\nx: ${'word '.repeat(size / 5)}\n`],
  ['one long list', (size) => `goal: "x"\nx: [${'1, '.repeat(size / 3)}]\n`],
  ['names', (size) => many(size / 12, (at) => `n${String(at)}: n${String(Math.max(0, at - 1))}`)],
  ['steps', (size) => `goal: "x"\nworkflow:\n${'  - store(1) as a retry=1\n'.repeat(size / 26)}`],
  ['branches', (size) => many(size / 30, () => 'if true:\n  log("x")\nelse:\n  log("y")')],
  ['addresses', (size) => `goal: "${'http://a.b '.repeat(size / 11)}"\n`],
  ['slashes', (size) => `goal: "x"\nlog("${'/'.repeat(size)}")\n`],
  ['wide characters', (size) => `goal: "${'😀'.repeat(size / 4)}"\n`],
  ['bytes that are not UTF-8', (size) => `goal: "x"\n# ${'\udcff'.repeat(size / 3)}\n`],
  ['old lines', (size) => many(size / 12, () => 'intent: go\t')],
  ['arrows', (size) => `$x = "1"\n${'recall "a" → $b\n'.repeat(size / 18)}`],
  ['braces', (size) => `fn x {\n${'let a = {\n'.repeat(size / 10)}`],
  ['remembering', (size) => `goal "x"\n${'remember "a" as "b"\n'.repeat(size / 20)}`],
];

/** Processor milliseconds of the quickest of two; other load on the machine does not count. */
function quickest(use: Tool[1], bytes: Uint8Array): number {
  const times = [1, 2].map(() => {
    const start = process.cpuUsage();
    use(bytes);
    return process.cpuUsage(start).user / 1000;
  });
  return Math.min(...times);
}

const small = 4_000;
const growth = 8;
/** Noise on a busy machine is allowed for; a square would be 64 times. */
const allowed = 30;
const floorMs = 8;

function ratio(use: Tool[1], make: Input[1]): number {
  const before = quickest(use, Buffer.from(make(small)));
  const after = quickest(use, Buffer.from(make(small * growth)));
  return after / Math.max(before, floorMs);
}

test.each(tools)('%s', (_, use) => {
  const slow = inputs.filter(([, make]) => ratio(use, make) > allowed).map(([name]) => name);
  expect(slow).toEqual([]);
});

test('canary: a tool that looks at the whole file from each place is caught', () => {
  const square = (bytes: Uint8Array): void => {
    const copy = bytes.slice();
    for (let from = 0; from < bytes.length; from += 1) copy.reverse();
  };
  expect(ratio(square, (size) => 'x'.repeat(size))).toBeGreaterThan(allowed);
});
