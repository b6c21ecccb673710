// The pack aetherra, whole: every gate, every planted fault, the kernel's own life, and the rows of the
// specification's acceptance table that need the kernel. Prints PASS: or FAIL: for each; ends with 1 on
// any FAIL. Takes about eight minutes on two cores.
//
//   npm run acceptance:aetherra
//   tsx scripts/acceptance-aetherra.ts [--parallel N] [--only rows|gates|canaries|app]

import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { openAcceptance } from './acceptance-report.ts';
import { acceptApp, acceptCanaries } from './acceptance-aetherra-faults.ts';
import { acceptRows } from './acceptance-aetherra-rows.ts';
import { acceptGates } from './acceptance-aetherra-gates.ts';
import type { Stage } from './acceptance-aetherra-stage.ts';
import { run } from './steps.ts';

const option = (name: string): string | undefined => {
  const at = process.argv.indexOf(name);
  return at === -1 ? undefined : process.argv[at + 1];
};

/** A repository of its own with the pack in it, so that there is a commit to sign for. */
async function makeStage(folder: string): Promise<Stage> {
  const pack = join(folder, 'packs/aetherra');
  mkdirSync(pack, { recursive: true });
  cpSync('packs/aetherra', pack, { recursive: true });
  symlinkSync(resolve('dist'), join(folder, 'dist'));
  const git = async (...args: readonly string[]): Promise<string> => {
    const identity = ['-c', 'user.name=Ann', '-c', 'user.email=ann@example.org'];
    const { code, stdout, stderr } = await run('git', [...identity, ...args], { cwd: folder });
    if (code !== 0) throw new Error(stderr);
    return stdout.trim();
  };
  // Only the pack is under judgement; what else lies here must not make its commit a dirty one.
  writeFileSync(join(folder, '.gitignore'), '/*\n!/packs\n/packs/aetherra/variant-*.yaml\n');
  await git('init', '-q', '-b', 'main');
  await git('add', 'packs');
  await git('commit', '-qm', 'the pack');
  const work = join(folder, 'work');
  mkdirSync(work);
  const env = { PATH: process.env['PATH'] ?? '', SEATRIAL_LOCKS: join(folder, 'locks') };
  const program = resolve('dist/cli/main.js');
  return {
    ...{ folder, pack, work, git },
    seatrial: (args, options = {}) =>
      run(process.execPath, [program, ...args], { cwd: work, env, ...options }),
  };
}

const folder = mkdtempSync(join(tmpdir(), 'seatrial-aetherra-'));
const acceptance = openAcceptance();
try {
  const only = option('--only');
  const parallel = option('--parallel') ?? '4';
  const stage = await makeStage(folder);
  if (only === undefined || only === 'gates') await acceptGates(stage, acceptance);
  if (only === undefined || only === 'rows') await acceptRows(stage, acceptance);
  if (only === undefined || only === 'app') await acceptApp(stage, acceptance);
  if (only === undefined || only === 'canaries') await acceptCanaries(stage, acceptance, parallel);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = acceptance.end();
