// The installer: openshell by its pin, a gateway of another version replaced with its user's consent,
// the commands on PATH. Exit 0 done, 1 failed, 2 usage, 4 refused and nothing touched.

import { mkdirSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { lastLine } from '../shared/docker.ts';
import { Failure } from '../shared/failure.ts';
import { mutant } from '../shared/mutant.ts';
import { say, startProgram } from '../shared/program.ts';
import { runProgram } from '../shared/run.ts';
import { readBounds } from './bounds.ts';
import { openshellsOnPath } from './found-openshell.ts';
import {
  demandConsent,
  keepOld,
  putProgramsBack,
  replaceGateway,
  runningGateway,
  type Kept,
} from './upgrade-gateway.ts';

const product = (): string => dirname(realpathSync(process.argv[1] ?? ''));

async function main(): Promise<number> {
  const { pin } = readBounds(process.env);
  const running = openshellsOnPath().length === 0 ? undefined : await runningGateway();
  const isStale = running !== undefined && running.version !== pin;
  if (running !== undefined && isStale) demandConsent(running.version, pin);
  const kept = isStale ? await keepOld() : undefined;
  await installOpenshell(kept);
  if (kept !== undefined) {
    await replaceGateway(pin, kept);
    say(`gateway upgraded to ${pin}`);
  }
  linkCommands();
  return 0;
}

async function installOpenshell(kept: Kept | undefined): Promise<void> {
  const { code, stdout, stderr } = await runProgram(join(product(), 'install-openshell'), []);
  if (code === 0) {
    say(stdout.trim());
    return;
  }
  if (kept !== undefined) putProgramsBack(kept);
  throw new Failure(code, lastLine(stderr));
}

/** Both commands beside each other, where the user's shell looks. */
function linkCommands(): void {
  const folder = join(process.env['HOME'] ?? homedir(), '.local/bin');
  mkdirSync(folder, { recursive: true });
  for (const name of ['nemoclaw', 'nemoclaw-install']) {
    const link = join(folder, name);
    rmSync(link, { force: true });
    const target = mutant('spark.broken-shim') ? `${product()}/absent` : product();
    symlinkSync(join(target, name), link);
  }
  say(`commands are in ${folder}`);
}

void startProgram('nemoclaw-install', main);
