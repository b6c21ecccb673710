// Onboarding that was cut off goes on where it was, and never makes two of anything.

import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writePrograms } from '../../../packs/nemoclaw/actions/programs.ts';
import { systemFiles } from '../../../src/drivers/files.ts';
import { systemHttp } from '../../../src/drivers/http.ts';
import { packPortsOf } from '../../../src/drivers/pack/ports.ts';
import type { PackPorts } from '../../../src/ports/pack.ts';
import { engineHost } from '../../drivers/docker/engine-here.ts';
import { answersTheCommands, type Installed } from './product-contract.ts';
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

/** As a run has them, with this PATH. */
function portsOn(path: string): PackPorts {
  const { root, home } = at.world;
  return packPortsOf({ files: systemFiles, http: systemHttp, dockerHost: engineHost ?? '' })({
    places: { pack: '', product: at.product, home, work: root, run: 'run-1', suffix: 'cut' },
    ...{ nonce: 'nonce', planted: {}, signal: new AbortController().signal },
    env: () => ({
      ...{ PATH: `${path}:${process.env['PATH'] ?? ''}`, HOME: home, XDG_RUNTIME_DIR: root },
      ...{ DOCKER_HOST: engineHost ?? '', NEMOCLAW_IMAGE_NAMESPACE: at.space },
    }),
    surfaces: { sandbox: { label: 'openshell.ai/sandbox-name' } },
    ...{ requests: () => [], held: () => undefined, witness: () => undefined },
  });
}

const installed = (path: string): Installed => ({
  ...{ ports: portsOn(path), sandbox: 'cut', agent: 'hermes', agentVersion: '2026.5.10' },
  ...{ nemoclaw: '0.5.0', openshell: '0.0.44' },
});

// The sandbox is the one that was onboarded above.
describe.skipIf(engineHost === undefined)('the reference answers the commands', () => {
  answersTheCommands(() => installed(`${at.product}:${join(at.product, 'openshell')}`));
});

describe.skipIf(engineHost === undefined)('an installed product answers the commands', () => {
  const bin = (): string => join(at.world.root, 'bin');
  beforeAll(() => {
    if (engineHost === undefined) return;
    const [nemoclaw, openshell] = ['nemoclaw', 'openshell/openshell'].map((path) =>
      join(at.product, path),
    );
    writePrograms(at.world.root, { nemoclaw: nemoclaw ?? '', openshell: openshell ?? '' });
  });
  answersTheCommands(() => installed(bin()));

  test('until it is another than it was', async () => {
    const path = join(at.product, 'nemoclaw');
    const text = await systemFiles.readText(path);
    await systemFiles.replace(path, `${text}\n// brought up to date\n`, 0o755);
    const { exit, stderr } = await portsOn(bin()).run({ argv: ['nemoclaw', '--version'] });
    expect({ exit, stderr }).toEqual({
      exit: 126,
      stderr: `${path} is not what it was when the run began\n`,
    });
  });
});

async function containers(): Promise<readonly string[]> {
  const { stdout } = await at.openshell(['sandbox', 'list', '--json']);
  return (JSON.parse(stdout) as readonly { containerId: string }[]).map(
    ({ containerId }) => containerId,
  );
}
