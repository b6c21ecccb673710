import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pack } from 'tar-stream';

import { systemClock } from '../../../src/drivers/clock.ts';
import { makeDockerDriver } from '../../../src/drivers/docker/driver.ts';
import { makeEngine } from '../../../src/drivers/docker/engine.ts';
import { helperFolder, withHelper } from '../../../src/drivers/docker/helper.ts';
import type { Orchestrator } from '../../../src/drivers/docker/orchestrator.ts';
import { packMember } from '../../../src/drivers/docker/volume-archive.ts';
import { putArchive } from '../../../src/drivers/docker/volumes.ts';
import { systemFiles } from '../../../src/drivers/files.ts';
import { systemHttp } from '../../../src/drivers/http.ts';
import { systemIds } from '../../../src/drivers/ids.ts';
import { makeLocks } from '../../../src/drivers/locks.ts';
import { makeProcesses } from '../../../src/drivers/process/run.ts';
import type { AppDriver, InstanceContext } from '../../../src/ports/app-driver.ts';
import type { JsonObject } from '../../../src/ports/json.ts';
import type { Processes } from '../../../src/ports/processes.ts';
import type { PreparedRelease } from '../../../src/ports/release.ts';
import type { Stack, StackRequest, StackService } from '../../../src/ports/stack.ts';
import { secretName, secretValue, type Subject } from '../contract.ts';
import { makeResourceMemory } from '../resource-memory.ts';
import { cliConfig, engineHost, nodeImage } from './engine-here.ts';

const apps = join(import.meta.dirname, '../../fixtures/apps/counter');
const path = process.env['PATH'] ?? '';

/** A release is known by its version alone: the stack is made from it. */
export type MakeStack = (version: string, request: StackRequest) => Promise<Stack>;

export const dockerSettings = {
  health: { service: 'app', port: 8080, scheme: 'http' },
  backup: { capable: 'auto', restore: 'auto' },
  resolveImage: 'never',
  timeouts: { deploy: 40, hook: 10, backup: 60, restore: 60 },
} as const satisfies JsonObject;

export type DockerSubject = Subject & { readonly notes: string[]; readonly folder: string };

export type DockerSubjectOptions = {
  readonly stackOf?: MakeStack;
  readonly settings?: JsonObject;
  /** Another engine than the one of all tests. */
  readonly host?: string;
  /** Programs that deploy otherwise than they are told to. */
  readonly processes?: (real: Processes) => Processes;
  /** Where the client is looked for. */
  readonly searchPath?: string;
};

