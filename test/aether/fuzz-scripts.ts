// Scripts that are almost right: generated ones with a few changes, which reach further into a tool
// than noise does.

import fc from 'fast-check';
import { generateScript, makeRandom, type Random } from './generate.ts';

const isLong = process.env['SEATRIAL_FUZZ'] === 'long';

/** How often a property is tried: in `npm test` as often as said, in `npm run test:fuzz` far more. */
export const runs = (bounded: number): { readonly numRuns: number } => ({
  numRuns: isLong ? bounded * 100 : bounded,
});

const pieces = [
  ...['"', "'", '(', ')', '[', ']', '{', '}', ':', ',', '.', '=', '==', '#', '\\', '$', '→', '@'],
  ...['\n', '\r\n', '\r', '\t', ' ', '   ', '\0', '\ufeff', '\u2028', '\udcff', '😀', 'é'],
  ...['not ', '-', ' as x', ' retry=99', ' timeout=0s', 'await x', 'goal: "y"', 'intent: z', '- '],
  ...['while true:\n', 'transaction:\n', 'eval', 'os.system(', 'http://x.y', '# @dialect: line\n'],
];

type Change = (text: string, random: Random) => string;

const changes: readonly Change[] = [
  (text, random) => {
    const at = index(text, random);
    return text.slice(0, at) + text.slice(at + 1 + Math.floor(random() * 3));
  },
  (text, random) => {
    const at = index(text, random);
    return (
      text.slice(0, at) + (pieces[Math.floor(random() * pieces.length)] ?? '') + text.slice(at)
    );
  },
  (text, random) => {
    const lines = text.split('\n');
    const from = Math.floor(random() * lines.length);
    const [taken = ''] = lines.splice(from, 1);
    lines.splice(Math.floor(random() * lines.length), 0, taken);
    return lines.join('\n');
  },
  (text, random) => {
    const lines = text.split('\n');
    const at = Math.floor(random() * lines.length);
    const depth = ' '.repeat(Math.floor(random() * 7));
    return lines.with(at, depth + (lines[at] ?? '').trimStart()).join('\n');
  },
];

function index(text: string, random: Random): number {
  return Math.floor(random() * text.length);
}

function changed(text: string, random: Random, times: number): string {
  let now = text;
  for (let left = times; left > 0; left -= 1)
    now = (changes[Math.floor(random() * changes.length)] ?? changes[0])?.(now, random) ?? now;
  return now;
}

/** Valid where `times` is 0. */
export const scripts = fc
  .record({ seed: fc.nat(), lines: fc.integer({ min: 5, max: 40 }), times: fc.nat(4) })
  .map(({ seed, lines, times }) => {
    const random = makeRandom(seed);
    const valid = `${generateScript(random, lines).join('\n')}\n`;
    return changed(valid, random, times);
  });
