// The installer with releases of its own to find: a release host behind a `curl` of the test's, which
// reaches nothing else.

import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import {
  makeWorld,
  type Ended,
  type ReferenceWorld,
  type StartOptions,
} from './reference-world.ts';

let world: ReferenceWorld;
let installer = '';
const names = ['openshell', 'openshell-gateway', 'openshell-sandbox'] as const;
const linux = {
  openshell: 'x86_64-unknown-linux-musl',
  'openshell-gateway': 'x86_64-unknown-linux-gnu',
  'openshell-sandbox': 'x86_64-unknown-linux-gnu',
} as const;

beforeAll(async () => {
  world = makeWorld();
  installer = join(await world.release('nemoclaw', 'current'), 'install-openshell');
  publish('0.0.44', await world.release('openshell', 'current'));
});
afterAll(() => {
  world.remove();
});

/** Archives and checksum files of a release, as its host would serve them. */
function publish(version: string, built: string, host = join(world.root, 'host')): void {
  const folder = join(host, `v${version}`);
  mkdirSync(folder, { recursive: true });
  for (const name of names) publishOne(folder, built, name, linux[name]);
}

function publishOne(folder: string, built: string, name: string, target: string): void {
  const archive = `${name}-${target}.tar.gz`;
  execFileSync('tar', ['-czf', join(folder, archive), '-C', built, name]);
  const digest = sha256(join(folder, archive));
  writeFileSync(join(folder, `${name}-checksums-sha256.txt`), `${digest}  ${archive}\n`);
}

const sha256 = (path: string): string =>
  createHash('sha256').update(readFileSync(path)).digest('hex');

type Host = { readonly root: string; readonly bin: string; readonly path: string };

/** A machine with an openshell of this release in `bin`, or with none, and a curl that notes what is asked. */
async function machine(
  release: 'old' | 'current' | 'too-new' | undefined,
  { system = 'Linux', processor = 'x86_64', host = join(world.root, 'host') } = {},
): Promise<Host> {
  const root = mkdtempSync(join(world.root, 'machine-'));
  const [bin, stubs] = [join(root, 'bin'), join(root, 'stubs')];
  mkdirSync(bin);
  mkdirSync(stubs);
  if (release !== undefined)
    for (const name of names)
      cpSync(join(await world.release('openshell', release), name), join(bin, name));
  const stub = (name: string, text: string): void => {
    writeFileSync(join(stubs, name), `#!/bin/sh\n${text}`);
    chmodSync(join(stubs, name), 0o755);
  };
  stub('uname', `case "$1" in -s) echo ${system};; -m) echo ${processor};; esac\n`);
  stub('gh', 'exit 4\n');
  stub(
    'curl',
    `url=$4\necho "$url" >> ${root}/asked\npath=\${url#https://github.com/NVIDIA/OpenShell/releases/download/}\n` +
      `[ "$path" = "$url" ] && exit 6\ncp "${host}/$path" "$3" || exit 22\n`,
  );
  for (const tool of ['tar', 'gzip', 'node', 'env', 'cp', 'sh'])
    execFileSync('ln', ['-s', execFileSync('which', [tool]).toString().trim(), stubs]);
  return { root, bin, path: `${stubs}:${bin}` };
}

let at: Host;
beforeEach(async () => {
  at = await machine('old');
});

const install = (options: StartOptions = {}, host = at): Promise<Ended> =>
  world.run(installer, [], {
    ...options,
    env: { PATH: host.path, HOME: host.root, ...options.env },
  });

