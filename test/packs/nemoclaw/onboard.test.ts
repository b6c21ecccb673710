// Onboarding that was cut off goes on where it was, and never makes two of anything.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { engineHost } from '../../drivers/docker/engine-here.ts';
import { makeProductWorld, type ProductWorld } from './product-world.ts';

let at: ProductWorld;
beforeAll(async () => {
  if (engineHost !== undefined) at = await makeProductWorld(engineHost);
});
afterAll(async () => {
  if (engineHost !== undefined) await at.remove();
});

type Session = {
  readonly status: string;
  readonly resumable: boolean;
  readonly steps: Readonly<Record<string, { readonly status: string; readonly startedAt: string }>>;
};
const session = (): Session => at.readJson('onboard-session.json') as Session;
const onboard = (...args: readonly string[]) => [
  ...['onboard', '--non-interactive', '--name', 'cut', '--agent', 'hermes'],
  ...args,
];

// One life of one home, told in order.
describe.skipIf(engineHost === undefined)('onboard --resume', () => {
  test('has nothing to go on with in a new home', async () => {
    const { code, stderr } = await at.nemoclaw(onboard('--resume'));
    expect({ code, stderr }).toEqual({
      code: 4,
      stderr: expect.stringContaining('nothing to resume') as string,
    });
  });

  test('one that is killed with its sandbox half made says so', async () => {
    const env = { NEMOCLAW_REF_CRASH_AT: 'sandbox-created' };
    expect(await at.nemoclaw(onboard(), { env })).toMatchObject({ code: 137 });
    const { status, resumable, steps } = session();
    expect({ status, resumable }).toEqual({ status: 'running', resumable: true });
    expect(steps['inference']?.status).toBe('complete');
    expect(steps['sandbox']?.status).toBe('running');
    expect((await at.nemoclaw(['list'])).stdout).toBe('');
  });

  test('another name is not resumed', async () => {
    const other = ['onboard', '--non-interactive', '--resume', '--name', 'other'];
    expect(await at.nemoclaw(other)).toMatchObject({ code: 4 });
  });

  test('goes on without its gateway, does no step twice, and leaves one sandbox', async () => {
    const before = session().steps['inference']?.startedAt;
    const [half] = await containers();
    await at.openshell(['gateway', 'stop']);
    expect(await at.nemoclaw(onboard('--resume'))).toMatchObject({ code: 0 });
    const { status, resumable, steps } = session();
    expect({ status, resumable }).toEqual({ status: 'complete', resumable: false });
    expect(steps['inference']?.startedAt).toBe(before);
    const now = await containers();
    expect(now).toHaveLength(1);
    expect(now).not.toContain(half);
    expect((await at.nemoclaw(['list'])).stdout).toMatch(/^cut\thermes\t/);
    expect(await at.nemoclaw(onboard('--resume'))).toMatchObject({ code: 4 });
  });
});

async function containers(): Promise<readonly string[]> {
  const { stdout } = await at.openshell(['sandbox', 'list', '--json']);
  return (JSON.parse(stdout) as readonly { containerId: string }[]).map(
    ({ containerId }) => containerId,
  );
}
