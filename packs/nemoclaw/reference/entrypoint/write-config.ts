import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { sha256 } from '../shared/canonical.ts';
import { mutant } from '../shared/mutant.ts';
import { writeBeside } from '../shared/write-beside.ts';
import type { AgentHome } from './agent-home.ts';
import { applyOverrides, type Config, type Replaced } from './overrides.ts';
import { ownSafely, readSafely, refuseLinks } from './safe-files.ts';

const fileMode = 0o660;

/**
 * The configuration as this start wants it, and the digests by which a change from inside is seen.
 * Throws exit 11 and 12 before anything is written.
 */
export function writeConfig(home: AgentHome, env: NodeJS.ProcessEnv): void {
  const { folder, config: path } = home;
  const [hash, kept] = [join(folder, '.config-hash'), join(folder, '.overrides.json')];
  for (const each of [hash, kept]) refuseLinks(each);
  const before = readSafely(path);
  if (before === undefined) return;
  const keptText = readSafely(kept);
  const replacedBefore = keptText === undefined ? {} : (JSON.parse(keptText) as Replaced);
  const { config, replaced } = applyOverrides(JSON.parse(before) as Config, replacedBefore, env);
  const text = `${JSON.stringify(config, null, 2)}\n`;
  const isChanged = Object.keys(replaced).length > 0 || Object.keys(replacedBefore).length > 0;
  // Without overrides not a byte of the owner's file is touched.
  const written = isChanged ? text : before;
  if (isChanged) {
    place(home, path, text);
    place(home, kept, `${JSON.stringify(replaced, null, 2)}\n`);
  } else own(home, path);
  if (mutant('override.no-hash')) return;
  place(home, hash, hashLines(home, written));
}

/** In the form of sha256sum, so that its `-c` checks them. */
function hashLines({ folder, config }: AgentHome, text: string): string {
  const token = readSafely(join(folder, 'gateway-token'));
  const lines = [`${sha256(text)}  ${basename(config)}`];
  if (token !== undefined) lines.push(`${sha256(token)}  gateway-token`);
  return `${lines.join('\n')}\n`;
}

function place(home: AgentHome, path: string, text: string): void {
  writeBeside(path, text, fileMode);
  own(home, path);
}

function own({ owner }: AgentHome, path: string): void {
  ownSafely(path, mutant('override.root-owned') ? { uid: 0, gid: 0 } : owner, fileMode);
}

export function hasConfig({ config }: AgentHome): boolean {
  return existsSync(config);
}