const asked = (host = at): readonly string[] => {
  const path = join(host.root, 'asked');
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  return text
    .split('\n')
    .filter((each) => each !== '')
    .map((url) => url.replace(/.*\/download\//, ''));
};

const version = async (host = at): Promise<string> =>
  (await world.run(join(host.bin, 'openshell'), ['--version'])).stdout;

/** By program; an absent one has no digest. */
const digests = (folder: string): readonly (string | undefined)[] =>
  names.map((name) => {
    const path = join(folder, name);
    return existsSync(path) ? sha256(path) : undefined;
  });

describe('another version', () => {
  test.each(['old', 'too-new', undefined] as const)('%s becomes the pinned one', async (found) => {
    at = await machine(found);
    const options = { env: { PATH: `${at.path}:${at.root}/.local/bin` } };
    expect(await install(options)).toMatchObject({ code: 0, stderr: '' });
    const folder = found === undefined ? join(at.root, '.local/bin') : at.bin;
    expect(await version({ ...at, bin: folder })).toContain('openshell 0.0.44 ');
    expect(new Set(asked().map((each) => each.split('/')[0]))).toEqual(new Set(['v0.0.44']));
    expect(readdirSync(folder).sort()).toEqual([...names].sort());
  });

  test('asks for exactly what this platform needs', async () => {
    await install();
    expect([...asked()].sort()).toEqual(
      names
        .flatMap((name) => [`${name}-${linux[name]}.tar.gz`, `${name}-checksums-sha256.txt`])
        .map((each) => `v0.0.44/${each}`)
        .sort(),
    );
  });

  test('Apple silicon: two programs, no driver, no signing', async () => {
    const host = join(world.root, 'mac');
    mkdirSync(join(host, 'v0.0.44'), { recursive: true });
    const built = await world.release('openshell', 'current');
    for (const name of ['openshell', 'openshell-gateway'] as const)
      publishOne(join(host, 'v0.0.44'), built, name, 'aarch64-apple-darwin');
    at = await machine('old', { system: 'Darwin', processor: 'arm64', host });
    expect(await install()).toMatchObject({ code: 0 });
    expect(asked().every((each) => !each.includes('driver-vm'))).toBe(true);
    expect(
      asked()
        .map((each) => each.slice('v0.0.44/'.length))
        .sort(),
    ).toEqual([
      'openshell-aarch64-apple-darwin.tar.gz',
      'openshell-checksums-sha256.txt',
      'openshell-gateway-aarch64-apple-darwin.tar.gz',
      'openshell-gateway-checksums-sha256.txt',
    ]);
  });
});

describe('the pinned version', () => {
  test('is kept as it is', async () => {
    at = await machine('current');
    const before = statSync(join(at.bin, 'openshell'));
    expect(await install()).toMatchObject({ code: 0 });
    expect(asked()).toEqual([]);
    expect(statSync(join(at.bin, 'openshell')).ino).toBe(before.ino);
  });

  test('without a helper is installed again', async () => {
    at = await machine('current');
    execFileSync('rm', [join(at.bin, 'openshell-sandbox')]);
    expect(await install()).toMatchObject({ code: 0 });
    expect(existsSync(join(at.bin, 'openshell-sandbox'))).toBe(true);
  });
});

describe('refusals', () => {
  test.each([
    ['Darwin', 'x86_64', 3],
    ['FreeBSD', 'amd64', 3],
  ])('%s %s: nothing is asked', async (system, processor, code) => {
    at = await machine('old', { system, processor });
    expect(await install()).toMatchObject({ code });
    expect(asked()).toEqual([]);
  });

  test.each([
    ['garbage', { NEMOCLAW_OPENSHELL_PIN_VERSION: 'latest' }],
    ['a part too few', { NEMOCLAW_OPENSHELL_MIN_VERSION: '0.0' }],
    ['min above max', { NEMOCLAW_OPENSHELL_MIN_VERSION: '0.0.45' }],
    ['a pin outside', { NEMOCLAW_OPENSHELL_PIN_VERSION: '0.0.46' }],
  ])('bounds: %s', async (_, env) => {
    expect(await install({ env })).toMatchObject({ code: 2 });
    expect(asked()).toEqual([]);
  });

  test('a wrong digest leaves the old programs and nothing else', async () => {
    const host = join(world.root, 'wrong');
    publish('0.0.44', await world.release('openshell', 'current'), host);
    writeFileSync(join(host, 'v0.0.44', `openshell-${linux.openshell}.tar.gz`), 'other bytes');
    at = await machine('old', { host });
    const before = digests(at.bin);
    expect(await install()).toMatchObject({ code: 1 });
    expect(digests(at.bin)).toEqual(before);
    const options = { mutant: 'pin.skip-checksum' };
    plantIn(at.root);
    expect((await install(options)).stderr).not.toContain('its digest is');
  });

  test('a release without its features is not put in place', async () => {
    const host = join(world.root, 'featureless');
    publish('0.0.44', await world.release('openshell', 'old'), host);
    at = await machine('too-new', { host });
    const before = digests(at.bin);
    expect(await install()).toMatchObject({ code: 4 });
    expect(digests(at.bin)).toEqual(before);
  });

  test('another openshell before it on PATH is named', async () => {
    const other = await machine('old');
    chmodSync(other.bin, 0o555);
    onTestFinished(() => {
      chmodSync(other.bin, 0o755);
    });
    const env = { PATH: at.path.replace(at.bin, `${at.bin}:${other.bin}`) };
    plantIn(at.root);
    const told = await install({ env, mutant: 'pin.install-elsewhere' });
    expect(told).toMatchObject({ code: 1, stderr: expect.stringContaining(at.bin) as string });
  });
});

describe('a kill', () => {
  test.each(['downloaded', 'staged'])('at %s leaves the old programs', async (step) => {
    const before = digests(at.bin);
    expect(await install({ env: { NEMOCLAW_REF_CRASH_AT: step } })).toMatchObject({ code: 137 });
    expect(digests(at.bin)).toEqual(before);
    expect(await install()).toMatchObject({ code: 0 });
    expect(await version()).toContain('openshell 0.0.44 ');
  });

  test('between two renames is mended by the next call', async () => {
    const env = { NEMOCLAW_REF_CRASH_AT: 'swapping' };
    expect(await install({ env })).toMatchObject({ code: 137 });
    expect(await install()).toMatchObject({ code: 0 });
    expect(await version()).toContain('openshell 0.0.44 ');
    expect(readdirSync(at.bin).sort()).toEqual([...names].sort());
  });
});

const plantIn = (home: string): void => {
  writeFileSync(join(home, '.seatrial-canary'), 'nonce-0123456789abcdef');
};
