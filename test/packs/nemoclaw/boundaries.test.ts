// The reference and what tries it share no code; the rule is shown to see a breach.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cruise } from 'dependency-cruiser';
import extractDepcruiseOptions from 'dependency-cruiser/config-utl/extract-depcruise-options';
import extractTsConfig from 'dependency-cruiser/config-utl/extract-ts-config';
import { expect, test } from 'vitest';

const reference = 'packs/nemoclaw/reference';

async function breaches(folder: string): Promise<readonly string[]> {
  const options = await extractDepcruiseOptions('./.dependency-cruiser.mjs');
  const { output } = await cruise([folder], options, undefined, {
    tsConfig: extractTsConfig('./tsconfig.json'),
  });
  if (typeof output === 'string') throw new Error(output);
  return output.summary.violations
    .filter(({ rule }) => ['reference-alone', 'no-cycles'].includes(rule.name))
    .map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`);
}

test('the reference imports nothing of Seatrial, and has no cycles', async () => {
  expect(await breaches(reference)).toEqual([]);
});

test('canary: an import of src is a breach', async () => {
  const folder = mkdtempSync(join(reference, 'planted-'));
  try {
    const text = "export { canonicalJson } from '../../../../src/evidence/canonical.ts';\n";
    writeFileSync(join(folder, 'planted.ts'), text);
    expect(await breaches(folder)).toHaveLength(1);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
