import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { canariesRegistry } from '../../src/scenario/canaries.ts';
import { instanceRegistry } from '../../src/scenario/instance-manifest.ts';
import type { Pack } from '../../src/scenario/load-pack.ts';
import { contractRegistry, packRegistry } from '../../src/scenario/pack-file.ts';
import { registerRegistry } from '../../src/scenario/register.ts';
import { collectorsDigest, planDigestOf, scenarioPlan } from '../../src/scenario/scenario-plan.ts';
import { markedBy } from './at.ts';
import { loadSample, sampleFiles } from './pack-sample.ts';

async function sample(changes: Readonly<Record<string, string | undefined>> = {}): Promise<Pack> {
  const { pack, reports } = await loadSample(changes);
  expect(reports).toEqual([]);
  if (pack === undefined) throw new Error('not loaded');
  return pack;
}

test('everything of a pack is found', async () => {
  const pack = await sample();
  expect([...pack.scenarios.keys()]).toEqual(['write-note']);
  expect([...pack.validations.keys()]).toEqual(['check']);
  expect([...pack.register.keys()]).toEqual(['notes.write.kept']);
  expect([...pack.contracts.keys()]).toEqual(['no-instance']);
  expect(pack.manifests.get('manifests/plain.yaml')?.metadata.name).toBe('plain');
  expect(pack.canaries.map(({ id }) => id)).toEqual(['write.lose-note', 'undo-skipped:old']);
});

