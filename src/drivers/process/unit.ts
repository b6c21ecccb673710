// Starting and stopping the app's process. It runs below a guardian, so that nothing it forks off
// outlives a stop, and dies with Seatrial.

import { WorldError } from '../../ports/world-error.ts';
import { envOf, fillArgv, type Instance, type Stage, valuesOf } from './instance.ts';
import { assertNotCancelled } from '../exclusively.ts';
import { readBorn } from './observe.ts';
import { bootId } from './proc.ts';
import { substitute } from './placeholders.ts';
import { startSupervised, type Supervised } from './supervise.ts';

export async function startUnit(
  instance: Instance,
  stage: Stage,
  signal: AbortSignal,
): Promise<void> {
  assertNotCancelled(signal);
  const { context, folders, log, options, settings, state } = instance;
  const { stop } = settings.process;
  state.starts += 1;
  const resource = `app-${String(state.starts)}`;
  const undo = {
    run: context.run,
    work: context.work,
    signal: stop.signal,
    graceMs: stop.graceS * 1000,
    bootId: bootId() ?? '',
  };
  await context.resources.intended([{ kind: 'process', name: resource, undo }]);
  log.restart();
  const treeInode = (await options.files.stat(folders.release))?.inode ?? 0;
  const supervised = await launchApp(instance, stage);
  const born = supervised.born ?? readBorn(supervised.pid);
  const unit: NonNullable<typeof state.unit> = { resource, supervised, born, treeInode };
  state.unit = unit;
  void supervised.exited.then((exit) => {
    unit.exit = exit;
  });
  const { pid, startTime, guardianPid, guardianStartTime } = supervised;
  await context.resources.created('process', resource, {
    pid,
    startTime,
    guardianPid,
    guardianStartTime,
  });
}

async function launchApp(instance: Instance, stage: Stage): Promise<Supervised> {
  const { context, log, settings } = instance;
  const values = valuesOf(instance);
  try {
    return await startSupervised({
      argv: fillArgv(settings.process.start, values),
      cwd: substitute(settings.process.cwd, values),
      env: envOf(instance, stage),
      marker: context.run,
      onOutput: (_stream, bytes) => {
        log.write(bytes);
        context.onOutput('app', bytes);
      },
    });
  } catch (error) {
    // A release without the program that should start it is the app's fault, not the testbed's.
    if (error instanceof WorldError && ['not-found', 'permission'].includes(error.code))
      throw new WorldError('app-failed', `the app cannot be started: ${error.message}`, {
        cause: error,
      });
    throw error;
  }
}

/** Stops the unit and everything below it, and records that; absent is success. */
export async function stopUnit(instance: Instance): Promise<void> {
  const { context, settings, state } = instance;
  const { unit } = state;
  if (unit === undefined) return;
  const trouble = await endUnit(instance, settings.process.stop.graceS * 1000);
  await context.resources.removed('process', unit.resource);
  if (trouble !== undefined) await context.note('stop-forced', trouble);
}

/** Ends the unit without a record of it. Says what did not go by itself. */
export async function endUnit(
  { settings, state }: Instance,
  graceMs: number,
): Promise<string | undefined> {
  const { signal } = settings.process.stop;
  const { unit } = state;
  if (unit === undefined) return undefined;
  const { forced, survivors } = await unit.supervised.stop({
    signal: signal as NodeJS.Signals,
    graceMs,
  });
  state.unit = undefined;
  const told = survivors.map(({ pid, command }) => `${String(pid)} ${command}`).join(', ');
  if (told !== '') return `outlived the app and was ended: ${told}`;
  return forced ? `the app did not end on ${signal} and was killed` : undefined;
}
