// The faults that fixtures have by themselves, and which of them a pack has written down itself.

import { expect, test } from 'vitest';
import { builtinCanaries } from '../../src/scenario/builtin-canaries.ts';
import { loadSample, sampleFiles } from './pack-sample.ts';

const scenario = 'scenarios/write-note.yaml';
const more = `    - {id: new, kind: file, restore: {budget: 5s}, with: {path: "{home}/.notes/new.json", from: staging/old.json}}
    - {id: rules, kind: landlock, with: {abi: 2, read: ['/'], write: ['/dev/null']}}
`;

const builtins = async (canaries: string, fixtures = '') => {
  const { readable } = await loadSample({
    'canaries/canaries.yaml': canaries,
    [scenario]: (sampleFiles[scenario] ?? '').replace(
      '  runtimeActions:',
      `${fixtures}  runtimeActions:`,
    ),
  });
  if (readable === undefined) throw new Error('the sample is a pack');
  return builtinCanaries(readable);
};

const written = sampleFiles['canaries/canaries.yaml'] ?? '';
const [lost = ''] = written.split('  - id: undo-skipped');

test('one that is not applied, one that is not undone', async () => {
  expect(await builtins(lost)).toEqual([
    {
      ...{ id: 'apply-skipped:old', scenario: 'write-note' },
      plant: { builtin: 'apply-skipped:old' },
      kills: ['fixture.old.staged'],
      spares: ['run.secrets.redactor-alive'],
    },
    {
      ...{ id: 'undo-skipped:old', scenario: 'write-note' },
      plant: { builtin: 'undo-skipped:old' },
      kills: ['fixture.old.restored'],
      spares: ['fixture.old.staged'],
    },
  ]);
});

test('what the pack has written itself is meant as it is written', async () => {
  const ids = (await builtins(written)).map(({ id }) => id);
  expect(ids).toEqual(['apply-skipped:old']);
});

test('one under another name takes the place of none', async () => {
  const ids = (await builtins(written.replace('id: undo-skipped:old', 'id: never-undone'))).map(
    ({ id }) => id,
  );
  expect(ids).toEqual(['apply-skipped:old', 'undo-skipped:old']);
});

test('each fixture; what ends by itself has nothing to undo', async () => {
  const found = await builtins(lost, more);
  expect(found.map(({ id, spares }) => [id, ...spares])).toEqual([
    ['apply-skipped:old', 'run.secrets.redactor-alive'],
    ['undo-skipped:old', 'fixture.old.staged'],
    ['apply-skipped:new', 'fixture.old.staged'],
    ['undo-skipped:new', 'fixture.new.staged'],
    ['apply-skipped:rules', 'fixture.new.staged'],
  ]);
});
