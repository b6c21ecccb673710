// Two hundred events in an audit that may hold a few: how many files there are, how large, and whether
// what they hold is whole and without a gap.

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { reload, withReloads } from './hmr-tool.ts';
import { objectOf, report } from './tool.ts';

const [events, capBytes, backups] = [200, 2048, 3];

const env = {
  AETHERRA_HMR_AUDIT_MAX_BYTES: String(capBytes),
  AETHERRA_HMR_AUDIT_MAX_BACKUPS: String(backups),
};

/** Oldest first; the one without a time in its name is written to now. */
function filesOf(audit: string): readonly string[] {
  const names = readdirSync(dirname(audit)).filter((name) => name.startsWith(basename(audit)));
  const old = names.filter((name) => name !== basename(audit)).sort();
  return [...old, basename(audit)].map((name) => join(dirname(audit), name));
}

await report(() =>
  withReloads(async (url, audit) => {
    for (let at = 1; at <= events; at += 1) await reload(url, `/nowhere/source-${String(at)}.mjs`);
    const files = filesOf(audit);
    const lines = files.flatMap((file) => readFileSync(file, 'utf8').split('\n').slice(0, -1));
    const numbers = lines.map((line) => {
      const { source } = objectOf(line);
      return Number(/source-(\d+)\.mjs$/u.exec(String(source))?.[1] ?? NaN);
    });
    const longest = Math.max(...lines.map((line) => Buffer.byteLength(line) + 1));
    return {
      config: { events, cap_bytes: capBytes, backups },
      files: files.length,
      over_cap: files.filter((file) => statSync(file).size > capBytes + longest).length,
      torn: numbers.filter((number) => Number.isNaN(number)).length,
      last: numbers.at(-1),
      gaps: numbers.slice(1).filter((number, at) => number !== (numbers[at] ?? 0) + 1).length,
      kept: numbers.length,
    };
  }, env),
);
