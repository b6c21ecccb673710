// A recipe in a repository of its own with two releases, deployed by the stand-in of abra on the engine
// of the tests, or by a program that a test plants in its place.

import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { makeRecipeStacks } from '../../../src/cli/recipe-stacks.ts';
import { makeAbraDriver } from '../../../src/drivers/abra/driver.ts';
import { systemClock } from '../../../src/drivers/clock.ts';
import { systemFiles } from '../../../src/drivers/files.ts';
import { makeGit } from '../../../src/drivers/git/git.ts';
import { systemHttp } from '../../../src/drivers/http.ts';
import { systemIds } from '../../../src/drivers/ids.ts';
import { makeLocks } from '../../../src/drivers/locks.ts';
import { makeProcesses } from '../../../src/drivers/process/run.ts';
import type { PreparedRelease } from '../../../src/ports/release.ts';
import { secretName, secretValue } from '../contract.ts';
import { cliConfig, engineHost } from '../docker/engine-here.ts';
import type { DockerSubject } from '../docker/subject.ts';
import { makeResourceMemory } from '../resource-memory.ts';

const standIn = join(import.meta.dirname, '../../fixtures/abra/abra');
const path = process.env['PATH'] ?? '';

const compose = (version: string, extra: string): string => `version: '3.8'
services:
  app:
    image: seatrial-fixture/busybox:1
    init: true
    command: ['sh', '-c', 'sleep 3600']
    environment:
      - GREETING
      - RELEASE=${version}
    volumes: ['data:/data']
    secrets: [token]
    stop_grace_period: 2s
    deploy:
      endpoint_mode: dnsrr
      update_config: { monitor: 300ms }
      labels:
        - 'coop-cloud.\${STACK_NAME}.version=${version}'
        - 'backupbot.backup=true'
${extra}volumes:
  data:
secrets:
  token:
    external: true
    name: \${STACK_NAME}_token_\${SECRET_TOKEN_VERSION}
`;

const orphan = `  extra:
    image: seatrial-fixture/busybox:1
    init: true
    command: ['sh', '-c', 'sleep 3600']
    stop_grace_period: 1s
    deploy: { endpoint_mode: dnsrr }
`;

const sample = `TYPE=wharf
DOMAIN=wharf.example.com
LETS_ENCRYPT_ENV=production
GREETING="hello from \${DOMAIN}"
SECRET_TOKEN_VERSION=v1 # length=24 charset=hex
`;

export type AbraSubject = DockerSubject & {
  /** Values that were registered for hiding, by name. */
  readonly hidden: Map<string, string>;
  readonly repository: string;
  /** A release of this repository. */
  readonly releaseAt: (version: string) => PreparedRelease;
};

export type AbraSubjectOptions = {
  /** A shell script that is `abra`; `$ABRA` is the stand-in. `none`: there is no abra. */
  readonly abra?: string;
};

export function makeAbraSubject({ abra }: AbraSubjectOptions = {}): AbraSubject {
  if (engineHost === undefined) throw new Error('no engine here');
  const host = engineHost;
  const folder = mkdtempSync(join(tmpdir(), 'seatrial-abra-'));
  const repository = join(folder, 'wharf');
  const commits = makeRepository(folder, repository);
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  if (abra !== 'none') {
    writeFileSync(
      join(bin, 'abra'),
      `#!/bin/sh\nABRA=${standIn}\n${abra ?? 'exec "$ABRA" "$@"'}\n`,
    );
    chmodSync(join(bin, 'abra'), 0o755);
  }
  const processes = makeProcesses({ searchPath: `${bin}:${path}` });
  const locks = makeLocks({ folder: join(folder, 'locks'), searchPath: path });
  const git = makeGit({
    ...{ processes, locks, env: { PATH: path }, cacheFolder: join(folder, 'cache') },
  });
  const [hidden, notes] = [new Map<string, string>(), [] as string[]];
  const releaseAt = (version: string): PreparedRelease => ({
    release: { origin: 'git', ref: `git:${version}`, version, commit: commits[version] ?? '' },
    ...{ root: join(folder, version), digest: version.padEnd(64, '0'), cached: false },
  });
  return {
    ...{ folder, repository, hidden, notes, releaseAt },
    driver: () =>
      makeAbraDriver({
        ...{ host, processes, locks, files: systemFiles, clock: systemClock, ids: systemIds },
        ...(cliConfig === undefined ? {} : { cliConfig }),
        stacks: makeRecipeStacks({ secrets: {} }),
        cloneTo: (to) => git.cloneTo(repository, to),
      }),
    open: async ({ failAt } = {}) => {
      const memory = makeResourceMemory(failAt);
      const instance = `st-${systemIds.nonce(4)}`;
      const work = join(folder, instance);
      await systemFiles.makeDirectory(work, 0o700);
      return {
        resources: memory.resources,
        context: {
          ...{ run: `run-${systemIds.nonce(6)}`, app: 'wharf', instance, work },
          settings: {
            health: { none: 'it answers nobody' },
            backup: { capable: 'auto' },
            resolveImage: 'never',
            timeouts: { deploy: 60, hook: 10, backup: 60, restore: 60 },
          },
          env: { [secretName]: secretValue },
          ...{ upgradeEnv: {}, secretNames: [secretName], resources: memory.log },
          hide: (name, value) => void hidden.set(name, value),
          note: (code) => {
            notes.push(code);
            return Promise.resolve();
          },
          onOutput: () => undefined,
        },
      };
    },
    ...{ base: releaseAt('1.0.0'), head: releaseAt('2.0.0'), broken: releaseAt('2.0.0') },
    ...{ http: systemHttp, service: 'app', exits: (code) => ['sh', '-c', `exit ${String(code)}`] },
    plant: () => Promise.resolve(),
    dispose: () => {
      rmSync(folder, { recursive: true, force: true });
      return Promise.resolve();
    },
  };
}

/** Commits by version; the tree of each lies beside the repository, as a prepared release does. */
function makeRepository(folder: string, repository: string): Readonly<Record<string, string>> {
  const git = (...args: readonly string[]): string =>
    execFileSync('git', ['-C', repository, '-c', 'user.name=a', '-c', 'user.email=a@b', ...args], {
      encoding: 'utf8',
    }).trim();
  mkdirSync(repository);
  git('init', '--quiet');
  const commits: Record<string, string> = {};
  for (const version of ['1.0.0', '2.0.0']) {
    const tree = join(folder, version);
    mkdirSync(tree);
    for (const to of [tree, repository]) {
      writeFileSync(join(to, '.env.sample'), sample);
      writeFileSync(join(to, 'abra.sh'), `export WHARF=${version}\n`);
      writeFileSync(join(to, 'compose.yml'), compose(version, version === '1.0.0' ? orphan : ''));
    }
    git('add', '.');
    git('commit', '--quiet', '-m', version);
    // A lightweight tag: abra deploys one only as chaos.
    git('tag', version);
    commits[version] = git('rev-parse', 'HEAD');
  }
  return commits;
}
