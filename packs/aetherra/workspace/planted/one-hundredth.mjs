// Planted: a few lines more that no test reaches, a hundredth of a percentage point.
import { mkdirSync, writeFileSync } from 'node:fs';

const [used, unused] = [8500, 1458];

mkdirSync('generated', { recursive: true });
writeFileSync(
  'generated/table.mjs',
  `export const table = [\n${'  1,\n'.repeat(used)}];\nexport function unused(x) {\n${'  x += 1;\n'.repeat(unused)}  return x;\n}\n`,
);