export async function makeDockerSubject(
  orchestrator: Orchestrator,
  options: DockerSubjectOptions = {},
): Promise<DockerSubject> {
  const { stackOf = counterStack, settings = {}, searchPath = path } = options;
  const host = options.host ?? engineHost;
  if (host === undefined) throw new Error('no engine here');
  const real = makeProcesses({ searchPath });
  const folder = await mkdtemp(join(tmpdir(), `seatrial-${orchestrator.kind}-`));
  const locks = makeLocks({ folder: join(folder, 'locks'), searchPath: path });
  const notes: string[] = [];
  const driver = (): AppDriver =>
    makeDockerDriver(orchestrator, {
      host,
      ...(cliConfig === undefined ? {} : { cliConfig }),
      processes: options.processes?.(real) ?? real,
      locks,
      files: systemFiles,
      clock: systemClock,
      ids: systemIds,
      stacks: {
        stackOf: (release, request) => stackOf(release.release.version ?? '', request),
      },
    });
  return {
    folder,
    notes,
    driver,
    open: async ({ failAt } = {}) => {
      const memory = makeResourceMemory(failAt);
      const instance = `st-${systemIds.nonce(4)}`;
      const work = join(folder, instance);
      await mkdir(work, { mode: 0o700 });
      return {
        resources: memory.resources,
        context: {
          ...{ run: `run-${systemIds.nonce(6)}`, app: 'counter', instance, work },
          settings: { ...dockerSettings, ...settings },
          env: { [secretName]: secretValue },
          upgradeEnv: {},
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
    base: release('1.0.0'),
    head: release('2.0.0'),
    broken: release('3.0.0'),
    http: systemHttp,
    service: 'app',
    exits: (code) => ['sh', '-c', `exit ${String(code)}`],
    plant: ({ context }) => plant(host, context),
    crashesWithinMs: 5000,
    dispose: () => rm(folder, { recursive: true, force: true }),
  };
}

export const release = (version: string): PreparedRelease => ({
  release: { origin: 'directory', ref: `dir:${version}`, version },
  root: '/nowhere',
  digest: version.padEnd(64, '0'),
  cached: false,
});

/** Asked often: a container that only runs need not answer yet. */
const healthcheck = {
  test: ['CMD', 'wget', '-q', '-O', '/dev/null', 'http://127.0.0.1:8080/'],
  interval: '300ms',
  timeout: '5s',
  retries: 20,
};

const mains: Readonly<Record<string, string>> = { '1.0.0': 'v1.mjs', '2.0.0': 'v2.mjs' };

/** The counter on the Node image, its program in configs whose names hold the version. */
export async function counterStack(version: string, request: StackRequest): Promise<Stack> {
  const main = mains[version];
  const text = main === undefined ? 'process.exit(3);\n' : await readFile(join(apps, main), 'utf8');
  const service: StackService = {
    image: nodeImage,
    command: ['node', '/app/main.mjs', '--port', '8080', '--data', '/data'],
    environment: { ...request.env, COUNTER_HOST: '0.0.0.0', RELEASE: version },
    volumes: [{ type: 'volume', source: 'data', target: '/data' }],
    ports: [{ target: 8080, mode: 'host' }],
    configs: [
      { source: 'main', target: '/app/main.mjs' },
      { source: 'counter', target: '/app/counter.mjs' },
    ],
    deploy: {
      restart_policy: { condition: main === undefined ? 'none' : 'any' },
      update_config: { order: 'stop-first', monitor: '500ms' },
    },
    stop_grace_period: '5s',
    ...(main === undefined ? {} : { healthcheck }),
  };
  return {
    name: request.instance,
    services: { app: service },
    volumes: { data: {} },
    configs: {
      main: { name: `${request.instance}_main_${version}`, content: text },
      counter: { content: await readFile(join(apps, 'counter.mjs'), 'utf8') },
    },
  };
}

/** What `volumeWrite` cannot: modes, owners, links, empty folders, a large file. */
async function plant(host: string, context: InstanceContext): Promise<void> {
  const engine = makeEngine(host);
  const volume = `${context.instance}_data`;
  await withHelper(engine, context, { volume, image: nodeImage }, async (container) => {
    const archive = pack();
    const sending = putArchive({ engine }, container, archive);
    const mtime = new Date(1_700_000_000_000);
    const at = (name: string) => ({ name: `${helperFolder}/${name}`, mtime });
    const bytes = (content: Buffer) => [content] as unknown as AsyncIterable<Uint8Array>;
    const script = Buffer.from('#!/bin/sh\n');
    const large = Buffer.alloc(64 * 1024 * 1024, 7);
    await packMember(
      archive,
      { ...at('empty folder/'), type: 'directory', mode: 0o750, uid: 12, gid: 34 },
      undefined,
    );
    await packMember(
      archive,
      { ...at('script'), mode: 0o755, size: script.length, uid: 1000 },
      bytes(script),
    );
    await packMember(archive, { ...at('read only'), mode: 0o400, size: 10 }, bytes(script));
    await packMember(
      archive,
      { ...at('link'), type: 'symlink', linkname: 'with space', mode: 0o777 },
      undefined,
    );
    await packMember(
      archive,
      { ...at('dangling'), type: 'symlink', linkname: '/nowhere', mode: 0o777 },
      undefined,
    );
    await packMember(
      archive,
      { ...at('second name'), type: 'link', linkname: `${helperFolder}/script`, mode: 0o755 },
      undefined,
    );
    await packMember(archive, { ...at('large'), mode: 0o600, size: large.length }, bytes(large));
    archive.finalize();
    await sending;
  });
  engine.close();
}
