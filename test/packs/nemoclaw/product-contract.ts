// What every product of this kind answers to the commands that a run asks it by. One suite for whatever is installed:
// the reference where a run puts it, and the same behind the programs that a run makes for an installed product.

import { expect, test } from 'vitest';
import {
  backupCounts,
  entrypointOf,
  execInSandbox,
  listSandboxes,
  livePolicy,
  lookAtSandbox,
  probeVersion,
  readUpgradeCheck,
  versionsOf,
} from '../../../packs/nemoclaw/checks/product-commands.ts';
import type { PackPorts } from '../../../src/ports/pack.ts';

export type Installed = {
  readonly ports: PackPorts;
  /** A sandbox of an agent of the head that is ready. */
  readonly sandbox: string;
  readonly agent: 'openclaw' | 'hermes';
  readonly nemoclaw: string;
  readonly openshell: string;
  readonly agentVersion: string;
};

/** `installed` is asked when the tests run. */
export function answersTheCommands(installed: () => Installed): void {
  test('versions', async () => {
    const { nemoclaw, openshell } = installed();
    expect(await versionsOf(installed())).toEqual({ nemoclaw, openshell, status: openshell });
  });

  test('the list names the sandbox, and the engine has its container', async () => {
    const { sandbox, ports } = installed();
    expect((await listSandboxes(installed()))?.get(sandbox)).toBe('ready');
    const { container, image, state } = await lookAtSandbox(installed(), sandbox);
    expect({ container, image, state }).toEqual({
      container: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      image: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) as string,
      state: 'ready',
    });
    expect(await lookAtSandbox(installed(), 'another')).toMatchObject({ container: '' });
    const { sha256, isExecutable } = await entrypointOf({ ports }, container);
    expect(sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(isExecutable).toBe(true);
  });

  test('a command in the sandbox gives its output and exit code, and the agent its version', async () => {
    const { sandbox, agent, agentVersion } = installed();
    const ended = await execInSandbox(installed(), sandbox, ['sh', '-c', 'echo here; exit 7']);
    expect(ended).toMatchObject({ exit: 7, stdout: 'here\n' });
    expect(await probeVersion(installed(), sandbox, agent)).toBe(agentVersion);
    expect(await probeVersion(installed(), 'another', agent)).toBe('');
  });

  test('the live policy is what stands after the line', async () => {
    const body = await livePolicy(installed(), installed().sandbox);
    expect(Object.keys(body)).toContain('filesystem_policy');
  });

  test('the check names the sandbox', async () => {
    const { ports, sandbox } = installed();
    const argv = ['nemoclaw', 'upgrade-sandboxes', '--check'] as const;
    const { exit, stdout } = await ports.run({ argv: [...argv] });
    const { isCurrent, isStale, isUnknown, lineOf } = readUpgradeCheck(stdout);
    expect({ exit, isCurrent, isStale, isUnknown }).toEqual({
      ...{ exit: 0, isCurrent: true, isStale: false, isUnknown: false },
    });
    expect(lineOf(sandbox)).toContain('up to date');
    expect(lineOf('another')).toBe('');
  });

  test('what an installer says of backups', () => {
    expect(backupCounts('done: 2 backed up, 1 failed, 0 skipped')).toEqual({
      ...{ backedUp: 2, failed: 1 },
    });
    expect(backupCounts('nothing was backed up')).toBeUndefined();
  });
}
