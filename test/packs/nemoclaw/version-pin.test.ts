// T6 of the pack: the installer's scenario, and each planted fault of the installer against it.

import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildSubject } from '../../../packs/nemoclaw/actions/build-subject.ts';
import { systemFiles } from '../../../src/drivers/files.ts';
import { wantedRed } from '../../../src/scenario/canaries.ts';
import { loadPack, type Pack } from '../../../src/scenario/load-pack.ts';
import { makeWorld, type ReferenceWorld } from './reference-world.ts';
import { tryScenario, type Verdicts } from './try-scenario.ts';

const root = resolve('packs/nemoclaw');
const scenario = 'installer-openshell-version-pin';
const named = /^export (?:const|async function) (\w+)/gm;

let world: ReferenceWorld;
let pack: Pack;
let product = '';

const load = () =>
  loadPack(systemFiles, root, {
    readExports: (_, text) =>
      Promise.resolve(new Set([...text.matchAll(named)].map(([, name = '']) => name))),
  });

beforeAll(async () => {
  world = makeWorld();
  product = join(world.root, 'subject');
  await buildSubject(product, true);
  const loaded = await load();
  expect(loaded.reports.flatMap(({ diagnostics }) => diagnostics)).toEqual([]);
  if (loaded.pack === undefined) throw new Error('the pack does not load');
  pack = loaded.pack;
});
afterAll(() => {
  world.remove();
});

const tried = (mutant?: string): Promise<Verdicts> =>
  tryScenario({
    ...{ pack, scenario, product, work: world.root },
    ...(mutant === undefined ? {} : { mutant }),
  });

test('every check of the scenario passes on the reference', async () => {
  const verdicts = await tried();
  expect(Object.entries(verdicts).filter(([, verdict]) => verdict !== 'passed')).toEqual([]);
  expect(Object.keys(verdicts)).toHaveLength(11);
});

describe('planted faults', () => {
  // One of them; all in `npm run acceptance:nemoclaw`.
  test.each(['pin.write-in-place'])('%s', async (id) => {
    const canary = pack.canaries.find((each) => each.id === id);
    const verdicts = await tried(id);
    for (const { check, verdict } of wantedRed(canary?.kills ?? []))
      expect(verdicts[check]).toBe(verdict);
    for (const check of canary?.spares ?? []) expect(verdicts[check]).toBe('passed');
    expect(canary?.spares).not.toEqual([]);
  });

  test('there is one for each check of the register', () => {
    const killed = new Set(
      pack.canaries.flatMap(({ kills }) => wantedRed(kills).map(({ check }) => check)),
    );
    expect([...pack.register.keys()].filter((id) => !killed.has(id))).toEqual([]);
  });
});