/** The file, what is replaced in it by what, the codes and what they mark; `beyond`: no schema can say it. */
type Case = readonly [
  file: string,
  from: string,
  to: string,
  codes: readonly string[],
  marked: readonly string[],
  beyond?: true,
];
const register = 'checks/register.yaml';
const manifest = 'manifests/plain.yaml';
const scenario = 'scenarios/write-note.yaml';
const cases: readonly Case[] = [
  ['pack.yaml', 'owner: notes-team', 'owner: TBD', ['SC003'], ['TBD']],
  ['pack.yaml', 'layers: [notes]', 'layers: [run]', ['SC003'], ['run'], true],
  ['pack.yaml', 'phases:', 'phase:', ['SC002'], ['phase']],
  ['pack.yaml', '#reference', '#referenc', ['CK002'], ['actions/subject.ts#referenc'], true],
  ['pack.yaml', '#install', '#instal', ['CK002'], ['actions/notes.ts#instal'], true],
  [
    'contracts/no-instance.yaml',
    'forbids: [manifest, releases]',
    'forbids: [all]',
    ['SC003'],
    ['all'],
  ],
  [
    'contracts/no-instance.yaml',
    /reason: .*/.exec(sampleFiles['contracts/no-instance.yaml'] ?? '')?.[0] ?? '',
    'reason: none needed',
    ['MF011'],
    ['none needed'],
  ],
  [
    register,
    '[{at: /after/note, op: same-as, to: /before/note}, {at: /lost, op: absent}]',
    '[]',
    ['CK001'],
    ['[]'],
  ],
  [register, 'to: /before/note', 'to: /after/note', ['CK001'], ['/after/note'], true],
  [register, 'to: /before/note', 'value: []', ['CK001'], ['[]'], true],
  [
    register,
    'op: same-as, to: /before/note',
    'op: matches, value: ".*"',
    ['CK001'],
    ['".*"'],
    true,
  ],
  [
    register,
    'op: same-as, to: /before/note',
    'op: matches, value: "(a)\\\\1"',
    ['SC003'],
    ['"(a)\\\\1"'],
    true,
  ],
  [register, 'at: /lost, op: absent', 'at: /, op: exists', ['CK001'], ['exists'], true],
  [
    register,
    'op: same-as, to: /before/note',
    'op: same-as',
    ['CK001'],
    ['{at: /after/note, op: same-as}'],
  ],
  [register, '#noteKept', '#noteKep', ['CK002'], ['checks/notes.ts#noteKep'], true],
  [
    register,
    'collector: checks/notes.ts',
    'collector: checks/gone.ts',
    ['CK002'],
    ['checks/gone.ts#noteKept'],
    true,
  ],
  [
    register,
    'id: notes.write.kept',
    'id: notes.write.stored',
    ['SC030'],
    ['notes.write.stored'],
    true,
  ],
  [register, 'id: notes.write.kept', 'id: other.write.kept', ['SC030'], ['other.write.kept'], true],
  [
    register,
    'replaces: notes.write.stored',
    'replaces: notes.write.older',
    ['SC030'],
    ['notes.write.older'],
    true,
  ],
  [register, 'revision: 1', 'revision: 0', ['SC003'], ['0']],
  [manifest, 'name: plain', 'name: Plain', ['SC003'], ['Plain']],
  [manifest, 'apiVersion: notes/v1', 'apiVersion: notes/v2', ['SC003'], ['notes/v2'], true],
  [manifest, 'title: Plain notes', 'title: ""', ['SC003'], ['""'], true],
  [
    manifest,
    'title: Plain notes',
    'titel: Plain notes',
    ['SC003', 'SC002'],
    ['spec', 'titel'],
    true,
  ],
  [
    manifest,
    'title: Plain notes',
    'title: notes.write.kept',
    ['MF001'],
    ['notes.write.kept'],
    true,
  ],
  [manifest, 'title: Plain notes', 'title: write-note', ['MF001'], ['write-note'], true],
  [manifest, 'title: Plain notes', 'title: NT-001', ['MF001'], ['NT-001'], true],
  [
    manifest,
    'title: Plain notes',
    'title: t, expectExit: 0',
    ['SC002', 'MF001'],
    ['expectExit', 'expectExit'],
    true,
  ],
  [
    manifest,
    'title: Plain notes',
    'title: t, engine: nvapi-1a2b3c4d5e6f7g8h9i',
    ['MF002'],
    ['engine'],
    true,
  ],
  [manifest, 'from: env', 'from: file', ['SC003'], ['file'], true],
  [
    'canaries/canaries.yaml',
    'plant: {mutant: write.lose-note}',
    'plant: {}',
    ['SC003'],
    ['{}'],
    true,
  ],
  ['canaries/canaries.yaml', 'kills: [notes.write.kept]', 'kills: []', ['SC003'], ['[]']],
  [scenario, 'action: write', 'action: wriet', ['SC022'], ['wriet'], true],
  [scenario, 'use: install', 'use: upgrade', ['SC022'], ['upgrade'], true],
  [
    scenario,
    'manifests/plain.yaml',
    'manifests/plane.yaml',
    ['SC011'],
    ['manifests/plane.yaml'],
    true,
  ],
  [scenario, '[NT-001]}\nspec', '[NT-002]}\nspec', ['SC032', 'SC032'], ['NT-002', 'NT-001'], true],
];

const schemas: Readonly<Record<string, { readonly render: () => object }>> = {
  'pack.yaml': packRegistry,
  'contracts/no-instance.yaml': contractRegistry,
  [register]: registerRegistry,
  [manifest]: instanceRegistry,
  'canaries/canaries.yaml': canariesRegistry,
};
const ajv = new Ajv2020({
  strictTuples: false,
  allErrors: true,
  strictTypes: false,
  strictRequired: false,
});
const accepts = Object.fromEntries(
  Object.entries(schemas).map(([file, { render }]) => [file, ajv.compile(render())]),
);

const rows = cases.map(([file, from, to, codes, marked, beyond = false]) => ({
  ...{ file, from, to, codes, marked, beyond },
}));

