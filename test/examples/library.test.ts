// The library's example, compiled against the package as users get it, and run.

import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  mkdirSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'seatrial-library-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test(
  'the example compiles against the published types and passes on an app',
  { timeout: 120_000 },
  () => {
    expect(existsSync('dist/index.d.ts'), 'npm run build comes first').toBe(true);
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(resolve('.'), join(folder, 'node_modules', 'seatrial'));
    mkdirSync(join(folder, 'node_modules', '@types'));
    symlinkSync(resolve('node_modules/@types/node'), join(folder, 'node_modules/@types/node'));
    cpSync('examples/library/release-check.ts', join(folder, 'release-check.ts'));
    cpSync('packs/floor/apps/fake', join(folder, 'app'), { recursive: true });
    const compiler = resolve('node_modules/typescript/bin/tsc');
    const flags = [
      '--module',
      'nodenext',
      '--target',
      'es2023',
      '--types',
      'node',
      '--strict',
      '--skipLibCheck',
    ];
    const compiled = spawnSync(process.execPath, [compiler, ...flags, 'release-check.ts'], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect(compiled.stdout).toBe('');
    const args = ['release-check.js', 'app/seatrial.yaml', join(folder, 'store')];
    const ran = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
    expect(ran.stderr).toBe('');
    expect(ran.stdout).toContain('upgrade: done');
    expect(ran.stdout).toContain('verdict passed, bundle sound');
    expect(ran.status).toBe(0);
  },
);
