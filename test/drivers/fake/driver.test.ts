import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { everyFakeFault, type FakeFault } from '../../../src/drivers/fake/faults.ts';
import { contract, describeDriver } from '../contract.ts';
import { makeFakeSubject } from './subject.ts';

describeDriver('fake', () => makeFakeSubject());

const canaries: readonly [FakeFault, string][] = [
  ['install-other-release', 'install makes what'],
  ['no-answer', 'install makes what'],
  ['world-error:render', 'rendering is repeatable'],
  ['base-is-head', 'rendering is repeatable'],
  ['upgrade-loses-data', 'upgrade replaces'],
  ['old-release-stays', 'upgrade replaces'],
  ['second-install', 'upgrade replaces'],
  ['orphan-service', 'upgrade replaces'],
  ['world-error:observe', 'an equal upgrade'],
  ['old-release-stays', 'an upgrade that fails'],
  ['rebuild-keeps-units', 'rebuild makes'],
  ['rebuild-loses-data', 'rebuild makes'],
  ['world-error:exec', 'exec gives'],
  ['world-error:volumes', 'volumes take'],
  ['backup-misses-file', 'backup, destroy'],
  ['destroy-does-nothing', 'backup, destroy'],
  ['restore-misses-file', 'backup, destroy'],
  ['restore-changes-mode', 'backup, destroy'],
  ['restores-mutated', 'backup, destroy'],
  ['leftover-process', 'removal from another'],
  ['leftover-file', 'removal from another'],
  ['remove-fails', 'removal from another'],
  ['remove-prunes', 'removal from another'],
  ['leftover-volume', 'removal while'],
  ['leftover-volume', 'an installation cut off'],
  ['remove-fails', 'two instances'],
  ['world-error:logs', 'logs are handed out'],
  ['secret-in-log', 'secrets are held'],
  ['world-error:settled', 'a cancelled operation'],
];

// The contract itself can fail: each row names a case and a fault that must turn it red.
describe('canaries of the contract', () => {
  it.each(canaries)('%s fails "%s…"', async (fault, title) => {
    const found = contract.filter((each) => each.title.startsWith(title));
    expect(found).toHaveLength(1);
    const subject = await makeFakeSubject([fault]);
    await expect(found[0]?.run(subject)).rejects.toThrow();
  });

  it('cover every case', () => {
    const covered = (title: string) => canaries.some(([, start]) => title.startsWith(start));
    expect(contract.filter(({ title }) => !covered(title))).toEqual([]);
  });
});

const signal = new AbortController().signal;

/** A whole life, everything it answered, up to the call that threw. */
async function transcript(faults: readonly FakeFault[], limitMs = 50): Promise<string> {
  const subject = await makeFakeSubject(faults);
  const { context, resources } = await subject.open();
  const told: unknown[] = [];
  const tell = async (work: Promise<unknown>): Promise<void> => {
    told.push(await work.catch((error: unknown) => String(error)));
  };
  const driver = subject.driver();
  const life = async (): Promise<void> => {
    await tell(driver.capabilities(context.settings));
    const deployment = await driver.open(context);
    const look = async (): Promise<void> => {
      await tell(deployment.settled({ settleMs: 0, timeoutMs: 1, signal }));
      await tell(deployment.observe());
      await tell(subject.http.request({ url: `${String(deployment.url())}/`, timeoutMs: 1 }));
      await tell(subject.http.request({ url: 'http://other.invalid/', timeoutMs: 1 }));
      await tell(deployment.observe());
      await tell(deployment.logs());
      await tell(deployment.volumeList('data'));
    };
    await tell(deployment.render(subject.base, 'base'));
    await tell(deployment.install(subject.base, 'base', signal));
    await look();
    await deployment.volumeWrite('data', 'marker', new Uint8Array([1]));
    await tell(deployment.upgrade(subject.head, signal));
    await look();
    const report = await deployment.backup(signal);
    told.push(report);
    await deployment.volumeWrite('data', 'marker', new Uint8Array([2]));
    await tell(deployment.destroy(signal));
    await tell(deployment.restore(report.artifact, signal));
    await look();
    await tell(deployment.rebuild(subject.head, signal));
    await look();
    await tell(deployment.exec('app', ['version'], { timeoutMs: 1, outputLimitBytes: 10 }));
    await tell(driver.remove(resources(), { signal, graceMs: 0 }));
    await tell(driver.find(context.run, resources()));
    told.push(await driver.images?.());
  };
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, limitMs);
  });
  await Promise.race([life().catch((error: unknown) => told.push(String(error))), late]);
  clearTimeout(timer);
  return JSON.stringify([told, resources()]);
}

describe('faults', () => {
  it('are absent unless planted: two lives tell the same', async () => {
    expect(await transcript([], 5000)).toBe(await transcript([], 5000));
  });

  // `artifact-unreadable` shows in the file of the artifact only, which a driver with Files writes.
  it.each(everyFakeFault.filter((fault) => fault !== 'artifact-unreadable'))(
    '%s shows',
    async (fault) => {
      const healthy = await transcript([], 5000);
      expect(await transcript([fault], fault.startsWith('hang:') ? 50 : 5000)).not.toBe(healthy);
    },
  );

  it('that hang end with the signal', async () => {
    const subject = await makeFakeSubject(['hang:install']);
    const { context } = await subject.open();
    const deployment = await subject.driver().open(context);
    const abort = new AbortController();
    const installing = deployment.install(subject.base, 'base', abort.signal);
    abort.abort();
    await expect(installing).rejects.toMatchObject({ code: 'cancelled' });
  });
});

describe('a world in a file', () => {
  it('is found and removed by a driver of another process', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'seatrial-fake-'));
    try {
      const file = join(folder, 'world.json');
      const [one, two] = [await makeFakeSubject([], file), await makeFakeSubject([], file)];
      const { context, resources } = await one.open();
      const deployment = await one.driver().open(context);
      await deployment.install(one.base, 'base', signal);
      await deployment.volumeWrite('data', 'odd\nname', new Uint8Array([0, 255, 10]));
      expect(await deployment.volumeRead('data', 'odd\nname')).toEqual(
        new Uint8Array([0, 255, 10]),
      );
      expect((await two.driver().find(context.run, [])).length).toBeGreaterThan(0);
      await two.driver().remove(resources(), { signal, graceMs: 0 });
      expect(await one.driver().find(context.run, [])).toEqual([]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
