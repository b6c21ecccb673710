// Images for tests, made without a registry from Debian packages and this host's Node. Each is known
// by the digest of its content: what it was asked to be and the packages that apt verified.

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { request, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { ask } from './docker-engine.ts';
import { fixtureImages, type FixtureImage } from './docker-fixtures.ts';
import { downloadPackages } from './docker-packages.ts';
import { run } from './steps.ts';

export type BuiltImage = { readonly name: string; readonly built: boolean };

/** Builds the named images that the engine does not have yet; all when none is named. */
export async function buildImages(
  socket: string,
  cache: string,
  names: readonly string[] = Object.keys(fixtureImages),
): Promise<readonly BuiltImage[]> {
  const done: BuiltImage[] = [];
  for (const name of names) {
    const image = fixtureImages[name];
    if (image === undefined) throw new Error(`there is no fixture image ${name}`);
    done.push({ name, built: await buildImage({ socket, cache }, name, image) });
  }
  return done;
}

type Place = { readonly socket: string; readonly cache: string };

async function buildImage(place: Place, name: string, image: FixtureImage): Promise<boolean> {
  const packages = await packagesOf(place.cache, image);
  const digest = contentDigest(image, packages);
  const [repository = '', tag = 'latest'] = name.split(':');
  const found = await ask(place.socket, 'GET', `/images/${name}/json`);
  if (found.status === 200 && found.body.includes(`"seatrial.fixture":"${digest}"`)) return false;
  const root = mkdtempSync(join(tmpdir(), 'seatrial-image-'));
  try {
    chmodSync(root, 0o755);
    for (const file of packages) await unpack(file, root);
    mergeUsr(root);
    await fill(root, image);
    const changes = [...image.changes, `LABEL seatrial.fixture=${digest}`];
    await importTree(place.socket, root, { repository, tag, changes });
  } finally {
    rmSync(root, { recursive: true });
  }
  return true;
}

/** Downloaded once; the list stands in the cache so that a later build needs no network. */
async function packagesOf(cache: string, image: FixtureImage): Promise<readonly string[]> {
  const { suite, packages, alone = false } = image;
  if (packages.length === 0) return [];
  const key = createHash('sha256')
    .update(JSON.stringify([suite, packages, alone]))
    .digest('hex');
  const list = join(cache, 'packages', `${key.slice(0, 16)}.json`);
  if (existsSync(list)) {
    const known = JSON.parse(readFileSync(list, 'utf8')) as readonly string[];
    if (known.every((file) => existsSync(file))) return known;
  }
  const files = await downloadPackages(cache, { suite, names: packages, alone });
  mkdirSync(dirname(list), { recursive: true });
  writeFileSync(list, JSON.stringify(files));
  return files;
}

function contentDigest(image: FixtureImage, packages: readonly string[]): string {
  const hash = createHash('sha256').update(JSON.stringify(image));
  for (const file of packages) hash.update(basename(file)).update(readFileSync(file));
  for (const path of image.programs ?? []) hash.update(readFileSync(path));
  return hash.digest('hex').slice(0, 16);
}

/** Nobody reads manuals in a container. */
const left = [
  'usr/share/doc',
  'usr/share/man',
  'usr/share/locale',
  'usr/share/info',
  'usr/lib/llvm*',
];

async function unpack(file: string, root: string): Promise<void> {
  const excluded = left.map((path) => `--exclude=./${path}`).join(' ');
  const script = `set -o pipefail; dpkg-deb --fsys-tarfile "$1" | tar -x -C "$2" ${excluded}`;
  const { code, stderr } = await run('bash', ['-c', script, 'unpack', file, root]);
  if (code !== 0) throw new Error(`${file} cannot be unpacked: ${stderr}`);
}

async function fill(root: string, image: FixtureImage): Promise<void> {
  for (const folder of ['bin', 'etc', 'tmp', 'var/lib', 'usr/bin', 'root'])
    mkdirSync(join(root, folder), { recursive: true });
  chmodSync(join(root, 'tmp'), 0o1777);
  for (const path of image.programs ?? []) await copyProgram(root, path);
  const users = ['root:x:0:0:root:/root:/bin/sh', 'nobody:x:65534:65534::/:/bin/false'];
  const all = [...users, ...(image.users ?? [])];
  writeFileSync(join(root, 'etc/passwd'), `${all.join('\n')}\n`);
  const groups = all.map((line) => `${line.split(':')[0] ?? ''}:x:${line.split(':')[3] ?? ''}:`);
  writeFileSync(join(root, 'etc/group'), `${groups.join('\n')}\n`);
  const busybox = join(root, 'bin/busybox');
  if (existsSync(busybox)) await linkApplets(root, busybox);
  for (const [path, { text, mode }] of Object.entries(image.files ?? {})) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
    chmodSync(join(root, path), mode ?? 0o644);
  }
}

