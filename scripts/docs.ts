// Writes the reference pages and the JSON Schemas from the code they describe. With --check it
// only compares, and names what is stale.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { references } from './references.ts';
import { say } from './steps.ts';

const check = process.argv.includes('--check');
const stale: string[] = [];

for (const [path, text] of Object.entries(await references())) {
  const present = read(path);
  if (present === text) continue;
  stale.push(path);
  if (check) continue;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

if (check && stale.length > 0) {
  process.stderr.write(`stale: ${stale.join(', ')}\n  hint: npm run docs\n`);
  process.exitCode = 1;
} else {
  say(stale.length === 0 ? 'reference pages are fresh' : `wrote ${stale.join(', ')}`);
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
