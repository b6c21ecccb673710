// A driver that disobeys in the ways that it is told to. What it deploys, captures and writes is real.

import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';

import type { AppDriver, Artifact, Deployment } from '../../ports/app-driver.ts';
import type { Stack, StackSource } from '../../ports/stack.ts';
import type { DriverFault } from './faults.ts';

type Step = 'install' | 'upgrade' | 'dependency';

/** Shared by the two halves: what is under way, and which stack it deployed before. */
export type Planting = {
  readonly faults: ReadonlySet<DriverFault>;
  under: Step | undefined;
  last: Stack | undefined;
};

export const openPlanting = (faults: ReadonlySet<DriverFault>): Planting => ({
  faults,
  under: undefined,
  last: undefined,
});

/** Only what is deployed is changed: what is rendered for comparison stays what the release says. */
export const plantedStacks = (stacks: StackSource, planting: Planting): StackSource => ({
  stackOf: async (release, request) => {
    const stack = await stacks.stackOf(release, request);
    const { faults, under, last } = planting;
    if (under === undefined) return stack;
    if (under === 'dependency')
      return faults.has('dependency-stays-down') ? withoutApp(stack) : stack;
    planting.last = stack;
    if (faults.has(`${under}-other-release`)) return otherThan(stack);
    return under === 'upgrade' && faults.has('upgrade-keeps-orphans') && last !== undefined
      ? withOrphans(stack, last)
      : stack;
  },
});

const otherThan = (stack: Stack): Stack => ({
  ...stack,
  services: Object.fromEntries(
    Object.entries(stack.services).map(([name, service]) => [
      name,
      { ...service, environment: { ...service.environment, ANOTHER_RELEASE: 'yes' } },
    ]),
  ),
});

const withoutApp = (stack: Stack): Stack => ({
  ...stack,
  services: Object.fromEntries(
    Object.entries(stack.services).map(([name, service]) => [
      name,
      { ...service, command: ['sh', '-c', 'exit 3'] },
    ]),
  ),
});

const withOrphans = (stack: Stack, { services, networks, volumes }: Stack): Stack => ({
  ...stack,
  networks: { ...networks, ...stack.networks },
  volumes: { ...volumes, ...stack.volumes },
  services: { ...services, ...stack.services },
});

export const plantedDriver = (driver: AppDriver, planting: Planting): AppDriver => ({
  ...driver,
  open: async (context) => {
    const { work, dependency } = context;
    const inner = await driver.open(context);
    return dependency === true ? downed(inner, planting) : disobeying(inner, planting, work);
  },
});

async function during(planting: Planting, step: Step, run: () => Promise<void>): Promise<void> {
  planting.under = step;
  try {
    await run();
  } finally {
    planting.under = undefined;
  }
}

/** Every other fault is the app's alone. */
const downed = (inner: Deployment, planting: Planting): Deployment => ({
  ...inner,
  install: (release, stage, signal) =>
    during(planting, 'dependency', () => inner.install(release, stage, signal)),
});

function disobeying(inner: Deployment, planting: Planting, work: string): Deployment {
  const { faults } = planting;
  return {
    ...inner,
    install: (release, stage, signal) =>
      during(planting, 'install', () => inner.install(release, stage, signal)),
    upgrade: async (release, signal) => {
      if (faults.has('upgrade-does-nothing')) return;
      if (faults.has('upgrade-installs-anew')) await inner.rebuild(release, signal);
      else await during(planting, 'upgrade', () => inner.upgrade(release, signal));
    },
    rebuild: (release, signal) =>
      faults.has('rebuild-does-nothing') ? Promise.resolve() : inner.rebuild(release, signal),
    ...plantedData(inner, planting, work),
  };
}

type Data = Pick<Deployment, 'volumeWrite' | 'backup' | 'destroy' | 'restore'>;

function plantedData(inner: Deployment, { faults }: Planting, work: string): Data {
  const written = new Map<string, { readonly path: string; readonly bytes: Uint8Array }>();
  return {
    volumeWrite: async (volume, path, bytes) => {
      written.set(volume, { path, bytes });
      await inner.volumeWrite(volume, path, bytes);
    },
    backup: async (signal) => {
      const report = await inner.backup(signal);
      const [first = ''] = Object.keys(report.captured);
      const { artifact, captured } = report;
      return {
        ...report,
        ...(faults.has('capture-omits-volume') ? { captured: { ...captured, [first]: [] } } : {}),
        ...(faults.has('artifact-of-yesterday') ? { artifact: aged(artifact) } : {}),
      };
    },
    destroy: async (signal) => {
      if (!faults.has('destroy-does-nothing')) return inner.destroy(signal);
      const volumes = (await inner.observe()).volumes.map(({ name }) => name);
      const kept = volumes.map(async (name) => [name, await inner.volumeList(name)] as const);
      return Object.fromEntries(await Promise.all(kept));
    },
    restore: async (artifact, signal) => {
      const given = faults.has('restore-does-nothing') ? await emptyArtifact(work) : artifact;
      const report = await inner.restore(given, signal);
      if (faults.has('restores-later-state'))
        for (const [volume, { path, bytes }] of written)
          await inner.volumeWrite(volume, path, bytes);
      return report;
    },
  };
}

const dayMs = 86_400_000;
const aged = (artifact: Artifact): Artifact => ({
  ...artifact,
  madeAtMs: artifact.madeAtMs - dayMs,
});

/** An archive ends with two blocks of zeros; this one holds nothing else. */
async function emptyArtifact(work: string): Promise<Artifact> {
  const bytes = gzipSync(Buffer.alloc(1024));
  const path = `${work}/empty.tar.gz`;
  await writeFile(path, bytes, { mode: 0o600 });
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { path, sha256, bytes: bytes.length, madeAtMs: 0 };
}