describe('what is wrong in a file of a pack', () => {
  test.each(rows)('$file: $from → $to', async ({ file, from, to, codes, marked, beyond }) => {
    const before = sampleFiles[file] ?? '';
    expect(before).toContain(from);
    const text = before.replace(from, () => to);
    const { pack, reports } = await loadSample({ [file]: text });
    expect(pack).toBeUndefined();
    const found = reports.flatMap(({ source, diagnostics }) =>
      diagnostics.map((each) => ({ code: each.code, mark: markedBy(source, [each])[0], each })),
    );
    expect(found.map(({ code }) => code).sort()).toEqual([...codes].sort());
    expect(found.map(({ mark }) => mark).sort()).toEqual([...marked].sort());
    for (const { each } of found) expect(each.hint).toBeTruthy();
    if (file in accepts) expect(accepts[file]?.(parse(text))).toBe(beyond);
  });

  test.each(Object.keys(schemas))('%s as it is fits its schema', (file) => {
    expect(accepts[file]?.(parse(sampleFiles[file] ?? ''))).toBe(true);
  });

  test('a folder that is no pack, a scenario twice, a schema that is gone', async () => {
    const none = await loadSample({ 'pack.yaml': undefined });
    expect(none.reports[0]?.diagnostics[0]?.code).toBe('SC011');
    const twice = await loadSample({ 'scenarios/x.yaml': sampleFiles[scenario] });
    expect(twice.reports[0]?.diagnostics.map(({ code }) => code)).toEqual(['SC020']);
    const gone = await loadSample({ 'manifests/spec.schema.json': undefined });
    expect(gone.reports[0]?.diagnostics.map(({ code }) => code)).toEqual(['SC011']);
  });
});

describe('the digest of a plan (S6)', () => {
  const digest = async (changes: Readonly<Record<string, string | undefined>> = {}) =>
    planDigestOf(scenarioPlan(await sample(changes), 'write-note'));
  const text = (file: string) => sampleFiles[file] ?? '';

  test('comments and the order of keys change nothing', async () => {
    const reordered = text(scenario)
      .replace('# A note survives.', '# Another remark.')
      .replace('{id: up, use: install, timeout: 10s}', '{timeout: 10s, use: install, id: up}');
    expect(await digest({ [scenario]: reordered })).toBe(await digest());
    expect(await digest({ 'staging/other.json': '{}' })).toBe(await digest());
  });

  test.each([
    [scenario, 'budget: 1m', 'budget: 2m'],
    [manifest, 'Plain notes', 'Other notes'],
    [register, 'op: absent', 'op: exists'],
    ['staging/old.json', '{}', '{"a":1}'],
    ['canaries/canaries.yaml', 'undo-skipped:old\n    scenario', 'other\n    scenario'],
    ['pack.yaml', '{home}/.notes', '{home}/.other'],
  ])('%s: %s', async (file, from, to) => {
    expect(await digest({ [file]: text(file).replace(from, to) })).not.toBe(await digest());
  });

  test('modules have a digest of their own', async () => {
    const changed = { 'checks/notes.ts': `${text('checks/notes.ts')}// more\n` };
    expect(await digest(changed)).toBe(await digest());
    expect(collectorsDigest(await sample(changed))).not.toBe(collectorsDigest(await sample()));
  });

  test('a scenario that there is not', async () => {
    const pack = await sample();
    expect(() => scenarioPlan(pack, 'gone')).toThrow('has no scenario');
  });
});

test('loading is total: anything in any file', { timeout: 60_000 }, async () => {
  const files = fc.constantFrom(...Object.keys(sampleFiles));
  const bytes = fc.oneof(
    fc.string({ maxLength: 80 }),
    fc.json({ maxDepth: 3 }),
    fc.tuple(fc.nat(), fc.string({ maxLength: 6 })).map(([at, put]) => ({ at, put })),
  );
  await fc.assert(
    fc.asyncProperty(files, bytes, async (file, change) => {
      const before = sampleFiles[file] ?? '';
      const text =
        typeof change === 'string'
          ? change
          : before.slice(0, change.at % before.length) +
            change.put +
            before.slice((change.at % before.length) + 3);
      const { pack, reports } = await loadSample({ [file]: text });
      expect(pack === undefined).toBe(reports.length > 0);
    }),
    { numRuns: 150 },
  );
});
