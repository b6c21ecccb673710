// A run in which every proof holds is the sample's; here one in which exactly one fact is missing.

import { expect, test } from 'vitest';
import { deriveRow } from '../../src/audit/derive.ts';
import type { RunDraft } from './sample-run.ts';
import { headBuild, imageUse, instance, oldBuild, registryFile, request } from './sample-run.ts';
import { makeSample, openSampleIndex, writeMutants, writeRun } from './sample-store.ts';

const observed =
  (
    deploy: readonly ReturnType<typeof instance>[],
    rebuild: readonly ReturnType<typeof instance>[],
  ) =>
  (draft: RunDraft): RunDraft =>
    draft.with({ observed: { deploy, rebuild } });

const old = instance(oldBuild, 'c1');
const fresh = instance(headBuild, 'c2');
const uses = [imageUse(true), imageUse(false)] as const;
const version = 'demo.rebuild.version-probed';

const cases: readonly (readonly [string, string, string, (draft: RunDraft) => RunDraft])[] = [
  [
    'old-sandbox',
    'old-sandbox',
    'no agent of the old build was seen running',
    observed([uses[0]], [instance(headBuild, 'c2', { name: 'other' }), uses[1], request()]),
  ],
  [
    'its version is not its own',
    'old-sandbox',
    'did not report 1.0.0 itself but 1.1.0',
    observed(
      [instance({ ...oldBuild, version: '1.1.0' }, 'c1'), uses[0]],
      [fresh, uses[1], request()],
    ),
  ],
  [
    'the same container',
    'old-sandbox',
    'was never replaced by another instance',
    observed([old, uses[0]], [instance(headBuild, 'c1'), uses[1], request()]),
  ],
  [
    'the same content',
    'old-sandbox',
    'has the content of the old one',
    observed(
      [old, uses[0]],
      [instance({ ...headBuild, content: oldBuild.content }, 'c2'), uses[1], request()],
    ),
  ],
  [
    'another probe',
    'old-sandbox',
    'was not asked by the same probe',
    observed(
      [old, uses[0]],
      [instance(headBuild, 'c2', { probe: 'cat VERSION' }), uses[1], request()],
    ),
  ],
  [
    'another version than the head’s',
    'old-sandbox',
    'does not report 2.0.0',
    observed(
      [old, uses[0]],
      [instance({ ...headBuild, version: '1.5.0' }, 'c2'), uses[1], request()],
    ),
  ],
  [
    'a fixture that does not say what it made',
    'old-sandbox',
    'does not say which build it made',
    (draft) => draft.applied('old-image', { component: 'agent' }),
  ],
  [
    'a fixture that does not say where',
    'staged-registry',
    'does not say where it staged',
    (draft) => draft.applied('staged', {}),
  ],
  [
    'nobody read what was staged',
    'staged-registry',
    `read ${registryFile} after it was staged`,
    (draft) => draft.facts(version, { sources: [{ when: 'after' }] }),
  ],
  [
    'nothing that lives was asked',
    'staged-registry',
    'nothing that lives was asked',
    (draft) =>
      draft.facts(version, {
        sources: [
          { when: 'after', transport: 'file-read', target: registryFile },
          { when: 'after', transport: 'file-read', target: '/home/other.json' },
        ],
      }),
  ],
  ['no nonce', 'endpoint', 'was given no nonce', (draft) => draft.applied('endpoint', {})],
  [
    'no log',
    'endpoint',
    'the log of endpoint was not kept',
    observed([old, uses[0]], [fresh, uses[1]]),
  ],
  [
    'another nonce',
    'endpoint',
    "no request to endpoint had the run's nonce",
    observed([old, uses[0]], [fresh, uses[1], request('nonce-2')]),
  ],
  [
    'a request of the harness itself',
    'endpoint',
    'came from inside the app',
    observed([old, uses[0]], [fresh, uses[1], request('nonce-1', 'host-cli')]),
  ],
  [
    'nothing was built',
    'patched-image',
    'was not seen building an image',
    observed([old, imageUse(false)], [fresh, uses[1], request()]),
  ],
  [
    'used once',
    'patched-image',
    'was not used a second time',
    observed([old, uses[0]], [fresh, request()]),
  ],
  [
    'another image',
    'patched-image',
    'took another image',
    observed([old, uses[0]], [fresh, imageUse(false, { image: 'j' }), request()]),
  ],
  [
    'made anew',
    'patched-image',
    'took an image made anew',
    observed([old, uses[0]], [fresh, imageUse(false, { created: 'u' }), request()]),
  ],
  [
    'built again',
    'patched-image',
    'built it again',
    observed([old, uses[0]], [fresh, imageUse(true), request()]),
  ],
  [
    'not restored',
    'blueprint',
    'fixture.mutation.restored is failed',
    (draft) => draft.verdict('fixture.mutation.restored', 'failed'),
  ],
];

test.each(cases)('%s', async (_name, role, absent, draft) => {
  const sample = await makeSample();
  await writeMutants(sample);
  await writeRun(sample, 'rebuild', 'run-rebuild', { draft });
  const index = await openSampleIndex(sample);
  const [row] = index.pack.rows;
  if (row === undefined) throw new Error('the sample has a row');
  const { reasons } = deriveRow(index, row);
  const missing = reasons.filter(({ code }) => code.startsWith('missing-'));
  expect(missing.map(({ code }) => code)).toEqual([`missing-${role}-fixture`]);
  expect(missing[0]?.message).toContain(absent);
});

test.each([
  [
    'not reached',
    (draft: RunDraft) =>
      draft.with({ scenario: { ...draft.scenario, actions: draft.scenario.actions.slice(0, 1) } }),
    'rebuild was not reached',
  ],
  [
    'nothing shows the refusal',
    (draft: RunDraft) => draft.fail('demo.refuse.keeps-old'),
    'failed as stated',
  ],
])('refused: %s', async (_name, draft, absent) => {
  const sample = await makeSample();
  await writeMutants(sample);
  await writeRun(sample, 'refuse', 'run-refuse', { draft });
  const index = await openSampleIndex(sample);
  const row = index.pack.rows.find(({ id }) => id === 'AQ-002');
  if (row === undefined) throw new Error('the sample has a row');
  const found = deriveRow(index, row).reasons.find(
    ({ code }) => code === 'missing-kept-sandbox-fixture',
  );
  expect(found?.message).toContain(absent);
});
