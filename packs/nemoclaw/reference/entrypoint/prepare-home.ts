import {
  chmodSync,
  chownSync,
  existsSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  rmSync,
} from 'node:fs';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { mutant } from '../shared/mutant.ts';
import { warn } from '../shared/program.ts';
import { writeBeside } from '../shared/write-beside.ts';
import type { AgentHome } from './agent-home.ts';
import { refuseLinks } from './safe-files.ts';

/** The folder of an agent as its gateway needs it: no links out, right modes, all folders there. */
export function prepareHome(home: AgentHome): void {
  const { folder, owner, folders } = home;
  if (!existsSync(folder)) mkdirSync(folder);
  for (const path of ['', ...folders, 'gateway-token']) refuseLinks(join(folder, path));
  if (!mutant('entry.keep-legacy')) repairLegacy(home);
  for (const path of mutant('entry.skip-dirs') ? [] : folders) makeFolder(home, path);
  placeToken(home);
  chownSync(folder, owner.uid, owner.gid);
  chmodSync(folder, modeOf(home));
}

function modeOf({ mode }: AgentHome): number {
  if (mutant('entry.mode-755')) return 0o755;
  return mutant('entry.no-sticky') ? mode & ~0o1000 : mode;
}

function makeFolder({ folder, runsAs, owner }: AgentHome, path: string): void {
  let at = folder;
  for (const part of path.split('/')) {
    at = join(at, part);
    refuseLinks(at);
    if (!existsSync(at)) {
      mkdirSync(at);
      warn(`repaired: ${at.slice(folder.length + 1)} was missing`);
    }
    lchownSync(at, owner.uid, runsAs.gid);
    chmodSync(at, 0o2770);
  }
}

/** What gateways of the old release leave: a linked pid file, a lock that nobody holds. */
function repairLegacy({ folder }: AgentHome): void {
  for (const name of ['hermes.pid', 'gateway.lock', 'runtime/hermes.pid']) {
    const path = join(folder, name);
    const stats = lstatSync(path, { throwIfNoEntry: false });
    if (stats === undefined) continue;
    rmSync(path);
    warn(`repaired: ${name} (${stats.isSymbolicLink() ? 'link' : 'stale file'}) removed`);
  }
  for (const name of readdirSync(folder)) {
    const stats = lstatSync(join(folder, name));
    if (!stats.isDirectory() || (stats.mode & 0o007) === 0) continue;
    chmodSync(join(folder, name), 0o2770);
    warn(`repaired: ${name} was open to everybody`);
  }
}

/** Made at the first start of a container, so that no two containers share one. */
function placeToken({ folder, owner, runsAs }: AgentHome): void {
  const path = join(folder, 'gateway-token');
  if (existsSync(path)) return;
  writeBeside(path, `${randomBytes(24).toString('hex')}\n`, 0o640);
  chmodSync(path, 0o640);
  chownSync(path, owner.uid, runsAs.gid);
}
