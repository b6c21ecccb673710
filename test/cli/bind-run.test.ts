// What a run of a pack's manifest says that it is about, and what the audit makes of it: the real runner, the real
// derivation, and apps on the fake driver, whose runs are never evidence.

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { bindRun } from '../../src/cli/bind-run.ts';
import { auditStatus } from '../../src/cli/commands/audit-status.ts';
import { run } from '../../src/cli/commands/run.ts';
import { runCommand } from './run-command.ts';

const manifest = `seatrial: 1
app: web
driver: fake
source: { directory: ../../reference/releases }
timeouts: { settle: 0, http: 5, deploy: 60, hook: 10 }
`;

const files: Readonly<Record<string, string>> = {
  'pack.yaml': 'id: demo\nowner: demo-team\nphases: [1]\n',
  'apps/web/seatrial.yaml': manifest,
  'apps/web/other.yaml': manifest,
  'reference/releases/1.0.0/release.txt': '1.0.0\n',
  'reference/releases/1.1.0/release.txt': '1.1.0\n',
  'audit/inventory.yaml': '- { subject: accept }\n',
  'audit/runs.yaml':
    '- { id: web-life, manifest: apps/web/seatrial.yaml, checks: [floor.upgrade.identity] }\n',
  'audit/queue.yaml': `- id: DG2
  phase: 1
  legacySubject: [accept]
  coverage: An upgrade reaches head.
  boundary: [driver]
  planned: { scenarios: [web-life], checks: [floor.upgrade.identity] }
  fixtures: []
  manifest: required
  owner: demo-team
`,
};

async function makePack(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'seatrial-test-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  return root;
}

const asked = (root: string, path: string) => ({
  ...{ manifestPath: join(root, path), folder: dirname(join(root, path)), store: root },
  ...{ scenario: 'lifecycle', lastGreen: true },
});

test('DG2: a run on the fake driver says what it is about, and proves nothing', async () => {
  const root = await makePack();
  const env = { SEATRIAL_LOCKS: join(root, 'locks'), PATH: process.env['PATH'] ?? '' };
  const store = join(root, 'store');
  const reasons = async (): Promise<readonly (readonly [string, string])[]> => {
    const argv = ['--pack', root, '--store', store, '--json'];
    const { out } = await runCommand(auditStatus, argv, { cwd: root, env });
    const { rows } = JSON.parse(out) as {
      readonly rows: readonly {
        readonly reasons: readonly { readonly code: string; readonly message: string }[];
      }[];
    };
    return rows.flatMap((row) => row.reasons.map(({ code, message }) => [code, message] as const));
  };
  const never = (await reasons()).map(([code]) => code);
  expect(never).toEqual(['canary-never-red', 'no-bundle']);
  const argv = ['--manifest', 'apps/web/other.yaml', '--quiet', '--store', store];
  expect(await runCommand(run, argv, { cwd: root, env })).toMatchObject({ code: 0 });
  // Another manifest of the same app is another application.
  expect((await reasons()).map(([code]) => code)).toEqual(never);
  argv[1] = 'apps/web/seatrial.yaml';
  expect(await runCommand(run, argv, { cwd: root, env })).toMatchObject({ code: 0 });
  const told = await reasons();
  expect(told.map(([code]) => code)).toEqual(['canary-never-red', 'fake-driver']);
  expect(told[1]?.[1]).toMatch(/was made on the fake driver/);
});

test('what a run is bound to changes with its part of the pack alone', async () => {
  const root = await makePack();
  const bind = async (path = 'apps/web/seatrial.yaml') =>
    bindRun(asked(root, path), process.execPath);
  const before = await bind();
  expect(before).toMatchObject({
    pack: 'demo',
    subject: { name: 'reference' },
    asked: { manifest: 'apps/web/seatrial.yaml' },
  });
  const after = async (path: string, text: string) => {
    const file = join(root, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
    const now = await bind();
    await rm(file);
    if (files[path] !== undefined) await writeFile(file, files[path]);
    return (['plan', 'collectors'] as const)
      .filter((part) => now?.[part] !== before?.[part])
      .concat(now?.subject.digest === before?.subject.digest ? [] : ['subject' as never]);
  };
  expect(await after('reference/releases/1.1.0/release.txt', '1.1.1\n')).toEqual(['subject']);
  expect(await after('reference/repositories/web.git/HEAD', 'x\n')).toEqual([]);
  expect(await after('apps/web/checks/install.a.check.mjs', 'export {};\n')).toEqual([
    'collectors',
  ]);
  expect(await after('apps/web/seatrial.yaml', `# Web.\n${manifest}`)).toEqual([]);
  expect(await after('apps/web/seatrial.yaml', `${manifest}retries: 1\n`)).toEqual(['plan']);
  expect(await after('apps/other/checks/install.a.check.mjs', 'export {};\n')).toEqual([]);
});

test('a manifest of no pack, and one that nobody wrote, is bound to nothing', async () => {
  const root = await makePack();
  await rm(join(root, 'audit/runs.yaml'));
  const inputs = asked(root, 'apps/web/seatrial.yaml');
  expect(await bindRun(inputs, process.execPath)).toBeUndefined();
  await writeFile(join(root, 'audit/runs.yaml'), files['audit/runs.yaml'] ?? '');
  expect(await bindRun({ ...inputs, defaults: manifest }, process.execPath)).toBeUndefined();
  await rm(join(root, 'pack.yaml'));
  expect(await bindRun(inputs, process.execPath)).toBeUndefined();
});
