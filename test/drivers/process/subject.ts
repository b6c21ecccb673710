import { cp, link, mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { systemClock } from '../../../src/drivers/clock.ts';
import { systemFiles } from '../../../src/drivers/files.ts';
import { systemHttp } from '../../../src/drivers/http.ts';
import { systemIds } from '../../../src/drivers/ids.ts';
import { makeLocks } from '../../../src/drivers/locks.ts';
import { makeProcessDriver } from '../../../src/drivers/process/driver.ts';
import { makeProcesses } from '../../../src/drivers/process/run.ts';
import { sha256Hex } from '../../../src/evidence/canonical.ts';
import { treeDigest } from '../../../src/evidence/tree-digest.ts';
import type { AppDriver } from '../../../src/ports/app-driver.ts';
import type { JsonObject } from '../../../src/ports/json.ts';
import type { PreparedRelease } from '../../../src/ports/release.ts';
import { secretName, secretValue, type Subject } from '../contract.ts';
import { makeResourceMemory } from '../resource-memory.ts';

const apps = join(import.meta.dirname, '../../fixtures/apps/counter');
const path = process.env['PATH'] ?? '';

export const counterSettings = {
  folder: apps,
  process: {
    start: ['{node}', '{release}/main.mjs', '--port', '{port}', '--data', '{data}'],
    cwd: '{release}',
    ports: ['http'],
    config: { 'app.json': { text: '{"port":{port},"data":"{data}"}\n' } },
    stop: { signal: 'SIGTERM', graceS: 2 },
  },
  probes: [{ tcp: 'http' }, { log: 'listening' }],
  health: { path: '/', status: [200], scheme: 'http' },
  backup: { capable: 'auto', how: 'stopped' },
  timeouts: { deploy: 20, hook: 10, backup: 60, restore: 60 },
} as const satisfies JsonObject;

/** Each part replaces the counter's whole section of that name. */
export type ProcessSubjectOptions = {
  readonly settings?: Partial<Record<keyof typeof counterSettings, JsonObject[string]>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly upgradeEnv?: Readonly<Record<string, string>>;
};

export type ProcessSubject = Subject & {
  /** Folder of the whole test. */
  readonly folder: string;
  readonly notes: string[];
};

export async function makeProcessSubject(
  options: ProcessSubjectOptions = {},
): Promise<ProcessSubject> {
  const folder = await mkdtemp(join(tmpdir(), 'seatrial-process-'));
  const locks = makeLocks({ folder: join(folder, 'locks'), searchPath: path });
  const notes: string[] = [];
  let opened = 0;
  const driver = (): AppDriver =>
    makeProcessDriver({
      processes: makeProcesses({ searchPath: path }),
      locks,
      http: systemHttp,
      files: systemFiles,
      clock: systemClock,
      treeDigest,
      sha256: sha256Hex,
    });
  return {
    folder,
    notes,
    driver,
    open: async ({ failAt } = {}) => {
      opened += 1;
      const memory = makeResourceMemory(failAt);
      const work = join(folder, `work-${String(opened)}`);
      await mkdir(work, { mode: 0o700 });
      return {
        resources: memory.resources,
        context: {
          run: `run-${systemIds.nonce(6)}`,
          app: 'counter',
          instance: `counter-${String(opened)}`,
          work,
          settings: { ...counterSettings, ...options.settings },
          env: { ...options.env, [secretName]: secretValue, PORT_AGAIN: '{port}' },
          upgradeEnv: { ...options.upgradeEnv },
          secretNames: [secretName],
          resources: memory.log,
          note: (code) => {
            notes.push(code);
            return Promise.resolve();
          },
          onOutput: () => undefined,
        },
      };
    },
    base: await prepare(folder, '1.0.0', 'v1.mjs'),
    head: await prepare(folder, '2.0.0', 'v2.mjs'),
    broken: await prepareText(folder, '3.0.0', 'process.exit(3);\n'),
    http: systemHttp,
    service: 'app',
    exits: (code) => ['sh', '-c', `exit ${String(code)}`],
    plant: async ({ context }) => plant(join(context.work, 'data')),
    dispose: () => rm(folder, { recursive: true, force: true }),
  };
}

async function prepare(folder: string, version: string, main: string): Promise<PreparedRelease> {
  const root = join(folder, 'releases', version);
  await mkdir(root, { recursive: true });
  await cp(join(apps, 'counter.mjs'), join(root, 'counter.mjs'));
  await cp(join(apps, main), join(root, 'main.mjs'));
  return digested(root, version);
}

async function prepareText(
  folder: string,
  version: string,
  main: string,
): Promise<PreparedRelease> {
  const root = join(folder, 'releases', version);
  await mkdir(root, { recursive: true });
  await writeFile(join(root, 'main.mjs'), main);
  return digested(root, version);
}

export async function digested(root: string, version: string): Promise<PreparedRelease> {
  return {
    release: { origin: 'directory', ref: `dir:${root}`, version },
    root,
    digest: treeDigest(await systemFiles.listing(root)),
    cached: false,
  };
}

async function plant(data: string): Promise<void> {
  await mkdir(join(data, 'empty folder'), { mode: 0o750 });
  await writeFile(join(data, 'script'), '#!/bin/sh\n', { mode: 0o755 });
  await writeFile(join(data, 'read only'), 'x', { mode: 0o400 });
  await symlink('with space', join(data, 'link'));
  await symlink('/nowhere/at/all', join(data, 'dangling'));
  await link(join(data, 'script'), join(data, 'second name'));
  await writeFile(join(data, 'large'), Buffer.alloc(1024 * 1024, 7));
  await truncate(join(data, 'large'), 64 * 1024 * 1024);
}
