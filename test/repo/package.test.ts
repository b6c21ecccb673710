// The package as it would be published, unpacked into an empty folder with nothing beside it but the
// dependencies that it declares, and used from there.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { chmodSync, cpSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const repository = join(import.meta.dirname, '../..');
const built = existsSync(join(repository, 'dist/cli/main.js'));
if (!built) process.stderr.write('LEFT OUT: the package, as there is no dist: npm run build.\n');

const root = mkdtempSync(join(tmpdir(), 'seatrial-package-'));
const modules = join(root, 'node_modules');
let files: readonly string[] = [];

type PackageFile = {
  readonly version: string;
  readonly bin: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
};
const declared = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as PackageFile;

beforeAll(() => {
  if (!built) return;
  const told = execFileSync(
    'npm',
    ['pack', '--ignore-scripts', '--json', '--pack-destination', root],
    { cwd: repository, stdio: ['ignore', 'pipe', 'ignore'] },
  );
  const [packed] = JSON.parse(told.toString()) as readonly {
    readonly filename: string;
    readonly files: readonly { readonly path: string }[];
  }[];
  files = (packed?.files ?? []).map(({ path }) => path);
  mkdirSync(join(modules, '.bin'), { recursive: true });
  execFileSync('tar', ['-xzf', join(root, packed?.filename ?? ''), '-C', modules]);
  execFileSync('mv', [join(modules, 'package'), join(modules, 'seatrial')]);
  for (const name of Object.keys(declared.dependencies)) {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(join(repository, 'node_modules', name), join(modules, name));
  }
  // As npm does when it installs.
  for (const [name, path] of Object.entries(declared.bin)) {
    chmodSync(join(modules, 'seatrial', path), 0o755);
    symlinkSync(join('../seatrial', path), join(modules, '.bin', name));
  }
});

afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

function npx(cwd: string, ...argv: readonly string[]): string {
  return execFileSync('npx', ['--no-install', ...argv], {
    cwd,
    env: {
      PATH: process.env['PATH'],
      HOME: root,
      SEATRIAL_LOCKS: join(root, 'locks'),
      NO_COLOR: '1',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  }).toString();
}

describe.skipIf(!built)('the package', () => {
  test('holds what a user reads, and nothing that only we need', () => {
    const folders = new Set(
      files.filter((path) => path.includes('/')).map((path) => path.split('/')[0]),
    );
    expect([...folders].sort()).toEqual(['dist', 'docs', 'examples', 'packs', 'schema']);
    expect(files).toEqual(
      expect.arrayContaining([
        ...['README.md', 'LICENSE', 'CHANGELOG.md', 'SECURITY.md', 'docs/start.md'],
        ...['docs/reference/manifest.md', 'examples/node-red/seatrial.yaml'],
      ]),
    );
    // The project that gates of tests and coverage are tried on has tests of its own.
    const ours = files.filter((path) => !path.startsWith('packs/aetherra/workspace/'));
    expect(
      ours.filter((path) => /\.test\.|(^|\/)(test|bench|node_modules|\.seatrial)\//.test(path)),
    ).toEqual([]);
  });

  test('answers from an empty folder', () => {
    expect(npx(root, 'seatrial', '--version')).toBe(`${declared.version}\n`);
    expect(npx(root, 'seatrial', 'run', '--help')).toContain('--head REF');
    const asked = npx(root, 'seatrial', 'schema', 'seatrial');
    expect(JSON.parse(asked)).toMatchObject({ title: 'Seatrial manifest' });
  });

  test('init writes a manifest that plan reads, and run takes an app through its life', () => {
    const app = join(root, 'app');
    mkdirSync(app);
    writeFileSync(
      join(app, 'package.json'),
      JSON.stringify({ name: 'shop', version: '1.0.0', scripts: { start: 'node server.mjs' } }),
    );
    npx(app, 'seatrial', 'init');
    expect(readFileSync(join(app, 'seatrial.yaml'), 'utf8')).toMatch(/^app: "shop"$/m);
    const fake = join(root, 'fake');
    cpSync(join(modules, 'seatrial/packs/floor/apps/fake'), fake, { recursive: true });
    expect(npx(fake, 'seatrial', 'plan')).toContain('floor.upgrade.identity');
    expect(npx(fake, 'seatrial', 'run', '--quiet')).toMatch(/PASSED +exit code 0/);
    expect(npx(fake, 'seatrial', 'verify')).toMatch(/^✓ sound/);
    expect(npx(fake, 'seatrial', 'report', '--format', 'html')).toMatch(/^<!doctype html>/i);
  });
});
