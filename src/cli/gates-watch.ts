// `gates watch` from its arguments to its exit code.

import { join, resolve } from 'node:path';
import { systemFiles } from '../drivers/files.ts';
import { systemLogFiles } from '../drivers/log-files.ts';
import { loadSigner } from '../drivers/signer.ts';
import { openStore } from '../evidence/store.ts';
import { findWatch } from '../gates/find-watch.ts';
import { runWatch, type WatchOptions, type WatchWorld } from '../gates/run-watch.ts';
import { slotsOf } from '../gates/watch-judge.ts';
import {
  reportWatch,
  watchReportFile,
  watchResultsFile,
  type WatchReport,
} from '../gates/watch-report.ts';
import { closeBundle } from '../lifecycle/close-bundle.ts';
import { recoverInstance } from '../lifecycle/recover.ts';
import { flag, text, type Input, type Terminal, type Values } from './command.ts';
import { howStopped } from './gates-run.ts';
import { projectReports } from './projections.ts';
import { storeOf } from './store.ts';
import { version } from './version.ts';
import { identityOf, wantedWatch } from './watch-options.ts';
import { describeHost, makeDrivers, makeSystem } from './world.ts';

const lockWaitMs = 2000;

export async function runGatesWatch({ values }: Input, terminal: Terminal): Promise<number> {
  const wanted = await wantedWatch(values, terminal);
  const identity = identityOf(wanted);
  const world = await watchWorld(values, terminal);
  const root = resolve(terminal.cwd, storeOf(values, terminal));
  const store = await openStore({ ...world, root });
  const project = projectReports(root);
  // One lock for one watch: a second one of the same would halve what each of them sees.
  const lock = await world.locks.acquire(`watch-${identity.slice(0, 16)}`, {
    waitMs: lockWaitMs,
    signal: terminal.signal,
  });
  try {
    // One that was killed is ended first, by its records, and then taken over as any other.
    await recoverInstance(world, { store, project }, lock.name);
    const earlier = flag(values, 'anew') ? undefined : await findWatch(store, identity);
    if (earlier !== undefined)
      terminal.err(
        `goes on with the watch of ${earlier.plan.begins}: ${String(earlier.samples.length)} samples are there\n`,
      );
    const begins = world.clock.now().toISOString();
    const state = await runWatch(world, {
      ...{ store, identity, lock: lock.name, earlier: earlier?.samples ?? [] },
      plan: earlier?.plan ?? { ...wanted, begins, continues: [] },
      failFast: flag(values, 'fail-fast'),
      ...{ signal: terminal.signal, howStopped, onSample: progress(values, terminal) },
      close: (bundle) => closeBundle(world, bundle, { store, project }),
    });
    const report = reportWatch(state);
    if (report === undefined) throw new Error('a watch without a plan');
    await writeWatchReport(report, resolve(terminal.cwd, text(values, 'out') ?? '.'));
    terminal.out(flag(values, 'json') ? report.json : render(report, state.started.run));
    return report.exitCode;
  } finally {
    await lock.release();
  }
}

async function watchWorld(values: Values, terminal: Terminal) {
  const sign = text(values, 'sign');
  const system = makeSystem(terminal);
  return {
    ...system,
    // Cleans up after nothing: a watch makes nothing but records.
    ...makeDrivers(system),
    ...{ host: describeHost(), pid: terminal.pid, toolVersion: version, logs: systemLogFiles },
    ...(sign === undefined ? {} : { signer: await loadSigner(resolve(terminal.cwd, sign)) }),
  } satisfies WatchWorld;
}

function progress(values: Values, terminal: Terminal): WatchOptions['onSample'] {
  if (flag(values, 'quiet')) return () => undefined;
  return ({ slot, at }, judge) => {
    terminal.err(`${at} sample ${String(slot)}${judge.failed() ? ': no-go' : ''}\n`);
  };
}

export async function writeWatchReport(report: WatchReport, out: string): Promise<void> {
  await systemFiles.makeDirectory(out);
  await systemFiles.replace(join(out, watchReportFile), report.markdown, 0o644);
  await systemFiles.replace(join(out, watchResultsFile), report.json, 0o644);
}

function render({ judged }: WatchReport, run: string): string {
  const { signals, samples, plan, verdict, unfinished } = judged;
  const width = Math.max(...signals.map(({ id }) => id.length));
  const lines = signals.map(
    (each) => `${each.verdict.padEnd(12)} ${each.id.padEnd(width)}  ${each.message}`,
  );
  const why = unfinished === undefined ? '' : ` (${unfinished}; the same command goes on with it)`;
  const taken = `${String(samples.length)} of ${String(slotsOf(plan))} samples`;
  return `${[...lines, '', `verdict: ${verdict}${why}, ${taken}`, `run: ${run}`].join('\n')}\n`;
}
