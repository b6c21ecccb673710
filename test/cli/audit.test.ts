// Audit commands on the sample pack: exit codes, formats, and what a cache may change.

import { execFileSync } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { renderAuditSchema } from '../../src/audit/audit-json.ts';
import {
  makeSample,
  writeCompleteStore,
  writeMutants,
  writePack,
  writeRun,
  writeUndoMutants,
  type Sample,
} from '../audit/sample-store.ts';
import { packFiles } from '../audit/sample-pack.ts';
import { InvalidInput } from '../../src/cli/command.ts';
import { auditCheck } from '../../src/cli/commands/audit-check.ts';
import { auditExplain } from '../../src/cli/commands/audit-explain.ts';
import { auditExport } from '../../src/cli/commands/audit-export.ts';
import { auditStatus } from '../../src/cli/commands/audit-status.ts';
import { runCommand, type Ended } from './run-command.ts';

const moment = '2026-01-02T00:00:00Z';

const commands = [auditStatus, auditCheck, auditExplain, auditExport];

async function audit(sample: Sample, name: string, ...argv: readonly string[]): Promise<Ended> {
  const command = commands.find((each) => each.name === `audit ${name}`);
  if (command === undefined) throw new Error(`there is no audit ${name}`);
  const { packRoot, storeRoot, root: cwd } = sample;
  const all = [...argv, '--pack', packRoot, '--store', storeRoot, '--at', moment];
  let err = '';
  try {
    return await runCommand(command, all, { cwd, onErr: (text) => (err += text) });
  } catch (error) {
    if (error instanceof InvalidInput) return { code: 2, out: '', err };
    throw error;
  }
}

async function completeSample(): Promise<Sample> {
  const sample = await makeSample();
  await writeCompleteStore(sample);
  await writeUndoMutants(sample);
  return sample;
}

test('status and check tell what is proven, and what a broken row lacks', async () => {
  const sample = await completeSample();
  expect(await audit(sample, 'status')).toMatchObject({
    code: 0,
    out: expect.stringContaining('2 rows: 2 evidence-complete') as string,
  });
  const good = await audit(sample, 'check', '--release', '--max-age', '7d');
  expect(good.code).toBe(0);
  expect(good.out).toContain('PASS: audit.row.aq-001\nPASS: audit.row.aq-002\n');
  await writeRun(sample, 'rebuild', 'run-red', {
    draft: (draft) => draft.fail('demo.rebuild.marker-kept'),
  });
  const bad = await audit(sample, 'check');
  expect(bad.code).toBe(1);
  expect(bad.out).toContain('FAIL: audit.row.aq-001\nPASS: audit.row.aq-002\n');
  expect(bad.out).toContain('newer-run-failed');
  expect((await audit(sample, 'status')).code).toBe(0);
});

test.each<readonly [readonly [string, ...string[]], number]>([
  [['check', '--rows', 'AQ-001..AQ-002'], 0],
  [['check', '--phase', '9'], 0],
  [['check', '--rows', 'AQ-100'], 2],
  [['check', '--phase', '8'], 2],
  [['check', '--subject', 'other'], 2],
  [['check', '--head', 'main'], 2],
  [['check', '--head', '6'.repeat(64)], 1],
  [['check', '--bundles', 'run-gone'], 2],
  [['check', '--bundles', 'run-rebuild,mutant-refuse.delete-first'], 1],
  [['check', '--claim', 'claim.yaml'], 2],
  [['explain', 'AQ-001'], 0],
  [['explain', 'demo.rebuild.marker-kept'], 0],
  [['explain', 'stale-evidence'], 0],
  [['explain', 'AU143'], 0],
  [['explain', 'nothing'], 2],
])('%j ends with %i', async (argv, code) => {
  const sample = await completeSample();
  expect((await audit(sample, ...argv)).code).toBe(code);
});

test('without a run nobody can tell', async () => {
  const sample = await makeSample();
  const { code, out } = await audit(sample, 'check');
  expect(out).toContain('no-bundle');
  // Checks were never red either, which is wrong whatever a run would show.
  expect(code).toBe(1);
  await writeMutants(sample);
  await writeUndoMutants(sample);
  expect((await audit(sample, 'check')).code).toBe(3);
});

test('bad files end with places', async () => {
  const sample = await makeSample();
  await writePack(sample, {
    'audit/queue.yaml': (packFiles['audit/queue.yaml'] ?? '').replace(
      'owner: demo-team',
      'owner: demo-team\n  status: done',
    ),
  });
  const { code, err } = await audit(sample, 'status');
  expect(code).toBe(2);
  expect(err).toMatch(/queue\.yaml:\d+:3: error\[AU002\]/);
});

