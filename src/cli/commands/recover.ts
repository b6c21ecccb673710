import { resolve } from 'node:path';
import type { Recovered } from '../../lifecycle/recover.ts';
import { storeOption } from '../common-options.ts';
import { flag, type Command, type Terminal } from '../command.ts';
import { exit } from '../exit-codes.ts';
import { chooseRun, storeOf } from '../store.ts';

export const recover: Command = {
  name: 'recover',
  summary: 'Clean up what dead runs left behind, from their journals alone',
  details: [
    'Runs whose lock is held are alive and left alone. Safe at any time, also twice.',
    'Exit code 0: nothing is left. 3: something could not be removed or read.',
  ],
  args: [{ name: 'run', summary: 'one run alone; default all' }],
  options: [
    storeOption,
    { name: 'list', summary: 'only say which runs did not end' },
    { name: 'install-unit', summary: 'print a systemd unit that recovers at boot, before workers' },
  ],
  examples: [
    'seatrial recover',
    'seatrial recover --install-unit > /etc/systemd/system/seatrial-recover.service',
  ],
  run: async ({ args, values }, terminal) => {
    const store = resolve(terminal.cwd, storeOf(values, terminal));
    if (flag(values, 'install-unit')) {
      terminal.out(renderUnit(store));
      return exit.passed;
    }
    const only = args[0] === undefined ? undefined : await chooseRun(store, args[0]);
    const done = await recoverStore(store, terminal, { only, list: flag(values, 'list') });
    terminal.out(flag(values, 'json') ? `${JSON.stringify(done)}\n` : render(done));
    const bad = done.some(({ outcome }) => outcome === 'leftovers' || outcome === 'unreadable');
    return bad ? exit.unjudged : exit.passed;
  },
};

async function recoverStore(
  store: string,
  terminal: Terminal,
  { only, list }: { readonly only: string | undefined; readonly list: boolean },
): Promise<readonly Recovered[]> {
  const { describeHost, makeDrivers, makeSystem } = await import('../world.ts');
  const system = makeSystem(terminal);
  if ((await system.files.stat(`${store}/store.json`)) === undefined) return [];
  const { openStore } = await import('../../evidence/store.ts');
  const { listUnfinished, recoverAll } = await import('../../lifecycle/recover.ts');
  const { projectReports } = await import('../projections.ts');
  const { findSigner } = await import('../signing.ts');
  const opened = await openStore({ ...system, root: store });
  const signer = await findSigner({}, terminal);
  const world = {
    ...system,
    ...makeDrivers(system, { worldFile: `${store}/fake-world.json` }),
    host: describeHost(),
    ...(signer === undefined ? {} : { signer }),
  };
  const context = { store: opened, project: projectReports(store) };
  return list ? listUnfinished(world, context) : recoverAll(world, context, only);
}

function render(done: readonly Recovered[]): string {
  if (done.length === 0) return 'Every run of this store has ended; nothing to recover.\n';
  return done.map(({ run, outcome, message }) => `${run}  ${outcome}: ${message}\n`).join('');
}

/** Runs before anything that takes runs from a queue, since a rebooted host holds no locks. */
function renderUnit(store: string): string {
  return `[Unit]
Description=Clean up after Seatrial runs that a reboot cut off
DefaultDependencies=yes
After=local-fs.target network.target
Before=seatrial-worker.service

[Service]
Type=oneshot
ExecStart=/usr/bin/env seatrial recover --store ${store}
TimeoutStartSec=900

[Install]
WantedBy=multi-user.target
`;
}
