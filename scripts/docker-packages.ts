// What the engine needs from Debian: the engine itself, installed without starting it, and the
// Compose plugin of a later suite, unpacked beside it, because the stable suite has Compose 1 only.

import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from './steps.ts';

const noninteractive = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };

async function must(program: string, args: readonly string[], cwd?: string): Promise<string> {
  const options = { env: noninteractive, ...(cwd === undefined ? {} : { cwd }) };
  const { code, stdout, stderr } = await run(program, args, options);
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} failed: ${stderr.slice(-2000)}`);
  return stdout;
}

const policy = '/usr/sbin/policy-rc.d';

/** Installs Debian's engine if there is none, and keeps the package from starting one. */
export async function installEngine(): Promise<boolean> {
  if (existsSync('/usr/sbin/dockerd') || existsSync('/usr/bin/dockerd')) return false;
  const ours = !existsSync(policy);
  if (ours) writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    await must('apt-get', ['update', '-q']);
    const packages = ['docker.io', 'iptables', 'iproute2', 'util-linux'];
    await must('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...packages]);
  } finally {
    if (ours) rmSync(policy);
  }
  return true;
}

export type Suite = 'bookworm' | 'trixie' | 'sid';

/** An apt state of its own per suite: the machine's sources and packages are not touched or looked at. */
async function aptOptions(cache: string, suite: Suite): Promise<readonly string[]> {
  const root = join(cache, 'apt', suite);
  for (const folder of ['lists/partial', 'archives/partial'])
    mkdirSync(join(root, folder), { recursive: true });
  const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';
  const source = `deb [signed-by=${keyring}] http://deb.debian.org/debian ${suite} main\n`;
  writeFileSync(join(root, 'sources.list'), source);
  // An empty list of installed packages, so that a closure is complete on every machine.
  writeFileSync(join(root, 'status'), '');
  const settings = {
    'Dir::Etc::sourcelist': join(root, 'sources.list'),
    'Dir::Etc::sourceparts': '-',
    'Dir::State::lists': join(root, 'lists'),
    'Dir::State::status': join(root, 'status'),
    'Dir::Cache': root,
    'Dir::Cache::archives': join(root, 'archives'),
    'APT::Install-Recommends': 'false',
    // Root reads its own cache; the user that apt downloads as may not reach it.
    'APT::Sandbox::User': 'root',
  };
  const options = Object.entries(settings).flatMap(([key, value]) => ['-o', `${key}=${value}`]);
  if (readdirSync(join(root, 'lists')).every((name) => !name.endsWith('_Packages')))
    await must('apt-get', [...options, 'update', '-q']);
  return options;
}

/**
 * Downloads packages, with all that they depend on unless `alone`, into the cache, and gives the files' paths.
 * apt compares each file with the signed index of its suite and throws away what differs.
 */
export async function downloadPackages(
  cache: string,
  { suite, names, alone }: { suite: Suite; names: readonly string[]; alone: boolean },
): Promise<readonly string[]> {
  const options = await aptOptions(cache, suite);
  if (alone) {
    const folder = join(cache, 'apt', suite, 'archives', names.join('+'));
    mkdirSync(folder, { recursive: true });
    await must('apt-get', [...options, 'download', '-q', ...names], folder);
    return debsIn(folder);
  }
  const folder = join(cache, 'apt', suite, 'archives', `with-${names.join('+')}`);
  mkdirSync(join(folder, 'partial'), { recursive: true });
  const own = ['-o', `Dir::Cache::archives=${folder}`];
  await must('apt-get', [...options, ...own, 'install', '-y', '-q', '--download-only', ...names]);
  return debsIn(folder);
}

const debsIn = (folder: string): readonly string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.deb'))
    .sort()
    .map((name) => join(folder, name));

/** `DOCKER_CONFIG` with the Compose plugin in it: the user's own settings and plugins stay as they are. */
export async function installCompose(cache: string): Promise<string> {
  const config = join(cache, 'docker-config');
  const plugin = join(config, 'cli-plugins', 'docker-compose');
  if (existsSync(plugin)) return config;
  const [file = ''] = await downloadPackages(cache, {
    suite: 'trixie',
    names: ['docker-compose'],
    alone: true,
  });
  const folder = mkdtempSync(join(tmpdir(), 'seatrial-compose-'));
  try {
    await must('dpkg-deb', ['-x', file, folder]);
    mkdirSync(join(config, 'cli-plugins'), { recursive: true });
    const unpacked = 'usr/libexec/docker/cli-plugins/docker-compose';
    // Copied under another name first: a half-made plugin must not be taken for the whole.
    copyFileSync(join(folder, unpacked), `${plugin}.new`);
    chmodSync(`${plugin}.new`, 0o755);
    await must('mv', [`${plugin}.new`, plugin]);
  } finally {
    rmSync(folder, { recursive: true });
  }
  return config;
}
