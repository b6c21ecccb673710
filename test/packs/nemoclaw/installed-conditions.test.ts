// What is missing before a scenario can be run on an installed product: told by name, all of it, and nothing is started.

import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { unmetConditions } from '../../../packs/nemoclaw/actions/installed-conditions.ts';
import { installed } from '../../../packs/nemoclaw/actions/installed.ts';
import { git, makeInstalledProduct, type InstalledProduct } from './installed-product.ts';

let root = '';
let product: InstalledProduct;

const files: Readonly<Record<string, string>> = {
  nemoclaw: `#!/bin/sh
case "$1" in
  --version) echo "nemoclaw 0.5.0"; touch "$HOME/.asked" ;;
  --help) echo "nemoclaw image | NAME policy|rebuild | upgrade-sandboxes" ;;
esac
`,
  'openshell/openshell': `#!/bin/sh
case "$*" in
  --version) echo "openshell v0.0.44" ;;
  --help) echo "openshell gateway|provider|inference|sandbox" ;;
  "gateway --help") echo "start|stop" ;;
  "provider --help") echo "create" ;;
  "inference --help") echo "set" ;;
  "sandbox --help") echo "create|list|exec" ;;
esac
`,
  'blueprint/agents/openclaw.yaml': 'expected_version: 2026.5.22\n',
  'scripts/install-openshell.sh': '',
  'scripts/setup-spark.sh': '',
  'agents/openclaw/build.json': '{}',
  'recipes/openclaw-old/Dockerfile': 'FROM scratch\n',
};

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'seatrial-installed-'));
  const checkout = join(root, 'checkout');
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(checkout, path)), { recursive: true });
    writeFileSync(join(checkout, path), text);
    if (text.startsWith('#!')) chmodSync(join(checkout, path), 0o755);
  }
  product = makeInstalledProduct(checkout);
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

const conditions = {
  pack: '',
  dockerHost: 'unix:///run/another/docker.sock',
  isOwnEngine: true,
  places: ['recipes/openclaw-old'],
  actions: ['check-upgrades', 'install', 'rebuild'],
  signal: new AbortController().signal,
};

const unmet = (more: Partial<InstalledProduct> = {}, other = {}): Promise<readonly string[]> =>
  unmetConditions({ ...conditions, ...other, settings: { ...product, ...more } });

test('nothing is missing, and asking leaves the checkout and the home of whoever asks alone', async () => {
  const before = git(product.checkout, 'status', '--porcelain', '--ignored');
  const home = readdirSync(homedir());
  expect(await unmet()).toEqual([]);
  expect(git(product.checkout, 'status', '--porcelain', '--ignored')).toBe(before);
  expect(readdirSync(homedir())).toEqual(home);
});

test('a program that is missing, or is none', async () => {
  const wrong = { nemoclaw: `${product.checkout}/nowhere`, openshell: product.checkout };
  expect(await unmet(wrong)).toEqual([
    `nemoclaw: ${wrong.nemoclaw} is no program that can be started`,
    `openshell: ${wrong.openshell} is no program that can be started`,
  ]);
});

test.each([
  ['tells junk', 'echo "hello, world"', '--version tells no version'],
  ['tells nothing', 'exit 0', '--version tells no version'],
  ['fails', 'echo 0.5.0; exit 9', '--version tells no version'],
  ['says too much', 'yes 0.5.0', '--version tells no version'],
])('a program that %s when it is asked for its version', async (_, line, said) => {
  const path = join(product.checkout, 'another');
  writeFileSync(path, `#!/bin/sh\n${line}\n`);
  chmodSync(path, 0o755);
  expect(await unmet({ nemoclaw: path })).toEqual([`nemoclaw: ${path} ${said}`]);
});

test.each([
  [
    'a group',
    'echo "openshell 0.0.44: sandbox, gateway, provider, start, create, list, exec"',
    ['inference'],
  ],
  [
    'commands of a group, which another group has',
    `case "$*" in
  --version) echo "openshell v0.0.44" ;;
  --help) echo "openshell gateway|provider|inference|sandbox" ;;
  "sandbox --help") echo "create|exec|delete" ;;
  *) echo "start|create|set|list" ;;
esac`,
    ['sandbox list'],
  ],
])(
  'a command that the scenario performs and the program does not have: %s',
  async (_, script, missing) => {
    const path = join(root, 'openshell');
    writeFileSync(path, `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o755);
    expect(await unmet({ openshell: path })).toEqual([
      `openshell: the help of ${path} names no command ${missing.join(', ')}`,
    ]);
  },
);

test('a program that would not see what the run changes in its copy of the checkout', async () => {
  const path = join(root, 'nemoclaw');
  cpSync(product.nemoclaw, path);
  expect(await unmet({ nemoclaw: path })).toEqual([
    `nemoclaw: ${path} is not of ${product.checkout}, of which the run changes a copy`,
  ]);
  expect(await unmet({ nemoclaw: path }, { places: [] })).toEqual([]);
});

test('a folder that is no checkout of its own', async () => {
  const inside = join(product.checkout, 'agents');
  expect(await unmet({ checkout: inside })).toEqual([`checkout: ${inside} is no git checkout`]);
});

test('refs that are not there, a checkout at another commit, changed files, places', async () => {
  expect(await unmet({ base: 'v0.3.0' })).toEqual([`base: ${product.checkout} has no ref v0.3.0`]);
  expect(await unmet({ head: 'v0.4.0' })).toEqual([
    `checkout: ${product.checkout} does not stand at v0.4.0`,
  ]);
  writeFileSync(join(product.checkout, 'scripts/setup-spark.sh'), 'changed');
  rmSync(join(product.checkout, 'recipes'), { recursive: true });
  expect(await unmet()).toEqual([
    `checkout: files of ${product.checkout} differ from v0.5.0`,
    `checkout: ${product.checkout} has no recipes/openclaw-old`,
  ]);
});

test('a user’s own engine, and an action that needs the reference’s folders', async () => {
  const dockerHost = 'unix:///var/run/docker.sock';
  expect(await unmet({}, { dockerHost, actions: ['install', 'start-twice'] })).toEqual([
    `${dockerHost} is the user's own engine: SEATRIAL_DOCKER_HOST names another`,
    'the action start-twice can be performed on the reference alone',
  ]);
  const others = await unmet({}, { dockerHost: 'tcp://127.0.0.1:1', isOwnEngine: false });
  expect(others).toEqual([
    "tcp://127.0.0.1:1 is the user's own engine: SEATRIAL_DOCKER_HOST names another",
  ]);
  expect(await unmet({}, { dockerHost: '', isOwnEngine: false })).toEqual([]);
  expect(await unmetConditions({ ...conditions })).toEqual([
    'nobody says where the product is installed',
  ]);
});

test('the identity is that of programs, tree and what was built beside it', async () => {
  const identity = () =>
    installed.prepare({
      ...{ pack: '', cache: root, canary: false, signal: conditions.signal, settings: product },
    });
  const first = await identity();
  expect(first.builds).toMatchObject([{ component: 'agents/openclaw', version: '2026.5.22' }]);
  expect(first.commit).toBe(git(product.checkout, 'rev-parse', 'v0.5.0').trim());
  expect(await identity()).toEqual(first);
  writeFileSync(join(product.checkout, 'built.js'), 'one');
  const built = await identity();
  writeFileSync(join(product.checkout, 'nemoclaw'), '#!/bin/sh\necho 0.6.0\n');
  const digests = [first, built, await identity()].map(({ digest }) => digest);
  expect(new Set(digests).size).toBe(3);
});
