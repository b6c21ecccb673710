import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { fillTemplate, parseTemplate } from '../../src/recipe/interpolate.ts';
import { hasStackConfig } from './stack-config.ts';

const variables: Readonly<Record<string, string>> = { A: 'va', B: 'vb', E: '', a: 'la' };

function fill(text: string): string | { refused: true } | { missing: string } {
  const template = parseTemplate(text);
  if (template.refusedAt !== undefined) return { refused: true };
  const filled = fillTemplate(template, (name) => variables[name]);
  return 'text' in filled ? filled.text : { missing: filled.missing.name };
}

describe('fillTemplate', () => {
  test.each([
    ['$A ${A} ${a}', 'va va la'],
    ['${A-d}${A:-d}', 'vava'],
    ['${E-d}|${E:-d}|${U-d}|${U:-d}', '|d|d|d'],
    ['${U:-${A}}', '${A}'],
    ['${U:-$A}', '$A'],
    ['${U:-a${B}c} }', 'a${Bc} }'],
    ['$U-d ${A}', 'd ${A}'],
    ['$A-b c', 'va'],
    ['$$A $$$A', '$A $va'],
    ['${A:?m}', 'va'],
    ['${E?m}', ''],
    ['${U?a-b}', 'b'],
  ])('%s gives %s', (text, want) => {
    expect(fill(text)).toBe(want);
  });

  test.each(['${1}', '$ ', 'x$', '$1', '${U:+d}', '${A+d}', '${}', '${A', '${A b}', '$É', '${U:}'])(
    'refuses %s',
    (text) => {
      expect(fill(text)).toEqual({ refused: true });
    },
  );

  test.each([
    ['${U:?m}', 'U'],
    ['${U?}', 'U'],
    ['${E:?m}', 'E'],
  ])('%s is missing', (text, name) => {
    expect(fill(text)).toEqual({ missing: name });
  });

  test('says what is missing also before a variable that has a value', () => {
    expect(fill('${U:?set it} ${A}')).toEqual({ missing: 'U' });
  });

  test('leaves texts without a dollar alone', () => {
    fc.assert(
      fc.property(
        fc.string().filter((text) => !text.includes('$')),
        (text) => fill(text) === text,
      ),
    );
  });

  test('gives back what was escaped', () => {
    fc.assert(fc.property(fc.string(), (text) => fill(text.replaceAll('$', '$$$$')) === text));
  });
});

const piece = fc.constantFrom(
  ...['$', '$$', '{', '}', 'A', 'B', 'U', 'E', ':', '-', '?', ':-', ':?', ' ', 'x', '1', '${A}'],
  ...['${U:-', '${A:-', '$A', '$U', '${U-d}', '.', '${E:-q}'],
);
const anyText = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''));

describe.skipIf(!hasStackConfig)('against `docker stack config`, where this host has it', () => {
  test('texts are filled in alike', () => {
    const texts = fc.sample(anyText, { numRuns: 600, seed: 7 });
    // Docker forgets what was wrong as soon as another variable follows; such texts are left out.
    const fillable = texts.filter((text) => typeof fill(text) === 'string');
    const refused = texts.filter((text) => {
      const { refusedAt } = parseTemplate(text);
      return refusedAt !== undefined && !text.includes('$', refusedAt + 1);
    });
    expect(fillable.length).toBeGreaterThan(100);
    expect(refused.length).toBeGreaterThan(20);
    expect(askDocker(fillable)).toEqual(fillable.map(fill));
    for (const text of refused.slice(0, 20)) expect(askDocker([text]), text).toBeUndefined();
  });
});

/** The texts as labels of one service; undefined when the file is refused. */
function askDocker(texts: readonly string[]): readonly string[] | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'seatrial-interpolate-'));
  try {
    const labels = Object.fromEntries(texts.map((text, index) => [`l${String(index)}`, text]));
    const file = join(folder, 'compose.yml');
    const stack = { version: '3.8', services: { app: { image: 'x', labels } } };
    writeFileSync(file, JSON.stringify(stack));
    const run = spawnSync('docker', ['stack', 'config', '-c', file], {
      env: { PATH: process.env['PATH'], ...variables },
      maxBuffer: 1 << 24,
    });
    if (run.status !== 0) return undefined;
    const read = parse(run.stdout.toString()) as typeof stack;
    return texts.map((_, index) => read.services.app.labels[`l${String(index)}`] ?? '');
  } finally {
    rmSync(folder, { recursive: true });
  }
}