/** Packages of newer suites have their programs and libraries below /usr alone. */
function mergeUsr(root: string): void {
  for (const name of ['bin', 'sbin', 'lib', 'lib64'])
    if (!existsSync(join(root, name)) && existsSync(join(root, 'usr', name)))
      symlinkSync(`usr/${name}`, join(root, name));
}

/** Names that another package already has stay its own. */
async function linkApplets(root: string, busybox: string): Promise<void> {
  const { stdout } = await run(busybox, ['--list']);
  for (const applet of stdout.trim().split('\n'))
    if (!existsSync(join(root, 'bin', applet)) && !existsSync(join(root, 'usr/bin', applet)))
      symlinkSync('busybox', join(root, 'bin', applet));
}

/** A program of this host with the libraries it is linked to, at their own paths. */
async function copyProgram(root: string, path: string): Promise<void> {
  const { stdout } = await run('ldd', [path]);
  const libraries = [...stdout.matchAll(/(\/\S+) \(0x/g)].map(([, found]) => found ?? '');
  for (const file of libraries) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    copyFileSync(realpathSync(file), join(root, file));
  }
  const target = join(root, 'usr/bin', basename(path));
  copyFileSync(realpathSync(path), target);
  // Debug symbols are a quarter of the image; without binutils they stay.
  await run('strip', ['--strip-unneeded', target]).catch(() => undefined);
  chmodSync(target, 0o755);
}

function importTree(
  socketPath: string,
  root: string,
  { repository, tag, changes }: { repository: string; tag: string; changes: readonly string[] },
): Promise<void> {
  const query = new URLSearchParams({ fromSrc: '-', repo: repository, tag });
  for (const change of changes) query.append('changes', change);
  const packing = spawn('tar', ['-c', '--numeric-owner', '-C', root, '.'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return new Promise((resolve, reject) => {
    const path = `/images/create?${query.toString()}`;
    const asked = request({ socketPath, method: 'POST', path }, (answer) => {
      let body = '';
      answer.setEncoding('utf8').on('data', (text: string) => (body += text));
      answer.on('end', () => {
        if (answer.statusCode === 200 && !body.includes('"error"')) resolve();
        else reject(new Error(`the engine refused ${repository}:${tag}: ${body}`));
      });
    });
    asked.on('error', reject);
    packing.on('error', reject);
    packing.stdout.pipe(asked);
  });
}

/** From one engine to another, without building them again. */
export async function copyImages(
  from: string,
  to: string,
  names: readonly string[],
): Promise<void> {
  const query = new URLSearchParams(names.map((name): [string, string] => ['names', name]));
  const packed = await answerOf(from, 'GET', `/images/get?${query.toString()}`);
  const loaded = await answerOf(to, 'POST', '/images/load?quiet=1', packed);
  const said = await text(loaded);
  if (said.includes('"error"')) throw new Error(`images were not copied: ${said}`);
}

async function answerOf(
  socketPath: string,
  method: string,
  path: string,
  body?: IncomingMessage,
): Promise<IncomingMessage> {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const asked = request({ socketPath, method, path }, resolve).on('error', reject);
    if (body === undefined) asked.end();
    else body.on('error', (error) => asked.destroy(error)).pipe(asked);
  });
  if (answer.statusCode === 200) return answer;
  throw new Error(`the engine refused ${path}: ${await text(answer)}`);
}
