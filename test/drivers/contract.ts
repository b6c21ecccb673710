// What every driver promises, asked of the fake and of the real ones alike. Cases are data, so that a
// canary can run one of them against a driver with a planted fault and see it fail.

import { describe, expect, it } from 'vitest';

import type {
  AppDriver,
  Deployment,
  InstanceContext,
  Resource,
} from '../../src/ports/app-driver.ts';
import type { Http } from '../../src/ports/http.ts';
import type { PreparedRelease } from '../../src/ports/release.ts';
import type { WorldErrorCode } from '../../src/ports/world-error.ts';

export type Opened = {
  readonly context: InstanceContext;
  readonly resources: () => readonly Resource[];
};

/** One app on one kind of driver, in a world of its own. */
export type Subject = {
  /** A new driver object each time, as another process would make one. */
  readonly driver: () => AppDriver;
  /** A context whose resources are kept; `failAt` makes that call of the resource log throw. */
  readonly open: (options?: { readonly failAt?: number }) => Promise<Opened>;
  readonly base: PreparedRelease;
  readonly head: PreparedRelease;
  /** Starts and ends with a failure. */
  readonly broken: PreparedRelease;
  readonly http: Http;
  readonly service: string;
  /** Arguments of a command that ends with a code. */
  readonly exits: (code: number) => readonly [string, ...string[]];
  /** Puts into the volume `data` what `volumeWrite` cannot: modes, links, empty folders, a large file. */
  readonly plant: (opened: Opened) => Promise<void>;
  readonly dispose: () => Promise<void>;
  /** How long `broken` may look alive before it ends; default 50 ms. */
  readonly crashesWithinMs?: number;
};

export type Case = { readonly title: string; readonly run: (subject: Subject) => Promise<void> };

export const secretName = 'API_TOKEN';
export const secretValue = 'contract-secret-7f3a91';

const settle = { settleMs: 50, timeoutMs: 20_000 };
const never = new AbortController().signal;
const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));
const text = (content: Uint8Array): string => Buffer.from(content).toString('utf8');

type Running = Opened & { readonly driver: AppDriver; readonly deployment: Deployment };

async function running(subject: Subject, release = subject.base): Promise<Running> {
  const opened = await subject.open();
  const driver = subject.driver();
  const deployment = await driver.open(opened.context);
  await deployment.install(release, 'base', never);
  await converged(deployment);
  return { ...opened, driver, deployment };
}

async function converged(deployment: Deployment): Promise<void> {
  expect(await deployment.settled({ ...settle, signal: never })).toMatchObject({
    state: 'converged',
  });
}

async function remove({ context, resources }: Opened, driver: AppDriver): Promise<void> {
  const removed = await driver.remove(resources(), { signal: never, graceMs: 2000 });
  expect(removed.filter(({ outcome }) => outcome === 'failed')).toEqual([]);
  expect(await driver.find(context.run, resources())).toEqual([]);
}

async function ask(subject: Subject, deployment: Deployment, path: string, method = 'GET') {
  const url = `${deployment.url() ?? 'no url'}${path}`;
  const { body } = await subject.http.request({ url, method, timeoutMs: 5000 });
  return text(body).trim();
}

const specs = async (deployment: Deployment) =>
  Object.fromEntries(
    Object.entries((await deployment.observe()).services).map(([name, { spec }]) => [name, spec]),
  );
const unitIds = async (deployment: Deployment) =>
  Object.values((await deployment.observe()).services).flatMap(({ units }) =>
    units.map(({ id }) => id),
  );
const lastingIds = async (deployment: Deployment) => {
  const { services, volumes } = await deployment.observe();
  return { services: Object.entries(services).map(([name, { id }]) => [name, id]), volumes };
};
const codeOf = (work: Promise<unknown>): Promise<WorldErrorCode | 'none'> =>
  work.then(
    () => 'none' as const,
    (error: unknown) => (error as { code: WorldErrorCode }).code,
  );

