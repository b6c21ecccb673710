import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { loadGates } from '../../src/gates/load-gates.ts';
import { gateKinds } from '../../src/gates/gate-schema.ts';
import { loadWatch } from '../../src/gates/load-watch.ts';
import { bytesOf } from './gates-text.ts';

const guide = readFileSync('docs/guides/gates.md', 'utf8');
const blocks = [...guide.matchAll(/```yaml\n(.*?)```/gsu)].map(([, text = '']) => text);

test('every file that the guide shows is one', () => {
  const watches = blocks.filter((block) => !block.includes('gates:'));
  expect([blocks.length, watches.length]).toEqual([4, 1]);
  for (const block of blocks) {
    const load = watches.includes(block) ? loadWatch : loadGates;
    expect(load('guide', bytesOf(block)).problems).toEqual([]);
  }
});

test('the guide names every kind', () => {
  for (const kind of gateKinds) expect(guide).toContain(`| \`${kind}\``);
});