test('the answer as JSON is what its schema says', async () => {
  const sample = await completeSample();
  await writeRun(sample, 'refuse', 'run-red', {
    draft: (draft) => draft.fail('demo.refuse.keeps-old'),
  });
  const { out, code } = await audit(sample, 'check', '--json');
  expect(code).toBe(1);
  const validate = new Ajv2020({ strict: false }).compile(renderAuditSchema());
  expect(validate(JSON.parse(out)), JSON.stringify(validate.errors)).toBe(true);
});

test('exports are the same twice, and hostile text stays text', async () => {
  const hostile = (packFiles['audit/queue.yaml'] ?? '').replace(
    'A rebuild starts from something old and keeps what its owner had.',
    `'=1+1 | <script>alert(1)</script> \`x\`'`,
  );
  const sample = await makeSample({ 'audit/queue.yaml': hostile });
  await writeCompleteStore(sample);
  for (const format of [
    'md',
    'json',
    'html',
    'csv',
    'pr',
    'reconciliation',
    'work-queue',
    'patch',
  ]) {
    const first = await audit(sample, 'export', '-f', format);
    expect(first.code, format).toBe(0);
    expect(first.out.length, format).toBeGreaterThan(100);
    expect((await audit(sample, 'export', '-f', format)).out, format).toBe(first.out);
    if (format === 'html') expect(first.out).not.toContain('<script>alert');
    if (format === 'reconciliation') {
      expect(first.out).toContain('rows: 2 = 2 complete + 0 amended + 0 unresolved: holds');
      expect(first.out).not.toContain('DOES NOT HOLD');
    }
  }
});

test('the block of a change is replaced in place', async () => {
  const sample = await completeSample();
  const path = join(sample.root, 'body.md');
  await writeFile(path, 'Before.\n\nAfter.\n');
  for (let round = 0; round < 2; round += 1) {
    const { out } = await audit(sample, 'export', '-f', 'pr', '--into', 'body.md', '--issue', '#7');
    await writeFile(path, out);
  }
  const text = await readFile(path, 'utf8');
  expect(text.match(/seatrial:audit:begin/g)).toHaveLength(1);
  expect(text).toContain('Before.\n\nAfter.\n');
  expect(text).toContain('Issues: #7');
});

test('the patch applies, changes nothing twice, and flips a row either way', async () => {
  const sample = await completeSample();
  const git = (...argv: readonly string[]) =>
    execFileSync('git', argv, { cwd: sample.root, stdio: ['pipe', 'pipe', 'pipe'] });
  git('init', '-q');
  const apply = async () => {
    const { out } = await audit(sample, 'export', '-f', 'patch');
    await writeFile(join(sample.root, 'p.diff'), out);
    if (out !== '') git('apply', 'p.diff');
    return out;
  };
  const queue = () => readFile(join(sample.packRoot, 'audit/work-queue.md'), 'utf8');
  expect(await apply()).toContain('new file mode');
  expect(await queue()).toContain('| AQ-001 | 9 | evidence-complete |');
  expect(await apply()).toBe('');
  await writeRun(sample, 'rebuild', 'run-red', {
    draft: (draft) => draft.fail('demo.rebuild.marker-kept'),
  });
  expect(await apply()).toMatch(/^-\| AQ-001.*evidence-complete/m);
  expect(await queue()).toContain('| AQ-001 | 9 | unresolved |');
  await writeRun(sample, 'rebuild', 'run-green');
  await apply();
  expect(await queue()).toContain('| AQ-001 | 9 | evidence-complete |');
});

test('a cache that is deleted, cut or forged changes no status of a release', async () => {
  const sample = await completeSample();
  await writeRun(sample, 'rebuild', 'run-red', {
    draft: (draft) => draft.fail('demo.rebuild.marker-kept'),
  });
  const rows = async (...argv: readonly string[]) => {
    const { out } = await audit(sample, 'status', '--json', ...argv);
    return (JSON.parse(out) as { rows: unknown }).rows;
  };
  const cold = await rows('--release');
  expect(await rows()).toEqual(cold);
  expect(await rows()).toEqual(cold);
  const folder = join(sample.storeRoot, 'cache/audit');
  const names = await readdir(folder);
  expect(names.length).toBeGreaterThan(5);
  for (const name of names) {
    const path = join(folder, name);
    const text = await readFile(path, 'utf8');
    await writeFile(path, text.replaceAll('"failed"', '"passed"'));
  }
  expect(await rows('--release')).toEqual(cold);
  for (const name of names) await writeFile(join(folder, name), '{"tool":');
  expect(await rows()).toEqual(cold);
});

test('what changed since it was remembered is read again', async () => {
  const sample = await completeSample();
  expect((await audit(sample, 'check')).code).toBe(0);
  const extra = join(sample.storeRoot, 'runs/run-rebuild/objects/aa');
  await mkdir(extra, { recursive: true });
  await writeFile(join(extra, 'x'), 'x');
  expect((await audit(sample, 'check')).code).toBe(1);
});