const oddNames = ['with space', 'new\nline', 'ünïcode-✓', '-dash', 'deep/er/still', 'quote\'"$(x)'];

export const contract: readonly Case[] = [
  {
    title: 'install makes what the rendering says, and the app answers',
    run: async (subject) => {
      const { deployment, context, resources, driver } = await running(subject);
      const rendering = await deployment.render(subject.base, 'base');
      expect(await specs(deployment)).toEqual(rendering.services);
      const { volumes, listeners } = await deployment.observe();
      expect(volumes.map(({ name }) => name)).toEqual(rendering.volumes);
      expect(listeners.filter(({ own }) => !own)).toEqual([]);
      expect(await ask(subject, deployment, '/')).toContain(subject.base.release.version);
      await remove({ context, resources }, driver);
    },
  },
  {
    title: 'rendering is repeatable, tells releases apart and has no effect',
    run: async (subject) => {
      const { context, resources } = await subject.open();
      const driver = subject.driver();
      const deployment = await driver.open(context);
      const first = await deployment.render(subject.base, 'base');
      expect(await deployment.render(subject.base, 'base')).toEqual(first);
      expect(await deployment.render(subject.head, 'head')).not.toEqual(first);
      expect(resources()).toEqual([]);
      expect(await driver.find(context.run, [])).toEqual([]);
    },
  },
  {
    title: 'upgrade replaces what runs, keeps ids and data',
    run: async (subject) => {
      const opened = await running(subject);
      const { deployment } = opened;
      expect(await ask(subject, deployment, '/counter', 'POST')).toBe('1');
      await deployment.volumeWrite('data', 'kept', bytes('kept'));
      const [units, ids] = [await unitIds(deployment), await lastingIds(deployment)];
      await deployment.upgrade(subject.head, never);
      await converged(deployment);
      const rendering = await deployment.render(subject.head, 'head');
      expect(await specs(deployment)).toEqual(rendering.services);
      expect(await lastingIds(deployment)).toEqual(ids);
      expect((await unitIds(deployment)).filter((id) => units.includes(id))).toEqual([]);
      expect(await ask(subject, deployment, '/')).toContain(subject.head.release.version);
      expect(await ask(subject, deployment, '/counter')).toBe('1');
      expect(text((await deployment.volumeRead('data', 'kept')) ?? bytes(''))).toBe('kept');
      expect(opened.resources().filter(({ kind }) => kind === 'deployment')).toHaveLength(1);
      await remove(opened, opened.driver);
    },
  },
  {
    title: 'an equal upgrade changes nothing',
    run: async (subject) => {
      const opened = await running(subject);
      await opened.deployment.upgrade(subject.head, never);
      await converged(opened.deployment);
      const before = await opened.deployment.observe();
      await opened.deployment.upgrade(subject.head, never);
      await converged(opened.deployment);
      const after = await opened.deployment.observe();
      expect({ ...after, facts: null }).toEqual({ ...before, facts: null });
      await remove(opened, opened.driver);
    },
  },
  {
    title: 'an upgrade that fails is visible',
    run: async (subject) => {
      const opened = await running(subject);
      await opened.deployment.upgrade(subject.broken, never);
      const settleMs = subject.crashesWithinMs ?? settle.settleMs;
      const options = { ...settle, settleMs, signal: never };
      const convergence = await opened.deployment.settled(options);
      expect(convergence).toMatchObject({ state: 'failed', cause: 'crash' });
      const { services } = await opened.deployment.observe();
      expect(services[subject.service]?.units).toMatchObject([{ running: false, exitCode: 3 }]);
      await remove(opened, opened.driver);
    },
  },
  {
    title: 'rebuild makes every unit anew and keeps data',
    run: async (subject) => {
      const opened = await running(subject);
      const { deployment } = opened;
      await deployment.upgrade(subject.head, never);
      await converged(deployment);
      await deployment.volumeWrite('data', 'kept', bytes('kept'));
      const units = await unitIds(deployment);
      await deployment.rebuild(subject.head, never);
      await converged(deployment);
      expect(await specs(deployment)).toEqual(
        (await deployment.render(subject.head, 'head')).services,
      );
      expect((await unitIds(deployment)).filter((id) => units.includes(id))).toEqual([]);
      expect(text((await deployment.volumeRead('data', 'kept')) ?? bytes(''))).toBe('kept');
      await remove(opened, opened.driver);
    },
  },
  {
    title: 'exec gives the real exit code and both streams, or says that it cannot',
    run: async (subject) => {
      const opened = await running(subject);
      const { deployment } = opened;
      const limits = { timeoutMs: 5000, outputLimitBytes: 1000 };
      for (const code of [0, 1, 7, 137])
        expect(await deployment.exec(subject.service, subject.exits(code), limits)).toMatchObject({
          exitCode: code,
          timedOut: false,
        });
      expect(await codeOf(deployment.exec(subject.service, ['no-such-program'], limits))).toBe(
        'not-found',
      );
      expect(await codeOf(deployment.exec('no-such-service', ['true'], limits))).not.toBe('none');
      await deployment.destroy(never);
      expect(await codeOf(deployment.exec(subject.service, subject.exits(0), limits))).toBe(
        'app-failed',
      );
      await remove(opened, opened.driver);
    },
  },
  {
    title: 'volumes take and give back any name, and refuse paths that lead out',
    run: async (subject) => {
      const opened = await running(subject);
      const { deployment } = opened;
      for (const name of oddNames) await deployment.volumeWrite('data', name, bytes(name));
      await deployment.volumeWrite('data', 'empty', new Uint8Array());
      for (const name of oddNames)
        expect(text((await deployment.volumeRead('data', name)) ?? bytes('absent'))).toBe(name);
      const paths = (await deployment.volumeList('data')).map(({ path }) => path);
      expect(paths).toEqual(expect.arrayContaining(['.', 'deep', 'deep/er', 'empty', ...oddNames]));
      expect(paths).toEqual([...paths].sort());
      expect(await deployment.volumeRead('data', 'absent')).toBeUndefined();
      expect(await codeOf(deployment.volumeList('no-such-volume'))).toBe('not-found');
      for (const path of ['../out', '/out', 'a/../../out'])
        expect(await codeOf(deployment.volumeWrite('data', path, bytes('x')))).toBe('refused');
      await remove(opened, opened.driver);
    },
  },
  {
    title: 'backup, destroy and restore give back an equal listing',
    run: async (subject) => {
      const opened = await running(subject);
      const { deployment } = opened;
      for (const name of oddNames) await deployment.volumeWrite('data', name, bytes(name));
      await subject.plant(opened);
      const listing = await deployment.volumeList('data');
      const report = await deployment.backup(never);
      await converged(deployment);
      expect(report.form).toBe('contents');
      expect(report.captured['data']).toEqual(listing);
      expect(report.before).toEqual(report.after);
      await deployment.volumeWrite('data', 'later', bytes('not in the backup'));
      const ids = (await lastingIds(deployment)).services;
      const emptied = await deployment.destroy(never);
      expect(emptied['data']?.map(({ path }) => path)).toEqual(['.']);
      const { written } = await deployment.restore(report.artifact, never);
      expect(written['data']).toEqual(report.captured['data']);
      await converged(deployment);
      expect(await deployment.volumeList('data')).toEqual(listing);
      expect((await lastingIds(deployment)).services).toEqual(ids);
      await remove(opened, opened.driver);
    },
  },
  {
    title: 'removal from another driver object leaves nothing, twice and in any order',
    run: async (subject) => {
      const opened = await running(subject);
      const other = subject.driver();
      const found = await other.find(opened.context.run, opened.resources());
      expect(found.length).toBeGreaterThan(0);
      const { services } = await opened.deployment.observe();
      const images = Object.values(services).flatMap(({ images: used = [] }) => used);
      expect(images.length > 0).toBe(other.images !== undefined);
      await remove({ ...opened, resources: () => opened.resources().toReversed() }, other);
      await remove(opened, other);
      await remove(opened, opened.driver);
      expect((await other.images?.()) ?? []).toEqual(expect.arrayContaining(images));
    },
  },
  {
    title: 'removal while the app starts leaves nothing',
    run: async (subject) => {
      const opened = await subject.open();
      const driver = subject.driver();
      const deployment = await driver.open(opened.context);
      const installing = deployment.install(subject.base, 'base', never).catch(() => undefined);
      await expect.poll(() => opened.resources().length).toBeGreaterThan(0);
      await driver.remove(opened.resources(), { signal: never, graceMs: 2000 });
      await installing;
      await remove(opened, driver);
    },
  },
  {
    title: 'an installation cut off at any record can be removed from the journal alone',
    run: async (subject) => {
      for (let failAt = 0, done = false; !done; failAt += 1) {
        const opened = await subject.open({ failAt });
        const deployment = await subject.driver().open(opened.context);
        done = await deployment.install(subject.base, 'base', never).then(
          () => true,
          () => false,
        );
        await remove(opened, subject.driver());
        expect(failAt).toBeLessThan(40);
      }
    },
  },
  {
    title: 'two instances do not see each other',
    run: async (subject) => {
      const [one, two] = [await running(subject), await running(subject)];
      await one.deployment.volumeWrite('data', 'mine', bytes('one'));
      expect(await two.deployment.volumeRead('data', 'mine')).toBeUndefined();
      expect(one.deployment.url()).not.toBe(two.deployment.url());
      const before = await two.deployment.observe();
      await remove(one, one.driver);
      expect((await two.deployment.observe()).services).toEqual(before.services);
      expect(await ask(subject, two.deployment, '/')).toContain(subject.base.release.version);
      await remove(two, two.driver);
    },
  },
  {
    title: 'logs are handed out once',
    run: async (subject) => {
      const opened = await running(subject);
      expect(text(await opened.deployment.logs())).toContain(subject.base.release.version);
      expect(text(await opened.deployment.logs())).toBe('');
      await remove(opened, opened.driver);
    },
  },
  {
    title: 'secrets are held by the app and shown nowhere',
    run: async (subject) => {
      const opened = await running(subject);
      const { deployment } = opened;
      expect(await deployment.heldSecret(secretName)).toMatch(/^[0-9a-f]{64}$/);
      expect(await deployment.heldSecret('NO_SUCH_SECRET')).toBeUndefined();
      const shown = [
        await deployment.observe(),
        await deployment.render(subject.base, 'base'),
        opened.resources(),
        text(await deployment.logs()),
      ];
      expect(JSON.stringify(shown)).not.toContain(secretValue);
      await remove(opened, opened.driver);
    },
  },
  {
    title: 'a cancelled operation says so and does nothing',
    run: async (subject) => {
      const opened = await running(subject);
      const { deployment } = opened;
      const before = await deployment.observe();
      const aborted = AbortSignal.abort();
      expect(
        await Promise.all(
          [
            deployment.upgrade(subject.head, aborted),
            deployment.rebuild(subject.head, aborted),
            deployment.settled({ ...settle, signal: aborted }),
            deployment.backup(aborted),
            deployment.destroy(aborted),
          ].map(codeOf),
        ),
      ).toEqual(Array.from({ length: 5 }, () => 'cancelled'));
      expect(await deployment.observe()).toEqual(before);
      await remove(opened, opened.driver);
    },
  },
];

export function describeDriver(name: string, makeSubject: () => Promise<Subject>): void {
  describe(`${name}: contract of drivers`, () => {
    it.each(contract)('$title', { timeout: 240_000 }, async ({ run }) => {
      const subject = await makeSubject();
      try {
        await run(subject);
      } finally {
        await subject.dispose();
      }
    });
  });
}
