// 1 000 trivial checks of one file: this project's module host, and a whole run with them on the fake driver,
// against `node --test`, Vitest and, where it is installed, Playwright Test. Rounds are interleaved; what
// counts are the ratios of medians.
// npm run build && npx tsx bench/checks.ts [rounds]

import { spawnSync } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { discoverOverlays } from '../src/checks/overlay-discovery.ts';
import { overlayReaders } from '../src/checks/overlay-readers.ts';
import { makeOverlayRunner } from '../src/drivers/overlays/runner.ts';
import { systemProcesses } from '../src/drivers/process/run.ts';
import { makeSandbox } from '../src/drivers/sandbox/sandbox.ts';
import type { OverlayFacts } from '../src/ports/overlays.ts';
import { median, say } from './timed.ts';

const count = 1000;
const rounds = Number(process.argv[2] ?? 7);
const modules = realpathSync(fileURLToPath(new URL('../node_modules', import.meta.url)));
const sandboxSettings = {
  ...{ processes: systemProcesses, path: process.env['PATH'] ?? '', user: 0, pid: process.pid },
  ...{ architecture: process.arch, controlGroups: '/sys/fs/cgroup', work: tmpdir(), hidden: [] },
};
const facts: OverlayFacts = {
  app: 'bench',
  operation: 'upgrade',
  stage: 'head',
  snapshots: {},
  markers: [],
  deps: {},
  env: {},
};

const each = (line: (name: string) => string): string =>
  Array.from({ length: count }, (_, index) => line(`check${String(index)}`)).join('\n');

const wholeRun = 'seatrial run';
const rivals = ['node --test', 'vitest', 'playwright'];

type Arm = { readonly name: string; readonly run: () => Promise<void> };

function command(name: string, argv: readonly string[], cwd: string): Arm {
  return {
    name,
    run: () => {
      const { status, stdout, stderr } = spawnSync(process.execPath, argv, { cwd });
      if (status !== 0) throw new Error(`${name}: ${[stdout, stderr].join('').slice(-1000)}`);
      return Promise.resolve();
    },
  };
}

async function overlayArm(folder: string, work: string, extension: 'mjs' | 'ts'): Promise<Arm> {
  const runner = makeOverlayRunner({
    processes: systemProcesses,
    sandbox: makeSandbox(sandboxSettings),
    readers: overlayReaders,
    node: process.execPath,
    path: process.env['PATH'] ?? '',
    work,
  });
  const path = `upgrade.${extension}.check.${extension}`;
  const type = extension === 'ts' ? ': unknown' : '';
  await writeFile(
    join(folder, path),
    each(
      (name) =>
        `export const ${name} = (ctx${extension === 'ts' ? ': any' : ''})${type} => ctx.assert.equal(1, 1);`,
    ),
  );
  const { files } = await discoverOverlays(await runner.discover(folder));
  const file = files.find((found) => found.path === path);
  if (file?.checks.length !== count) throw new Error('the checks were not found');
  return {
    name: `seatrial, .${extension}`,
    run: async () => {
      const outcomes = await runner.run(file, facts, { folder, timeoutMs: 10_000 });
      const passed = outcomes.filter(({ verdict }) => verdict === 'passed').length;
      if (passed !== count) throw new Error(`${String(passed)} of ${String(count)} passed`);
    },
  };
}

/** Install and remove of an app in memory, with the checks after install; everything is recorded. */
async function runArm(root: string): Promise<Arm> {
  const app = join(root, 'app');
  const store = join(root, 'store');
  await cp('packs/floor/apps/fake', app, { recursive: true });
  await mkdir(join(app, 'checks'));
  await writeFile(
    join(app, 'checks', 'install.trivial.check.mjs'),
    each((name) => `export const ${name} = (ctx) => ctx.assert.equal(1, 1);`),
  );
  const options = ['--manifest', join(app, 'seatrial.yaml'), '--store', store, '--quiet'];
  const program = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
  return command(wholeRun, [program, 'run', '--scenario', 'fresh', ...options], root);
}

async function otherArms(root: string): Promise<readonly Arm[]> {
  await writeFile(
    join(root, 'node.test.mjs'),
    `import test from 'node:test';\nimport assert from 'node:assert/strict';\n${each((name) => `test('${name}', () => assert.equal(1, 1));`)}`,
  );
  await writeFile(
    join(root, 'vitest.test.mjs'),
    `import { test, expect } from '${modules}/vitest/dist/index.js';\n${each((name) => `test('${name}', () => { expect(1).toBe(1); });`)}`,
  );
  const arms = [
    command('node -e 0', ['-e', '0'], root),
    command('node --test', ['--test', '--test-reporter=tap', 'node.test.mjs'], root),
    command(
      'vitest',
      [join(modules, 'vitest/vitest.mjs'), 'run', '--root', root, 'vitest.test.mjs'],
      root,
    ),
  ];
  const playwright = join(modules, '@playwright/test');
  if (!existsSync(playwright)) return arms;
  await writeFile(
    join(root, 'playwright.spec.mjs'),
    `import { test, expect } from '${playwright}/index.mjs';\n${each((name) => `test('${name}', () => { expect(1).toBe(1); });`)}`,
  );
  return [
    ...arms,
    command('playwright', [join(playwright, 'cli.js'), 'test', 'playwright.spec'], root),
  ];
}

async function measure(arms: readonly Arm[]): Promise<void> {
  const times = new Map(arms.map(({ name }) => [name, [] as number[]]));
  for (const { run } of arms) await run();
  for (let round = 0; round < rounds; round++)
    for (const { name, run } of arms) {
      const started = performance.now();
      await run();
      times.get(name)?.push(performance.now() - started);
    }
  const medianOf = (name: string): number => median(times.get(name) ?? []);
  for (const [name, values] of times) {
    const spread = `${Math.min(...values).toFixed(0)}–${Math.max(...values).toFixed(0)}`;
    say(`checks, ${name}: ${median(values).toFixed(0)} ms (${spread})`);
  }
  for (const rival of rivals.filter((name) => times.has(name))) {
    const ratio = medianOf(wholeRun) / medianOf(rival);
    say(`checks against ${rival}: ratio ${ratio.toFixed(2)} (limit < 1.00)`);
    if (ratio >= 1) process.exitCode = 1;
  }
}

const root = await mkdtemp(join(tmpdir(), 'seatrial-bench-'));
try {
  const [folder, work] = [join(root, 'checks'), join(root, 'work')];
  await Promise.all([mkdir(folder), mkdir(work)]);
  const own = [await overlayArm(folder, work, 'mjs'), await overlayArm(folder, work, 'ts')];
  await measure([...own, await runArm(root), ...(await otherArms(root))]);
} finally {
  await rm(root, { recursive: true, force: true });
}
