// Puts the real world together for commands that run, recover or plan.

import { hostname, release as kernelRelease, tmpdir } from 'node:os';
import { makeAbraDriver } from '../drivers/abra/driver.ts';
import { systemArchives } from '../drivers/archives.ts';
import { systemClock } from '../drivers/clock.ts';
import { composeOrchestrator } from '../drivers/compose/orchestrator.ts';
import { makeDockerDriver } from '../drivers/docker/driver.ts';
import { makeSandboxDriver } from '../drivers/sandbox/driver.ts';
import { swarmOrchestrator } from '../drivers/swarm/orchestrator.ts';
import { makeFakeDriver } from '../drivers/fake/driver.ts';
import type { FakeFault } from '../drivers/fake/faults.ts';
import { makeFixturePorts } from '../drivers/fixtures/paths.ts';
import { makeFakeHttp } from '../drivers/fake/http.ts';
import { openFakeWorld } from '../drivers/fake/world.ts';
import { systemFiles } from '../drivers/files.ts';
import { systemHttp } from '../drivers/http.ts';
import { systemIds } from '../drivers/ids.ts';
import { makeLocks } from '../drivers/locks.ts';
import { makeProcessDriver } from '../drivers/process/driver.ts';
import { bootId } from '../drivers/process/proc.ts';
import { makeSandbox } from '../drivers/sandbox/sandbox.ts';
import { makeProcesses } from '../drivers/process/run.ts';
import { sha256Hex } from '../evidence/canonical.ts';
import { treeDigest } from '../evidence/tree-digest.ts';
import type { Host } from '../lifecycle/world.ts';
import type { AppDriver, DriverKind } from '../ports/app-driver.ts';
import type { Http } from '../ports/http.ts';
import type { Sandbox } from '../ports/sandbox.ts';
import { WorldError } from '../ports/world-error.ts';
import type { StackSource } from '../ports/stack.ts';
import type { Terminal } from './command.ts';
import { readIngress } from './host-ingress.ts';

export function makeSystem({ env }: Pick<Terminal, 'env'>) {
  const searchPath = env['PATH'] ?? '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
  const processes = makeProcesses({ searchPath });
  return {
    fixtures: makeFixturePorts({
      ...{ files: systemFiles, processes, clock: systemClock, http: systemHttp },
      dockerHost: engineOf(env).host,
    }),
    archives: systemArchives,
    docker: engineOf(env),
    /** Read by who deploys; throws for a proxy that is named wrongly, which keeps nobody from cleaning up. */
    hostIngress: () => readIngress(env),
    clock: systemClock,
    files: systemFiles,
    ids: systemIds,
    http: systemHttp,
    processes,
    locks: makeLocks({
      searchPath,
      runtimeFolder: env['XDG_RUNTIME_DIR'],
      ...(env['SEATRIAL_LOCKS'] === undefined ? {} : { folder: env['SEATRIAL_LOCKS'] }),
    }),
  };
}

/** `hidden`: folders of the harness that are shown to nobody, wherever they lie. */
export const systemSandbox = (
  { processes }: System,
  { env, pid }: Pick<Terminal, 'env' | 'pid'>,
  hidden: readonly string[],
): Sandbox =>
  makeSandbox({
    ...{ processes, pid, hidden, home: env['HOME'], path: env['PATH'] ?? '', work: tmpdir() },
    user: process.getuid?.() ?? 0,
    architecture: process.arch,
    controlGroups: '/sys/fs/cgroup',
  });

/** A command that only cleans up knows what was made from the journal. */
const noStacks: StackSource = {
  stackOf: (release) =>
    Promise.reject(
      new WorldError('unavailable', `${release.release.ref} cannot be read as a stack here`),
    ),
};

/** As for Docker's own client, a variable that is set and empty names nothing. */
export const engineOf = (env: Terminal['env']) => {
  const named = (name: string) => (env[name] === '' ? undefined : env[name]);
  const config = named('SEATRIAL_DOCKER_CONFIG');
  return {
    host: named('SEATRIAL_DOCKER_HOST') ?? named('DOCKER_HOST') ?? 'unix:///var/run/docker.sock',
    ...(config === undefined ? {} : { cliConfig: config }),
  };
};

export type System = ReturnType<typeof makeSystem>;

export type Drivers = {
  readonly driverFor: (kind: DriverKind) => AppDriver;
  /** The client that reaches apps of this driver. */
  readonly httpFor: (kind: DriverKind) => Http;
};

/** `worldFile` keeps the fake driver's world on disk, so that another process can clean it up. */
export function makeDrivers(
  system: System,
  fake: {
    readonly worldFile?: string;
    readonly faults?: readonly FakeFault[];
    /** Absent: for commands that clean up and deploy nothing. */
    readonly stacks?: StackSource;
    /** Clones the app's repository; absent for the same commands. */
    readonly cloneTo?: (to: string) => Promise<void>;
  } = {},
): Drivers {
  const world = openFakeWorld(fake.worldFile);
  const faults = fake.faults ?? [];
  const ingress = fake.stacks === undefined ? undefined : system.hostIngress();
  const docker = {
    ...{ ...system.docker, stacks: fake.stacks ?? noStacks },
    ...(ingress === undefined ? {} : { ingress }),
  };
  const made: Partial<Record<DriverKind, () => AppDriver>> = {
    process: () => makeProcessDriver({ ...system, treeDigest, sha256: sha256Hex }),
    fake: () => makeFakeDriver({ ...system, world, faults }),
    compose: () => makeDockerDriver(composeOrchestrator, { ...system, ...docker }),
    sandbox: () => makeSandboxDriver({ host: system.docker.host }),
    swarm: () => makeDockerDriver(swarmOrchestrator, { ...system, ...docker }),
    abra: () => {
      const { cloneTo } = fake;
      return makeAbraDriver({ ...system, ...docker, ...(cloneTo ? { cloneTo } : {}) });
    },
  };
  return {
    driverFor: (kind) => {
      const make = made[kind];
      if (make === undefined)
        throw new WorldError('unavailable', `this version has no driver ${kind}`, {
          hint: `drivers: ${Object.keys(made).join(', ')}`,
        });
      return make();
    },
    httpFor: (kind) => (kind === 'fake' ? makeFakeHttp(world, faults) : system.http),
  };
}

export function describeHost(): Host {
  return {
    os: process.platform,
    arch: process.arch,
    kernel: kernelRelease(),
    node: process.versions.node,
    bootId: bootId() ?? 'unknown',
    name: hostname(),
  };
}
