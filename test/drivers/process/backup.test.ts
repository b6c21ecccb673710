import { appendFile, rm, writeFile } from 'node:fs/promises';
import { afterEach, describe, expect, it } from 'vitest';

import type { Deployment } from '../../../src/ports/app-driver.ts';
import type { JsonObject } from '../../../src/ports/json.ts';
import { cleanUp, codeOf, make, never, running, settle } from './counter.ts';
import { counterSettings } from './subject.ts';

afterEach(cleanUp);

const read = async (deployment: Deployment, path: string): Promise<string> =>
  Buffer.from((await deployment.volumeRead('data', path)) ?? []).toString();

describe('backup', () => {
  const live = { capable: 'auto', how: 'live' };
  const hook = (script: string): string[] => ['sh', '-c', script];

  it('of a running app is framed by its hooks, and does not restart it', async () => {
    const backup = {
      ...live,
      quiesce: hook('echo quiet > {data}/state'),
      resume: hook('echo going > {data}/state'),
    };
    const { deployment } = await running({ settings: { backup } });
    const before = await deployment.observe();
    const report = await deployment.backup(never);
    expect(report.hooks).toMatchObject([
      { hook: 'quiesce', exitCode: 0 },
      { hook: 'resume', exitCode: 0 },
    ]);
    expect((await deployment.observe()).services).toEqual(before.services);
    expect(await read(deployment, 'state')).toBe('going\n');
    await deployment.destroy(never);
    await deployment.restore(report.artifact, never);
    expect(await read(deployment, 'state')).toBe('quiet\n');
  });

  it('resumes the app also when the capture fails', async () => {
    const backup = { ...live, resume: hook('echo going > {data}/state') };
    const { deployment, context } = await running({ settings: { backup } });
    await writeFile(Buffer.from(`${context.work}/data/\xff`, 'latin1'), '');
    expect(await codeOf(deployment.backup(never))).toBe('refused');
    await rm(Buffer.from(`${context.work}/data/\xff`, 'latin1'));
    expect(await read(deployment, 'state')).toBe('going\n');
  });

  it('reports a hook that fails', async () => {
    const backup = { ...live, quiesce: hook('echo busy >&2; exit 5') };
    const { deployment } = await running({ settings: { backup } });
    expect((await deployment.backup(never)).hooks).toMatchObject([
      { hook: 'quiesce', exitCode: 5, output: 'busy\n' },
    ]);
  });

  it.each(['stopped', 'live'])('by the app’s own command, %s', async (how) => {
    const backup = {
      capable: 'auto',
      how,
      command: hook('cp {data}/count {artifact}/dump'),
      restoreCommand: hook('cp {artifact}/dump {data}/count'),
    };
    const { deployment } = await running({ settings: { backup } });
    await deployment.volumeWrite('data', 'count', new Uint8Array(Buffer.from('41')));
    await deployment.volumeWrite('data', 'scratch', new Uint8Array([1]));
    const report = await deployment.backup(never);
    expect(report).toMatchObject({ form: 'opaque', captured: { data: [] } });
    await deployment.destroy(never);
    const { hooks } = await deployment.restore(report.artifact, never);
    expect(hooks).toMatchObject([{ hook: 'restoreCommand', exitCode: 0 }]);
    expect(await deployment.settled(settle)).toMatchObject({ state: 'converged' });
    expect(await read(deployment, 'count')).toBe('41');
    expect(await deployment.volumeRead('data', 'scratch')).toBeUndefined();
  });
});

describe('a backup', () => {
  it('is not restored from an artifact that was changed', async () => {
    const { deployment } = await running();
    const { artifact } = await deployment.backup(never);
    await appendFile(artifact.path, 'x');
    await deployment.destroy(never);
    expect(await codeOf(deployment.restore(artifact, never))).toBe('refused');
  });

  it('is reported as impossible where the manifest says so', async () => {
    const { driver } = await make();
    const capabilities = async (backup: JsonObject) =>
      driver.capabilities({ ...counterSettings, backup });
    expect(await capabilities({ capable: 'auto', how: 'live' })).toMatchObject({ backup: true });
    const no = { no: 'it keeps nothing' };
    expect(await capabilities({ capable: no, how: 'live' })).toMatchObject({
      backup: 'it keeps nothing',
      restore: 'it keeps nothing',
    });
    const alone = await capabilities({ capable: true, how: 'live', command: ['true'] });
    expect(alone.restore).toContain('restoreCommand');
  });
});
