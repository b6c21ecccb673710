import { afterEach, describe, expect, test } from 'vitest';
import { sha256Hex } from '../../src/evidence/canonical.ts';
import { builtInScenario } from '../../src/scenario/scenarios.ts';
import { makeBench, manifestOf, memoryReleases, overlay, removeBenches } from './harness.ts';

afterEach(removeBenches);

const reason = 'the data of this app live elsewhere';

test('the plan fixes releases, operations with budgets, and checks in the order they are asked', async () => {
  const bench = await makeBench();
  const { plan, base, head } = await bench.plan();
  expect(base?.release.version).toBe('1.0.0');
  expect(head.release.version).toBe('1.1.0');
  expect(plan.head.digest).toBe(sha256Hex('dir:1.1.0'));
  expect(plan.operations.every(({ budgetMs }) => budgetMs > 0)).toBe(true);
  expect(plan.selection).toBe('full');
  const ids = plan.expected.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.at(0)).toBe('floor.install.done');
  expect(ids.filter((id) => id.startsWith('run.'))).toEqual(ids.slice(-4));
});

describe('the instance', () => {
  const instance = async (head: string, canary?: string) => {
    const bench = await makeBench({ releases: memoryReleases(['1.0.0', '1.1.0', '1.2.0']) });
    const asked = { head, ...(canary === undefined ? {} : { canary }) };
    return (await bench.plan({ plan: asked })).plan.instance;
  };
  test('is the same for one head, and another for another head or a canary', async () => {
    expect(await instance('1.1.0')).toBe(await instance('1.1.0'));
    expect(await instance('1.1.0')).not.toBe(await instance('1.2.0'));
    expect(await instance('1.1.0')).not.toBe(await instance('1.1.0', 'planted'));
  });
});

test.each<[readonly string[], string, string | undefined]>([
  [['1.0.0', '1.1.0', '2.0.0-beta.1'], '1.1.0', '1.0.0'],
  [['1.0.0-beta.1', '1.0.0-beta.2'], '1.0.0-beta.2', '1.0.0-beta.1'],
])('without --head, of %j head is %s', async (versions, head, base) => {
  const planned = await (await makeBench({ releases: memoryReleases(versions) })).plan();
  expect(planned.head.release.version).toBe(head);
  expect(planned.base?.release.version).toBe(base);
});

test.each<[string, readonly string[], Readonly<Record<string, string>>, string]>([
  ['nothing older is published', ['1.1.0'], {}, 'structural'],
  [
    'all that is older has one content',
    ['1.0.0', '1.1.0'],
    { '1.0.0': 'a', '1.1.0': 'a' },
    'structural',
  ],
])('%s: no upgrade, and head is installed', async (_what, versions, digests, kind) => {
  const bench = await makeBench({ releases: memoryReleases(versions, digests) });
  const planned = await bench.plan();
  expect(planned.base).toBeUndefined();
  const upgrade = planned.plan.operations.find(({ name }) => name === 'upgrade');
  expect(upgrade?.skip?.kind).toBe(kind);
  expect((await bench.execute(planned)).state.deployments).toBe(1);
});

test('a base that nothing upgrades from is not installed either', async () => {
  const bench = await makeBench();
  const manifest = manifestOf(`notApplicable: { upgrade: '${reason}' }`);
  const { base, plan } = await bench.plan({ manifest });
  expect(base).toBeUndefined();
  expect(plan.operations.find(({ name }) => name === 'upgrade')?.skip).toEqual({
    kind: 'declared',
    reason,
  });
});

test('FR-07: an install overlay that declares stage head is asked when head runs', async () => {
  const bench = await makeBench();
  const early = overlay('install', 'early');
  const checks = [{ id: 'overlay.late', name: 'late', stage: 'head' as const }];
  const overlays = [early, { ...early, path: 'install.late.check.mjs', checks }];
  const asked = await bench.plan({ plan: { overlays } });
  const after = (id: string) => asked.plan.expected.find((check) => check.id === id)?.after;
  expect(after('overlay.early')).toBe('install');
  expect(after('overlay.late')).toBe('upgrade');
  const fresh = builtInScenario('fresh');
  if (fresh === undefined) throw new Error('no such scenario');
  const alone = await bench.plan({ plan: { overlays, scenario: fresh } });
  expect(alone.plan.expected.find(({ id }) => id === 'overlay.late')?.after).toBe('install');
});

test('--ops: what is not asked for is skipped, and the run is partial', async () => {
  const bench = await makeBench();
  const { plan } = await bench.plan({ plan: { selection: ['backup'] } });
  expect(plan.selection).toBe('partial');
  const left = plan.operations.filter(({ skip }) => skip === undefined).map(({ name }) => name);
  expect(left).toEqual(['install', 'upgrade', 'backup', 'remove']);
  const restore = plan.expected.filter(({ after }) => after === 'restore');
  expect(restore.every(({ skip }) => skip?.kind === 'not-asked')).toBe(true);
});

test('what a driver cannot is skipped with its reason', async () => {
  const bench = await makeBench();
  const manifest = manifestOf('fake: { cannot: { backup: there is no tar here } }');
  const { plan } = await bench.plan({ manifest });
  const skip = (name: string) => plan.operations.find((each) => each.name === name)?.skip?.reason;
  expect(skip('backup')).toBe('there is no tar here');
  expect(skip('restore')).toBe('there is no backup to restore');
});

test('a variable that is not set is named before the run begins', async () => {
  const bench = await makeBench();
  const manifest = manifestOf('env: { TOKEN: { from: env:SHOP_TOKEN } }');
  await expect(bench.run({ manifest })).rejects.toMatchObject({
    code: 'not-found',
    message: expect.stringContaining('SHOP_TOKEN') as string,
  });
  expect(await bench.world.files.stat(`${bench.store.root}/runs.jsonl`)).toBeUndefined();
});
