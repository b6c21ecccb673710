// Replaces a running gateway by the pinned release, with a way back until the new one has answered:
// detected-stale, consented, backed-up, stopped, migrated, started, verified.

import { appendFileSync, cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { backUp } from '../nemoclaw/backup.ts';
import { readRegistry } from '../nemoclaw/registry.ts';
import { lastLine } from '../shared/docker.ts';
import { Failure, messageOf } from '../shared/failure.ts';
import { mutant } from '../shared/mutant.ts';
import { say, warn } from '../shared/program.ts';
import { runProgram, type Ran } from '../shared/run.ts';
import { openshellsOnPath } from './found-openshell.ts';

const home = (): string => process.env['HOME'] ?? homedir();
const stateFolder = (): string => join(home(), '.local/state/nemoclaw/openshell-docker-gateway');

type Status = { readonly gateway: { readonly version: string; readonly pid: number } };

/** Undefined when no gateway answers. */
export async function runningGateway(
  program = 'openshell',
): Promise<Status['gateway'] | undefined> {
  const { code, stdout } = await runProgram(program, ['status', '--json']);
  return code === 0 ? (JSON.parse(stdout) as Status).gateway : undefined;
}

/** Throws exit 4 unless the user accepted; then nothing was touched. */
export function demandConsent(version: string, pin: string): void {
  const accepted = process.env['NEMOCLAW_ACCEPT_EXPERIMENTAL_OPENSHELL_UPGRADE'] === '1';
  if (accepted || mutant('gwup.no-consent')) return;
  throw new Failure(
    4,
    `the gateway is ${version}, ${pin} is needed: set NEMOCLAW_ACCEPT_EXPERIMENTAL_OPENSHELL_UPGRADE=1 to upgrade it; nothing was changed`,
  );
}

export type Kept = { readonly folder: string; readonly programs: string };

/** Programs and state as they are, to go back to; and each sandbox's own backup. */
export async function keepOld(): Promise<Kept> {
  const time = new Date().toISOString().replace(/[:.]/g, '-');
  const folder = join(home(), '.nemoclaw/gateway-backups', time);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const [program] = openshellsOnPath();
  if (program === undefined) throw new Failure(1, 'openshell is not on PATH');
  const programs = dirname(program);
  for (const name of ['openshell', 'openshell-gateway', 'openshell-sandbox'])
    if (existsSync(join(programs, name))) cpSync(join(programs, name), join(folder, 'bin', name));
  cpSync(stateFolder(), join(folder, 'state'), { recursive: true });
  if (!mutant('gwup.skip-backup')) await backUpSandboxes(folder);
  return { folder, programs };
}

async function backUpSandboxes(folder: string): Promise<void> {
  const counts = { backedUp: 0, failed: 0, skipped: 0 };
  for (const entry of Object.values(readRegistry().sandboxes)) {
    try {
      const at = await backUp(entry);
      writeFileSync(join(folder, `${entry.name}.backup`), `${at}\n`, { mode: 0o600 });
      counts.backedUp += 1;
    } catch (error) {
      warn(`${entry.name}: ${messageOf(error)}`);
      counts.failed += 1;
    }
  }
  const { backedUp, failed, skipped } = counts;
  say(`${String(backedUp)} backed up, ${String(failed)} failed, ${String(skipped)} skipped`);
  if (failed > 0) throw new Failure(1, 'a sandbox could not be backed up; nothing was changed');
}

/** From the old process to the new one, which migrates at its start. */
export async function replaceGateway(pin: string, kept: Kept): Promise<void> {
  if (mutant('gwup.version-lies'))
    appendFileSync(join(kept.programs, 'openshell-gateway'), '// other content\n');
  try {
    if (!mutant('gwup.keep-process'))
      must(await runProgram(join(kept.folder, 'bin/openshell'), ['gateway', 'stop']));
    must(await runProgram('openshell', ['gateway', 'start']));
    await verify(pin);
  } catch (error) {
    if (!mutant('gwup.half-migrated')) await goBack(kept);
    throw new Failure(1, `gateway upgrade failed: ${messageOf(error)}; the old gateway runs again`);
  }
  if (mutant('gwup.reset-registry'))
    writeFileSync(
      join(home(), '.nemoclaw/sandboxes.json'),
      '{"sandboxes":{},"defaultSandbox":null}',
    );
}

function must({ code, stderr }: Ran): void {
  if (code !== 0) throw new Failure(1, lastLine(stderr));
}

const readyWithinMs = 20_000;

/** The version on the socket, and every sandbox of the registry ready again. */
async function verify(pin: string): Promise<void> {
  const running = await runningGateway();
  if (running?.version !== pin)
    throw new Failure(1, `the gateway tells ${running?.version ?? 'nothing'}, not ${pin}`);
  const names = Object.keys(readRegistry().sandboxes);
  const until = Date.now() + readyWithinMs;
  for (;;) {
    const { stdout } = await runProgram('openshell', ['sandbox', 'list']);
    const waiting = names.filter((name) => !stdout.split('\n').includes(`${name}\tready`));
    if (waiting.length === 0) return;
    if (Date.now() > until) throw new Failure(1, `${waiting.join(', ')} did not come back`);
    await sleep(200);
  }
}

async function goBack({ folder, programs }: Kept): Promise<void> {
  if ((await runningGateway()) !== undefined) await runProgram('openshell', ['gateway', 'stop']);
  rmSync(stateFolder(), { recursive: true, force: true });
  cpSync(join(folder, 'state'), stateFolder(), { recursive: true });
  putProgramsBack({ folder, programs });
  const { code, stderr } = await runProgram('openshell', ['gateway', 'start']);
  if (code !== 0) warn(`the old gateway did not start: ${lastLine(stderr)}`);
}

export function putProgramsBack({ folder, programs }: Kept): void {
  for (const name of ['openshell', 'openshell-gateway', 'openshell-sandbox']) {
    rmSync(join(programs, name), { force: true });
    if (existsSync(join(folder, 'bin', name)))
      cpSync(join(folder, 'bin', name), join(programs, name));
  }
}
