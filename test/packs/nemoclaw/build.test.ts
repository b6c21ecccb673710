import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildRelease, readBuild } from '../../../packs/nemoclaw/reference/build.ts';
import { mutants, type Mutant } from '../../../packs/nemoclaw/reference/mutants.ts';
import { programs } from '../../../packs/nemoclaw/reference/releases.ts';
import { makeWorld, type ReferenceWorld } from './reference-world.ts';

const reference = 'packs/nemoclaw/reference';
const sha256 = (path: string): string =>
  createHash('sha256').update(readFileSync(path)).digest('hex');

let world: ReferenceWorld;
beforeAll(() => {
  world = makeWorld();
});
afterAll(() => {
  world.remove();
});

describe('a built release', () => {
  test('says what is in its folder', async () => {
    const folder = await world.release('openshell', 'current');
    const told = readBuild(folder);
    expect(told).toMatchObject({ version: '0.0.44', release: 'current', stateSchema: 2 });
    const names = readdirSync(folder).filter((name) => name !== 'build.json');
    expect(Object.keys(told.files).sort()).toEqual(names.sort());
    for (const [name, digest] of Object.entries(told.files))
      expect(sha256(join(folder, name))).toBe(digest);
  });

  test('tells its version and that it is the reference', async () => {
    const folder = await world.release('openshell', 'old');
    const { tree } = readBuild(folder);
    for (const name of ['openshell', 'openshell-gateway', 'openshell-sandbox']) {
      const { stdout } = await world.run(join(folder, name), ['--version']);
      expect(stdout).toBe(`${name} 0.0.36 (reference ${tree.slice(0, 8)})\n`);
      const json = await world.run(join(folder, name), ['--version', '--json']);
      expect(JSON.parse(json.stdout)).toMatchObject({ version: '0.0.36', tree, mutants: [] });
    }
  });

  test('differs from the next release by more than its version', async () => {
    const [old, current] = [
      await world.release('openshell', 'old'),
      await world.release('openshell', 'current'),
    ];
    const gateway = (folder: string) => readFileSync(join(folder, 'openshell-gateway'), 'utf8');
    expect(gateway(current)).toContain('request-body-credential-rewrite');
    expect(gateway(old)).not.toContain('request-body-credential-rewrite');
    expect(gateway(old)).not.toContain('// openshell/state-current.ts');
  });

  test('has the data of its own time, under the name that data has today', async () => {
    const blueprint = async (release: string) => {
      const folder = join(await world.release('nemoclaw', release), 'blueprint');
      expect(readdirSync(folder)).not.toContain('blueprint-old.yaml');
      return readFileSync(join(folder, 'blueprint.yaml'), 'utf8');
    };
    expect(await blueprint('old')).toContain('min_openclaw_version: 2026.3.1\n');
    expect(await blueprint('current')).toContain('min_openclaw_version: 2026.5.1\n');
  });

  test('built twice is equal', async () => {
    const again = join(world.root, 'again');
    const request = { program: 'openshell', release: 'current', hasMutants: true } as const;
    const built = await buildRelease({ ...request, into: again });
    expect(built).toEqual(readBuild(await world.release('openshell', 'current')));
  });
});

describe('planted faults', () => {
  const openshell = async () => join(await world.release('openshell', 'current'), 'openshell');

  test('are reported when active', async () => {
    const program = await openshell();
    const options = { mutant: 'gateway.allow-all' };
    const { stdout } = await world.run(program, ['--version', '--json'], options);
    expect(JSON.parse(stdout)).toMatchObject({ mutants: ['gateway.allow-all'] });
  });

  const refused: readonly (readonly [string, NodeJS.ProcessEnv])[] = [
    ['an unknown id', { NEMOCLAW_REF_MUTANT: 'gateway.nosuch' }],
    ['no nonce', { NEMOCLAW_REF_NONCE: '' }],
    ['a nonce of another run', { NEMOCLAW_REF_NONCE: 'nonce-fedcba9876543210' }],
    ['a home without the file', { HOME: '/nonexistent' }],
  ];
  test.each(refused)('are refused with %s', async (_, env) => {
    const options = { mutant: 'gateway.allow-all', env };
    const { code, stderr } = await world.run(await openshell(), ['--version'], options);
    expect({ code, stderr }).toEqual({
      code: 64,
      stderr: expect.stringContaining('NEMOCLAW_REF_MUTANT') as string,
    });
  });

  test('are not in packaged builds', async () => {
    const all = Object.entries(programs);
    for (const [program, { releases }] of all)
      for (const release of Object.keys(releases)) {
        const into = join(world.root, 'packaged', `${program}-${release}`);
        const name = program as keyof typeof programs;
        await buildRelease({ program: name, release, into, hasMutants: false });
        for (const file of Object.keys(programs[name].executables))
          expect(readFileSync(join(into, file), 'utf8')).not.toContain('plants:');
      }
    const file = join(world.root, 'packaged/openshell-current/openshell');
    const { code } = await world.run(file, ['--version'], { mutant: 'gateway.allow-all' });
    expect(code).toBe(64);
  });

  test('are each asked for once, in the file that the table names', () => {
    const table: readonly Mutant[] = mutants;
    expect(placesOf(sourceTexts())).toEqual(
      new Map(table.map(({ id, where }) => [id, [where]] as const)),
    );
  });

  test('canary: a fault that is asked for twice is noticed', () => {
    const twice = new Map([...sourceTexts(), ['twice.ts', "mutant('gateway.allow-all')"]]);
    expect(placesOf(twice).get('gateway.allow-all')).toHaveLength(2);
  });
});

function sourceTexts(): ReadonlyMap<string, string> {
  const files = readdirSync(reference, { recursive: true, encoding: 'utf8' });
  return new Map(
    files
      .filter((name) => name.endsWith('.ts'))
      .map((name) => [name, readFileSync(join(reference, name), 'utf8')] as const),
  );
}

function placesOf(texts: ReadonlyMap<string, string>): ReadonlyMap<string, readonly string[]> {
  const places = new Map<string, string[]>();
  for (const [name, text] of texts)
    for (const [, id = ''] of text.matchAll(/\bmutant\(\s*'([^']+)',?\s*\)/g))
      places.set(id, [...(places.get(id) ?? []), name]);
  return places;
}

test('canary: a changed file no longer has the digest that build.json tells', async () => {
  const into = join(world.root, 'changed');
  const request = { program: 'openshell', release: 'old', hasMutants: true } as const;
  const { files } = await buildRelease({ ...request, into });
  writeFileSync(join(into, 'openshell'), '#!/bin/sh\n');
  expect(sha256(join(into, 'openshell'))).not.toBe(files['openshell']);
});
