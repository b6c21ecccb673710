// Which sources are let in: by an empty list, from beside an allowed folder, by `..` and by a link.

import { cpSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { resolve } from 'node:path';
import { ask, auditLines, moduleNamed, reload, withReloads } from './hmr-tool.ts';
import { report } from './tool.ts';

const folder = resolve('.probe-sources');

function plant(): void {
  rmSync(folder, { recursive: true, force: true });
  for (const name of ['dir', 'dirx']) mkdirSync(`${folder}/${name}`, { recursive: true });
  cpSync(moduleNamed('v2'), `${folder}/dir/inside.mjs`);
  cpSync(moduleNamed('v2'), `${folder}/dirx/beside.mjs`);
  symlinkSync(`${folder}/dirx/beside.mjs`, `${folder}/dir/link.mjs`);
}

const tried = (sources: readonly string[], allowed: string) =>
  withReloads(
    async (url, audit) => {
      const answers: string[] = [];
      for (const source of sources) {
        const { ok, event } = await reload(url, source);
        answers.push(ok === true ? 'swapped' : String(event));
      }
      const { version } = await ask(url, 'quick');
      return { answers, version, events: auditLines(audit).map(({ event }) => event) };
    },
    { AETHERRA_HMR_ALLOWED_SOURCES: allowed },
  );

await report(async () => {
  plant();
  const escapes = [
    `${folder}/dirx/beside.mjs`,
    `${folder}/dir/../dirx/beside.mjs`,
    `${folder}/dir/link.mjs`,
    `${folder}/dir/absent.mjs`,
  ];
  return {
    empty_list: await tried([moduleNamed('v2')], ''),
    escapes: await tried(escapes, `${folder}/dir/**`),
    inside: await tried([`${folder}/dir/inside.mjs`], `${folder}/dir/**`),
  };
});
