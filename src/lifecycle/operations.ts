// The effect of each operation, through the driver. Verdicts are made elsewhere, from what is
// gathered here.

import { createHash } from 'node:crypto';
import type { PerVolume } from '../checks/facts.ts';
import type { Stage } from '../evidence/record.ts';
import type { BackupReport } from '../ports/app-driver.ts';
import type { Snapshot } from '../ports/app-driver.ts';
import type { Listing } from '../ports/files.ts';
import type { PreparedRelease } from '../ports/release.ts';
import { WorldError } from '../ports/world-error.ts';
import type { PlannedOperation } from '../scenario/plan.ts';
import { readMarkers, writeMarkers } from './data-markers.ts';
import { deployDependencies } from './dependencies.ts';
import { seeSecretsHeld } from './held-secrets.ts';
import { interpreter, runHook, runProgram } from './hooks.ts';
import { serve } from './serve.ts';
import { deploymentOf, type Effect, type Gathered, type Session } from './session.ts';

const releaseAtInstall = ({ base, head }: Session): [PreparedRelease, 'base' | 'head'] =>
  base === undefined ? [head, 'head'] : [base, 'base'];

export const install =
  (session: Session): Effect =>
  async (gathered, signal) => {
    await deployDependencies(session, install, signal);
    const [release, stage] = releaseAtInstall(session);
    const prepared = await runHook(session, 'prepare', { operation: 'install', stage, signal });
    gathered.hooks = prepared ? [prepared] : [];
    const deployment = await session.openDeployment();
    session.memory.deployment = deployment;
    await deployment.install(release, stage, signal);
    await settle(session, 'install', gathered, signal);
    gathered.rendering = await deployment.render(release, stage);
    session.memory.baseVolumes = gathered.rendering.backedUp ?? gathered.rendering.volumes;
    await look(session, 'install', gathered, signal);
  };

export const upgrade =
  (session: Session): Effect =>
  async (gathered, signal) => {
    const { head, memory } = session;
    const deployment = deploymentOf(session);
    const at = { operation: 'upgrade', stage: 'base', signal };
    const hooks = [await runHook(session, 'seed', at), await runHook(session, 'preUpgrade', at)];
    gathered.hooks = hooks.filter((hook) => hook !== undefined);
    const written = await writeMarkers(session, 'm1');
    gathered.before = await deployment.observe();
    gathered.rendering = await deployment.render(head, 'head');
    await deployment.upgrade(head, signal);
    // Anew: only now does every reference mean what this run pulled.
    gathered.rendering = await deployment.render(head, 'head');
    await settle(session, 'upgrade', gathered, signal);
    gathered.markers = { written, read: await readMarkers(session, Object.keys(written)) };
    memory.snapshot = gathered.before;
    await look(session, 'upgrade', gathered, signal);
  };

export const backup =
  (session: Session): Effect =>
  async (gathered, signal) => {
    const { world, memory } = session;
    const deployment = deploymentOf(session);
    const startedAtMs = world.clock.now().getTime();
    const at = { operation: 'backup', stage: 'head', signal };
    const seeded = await runHook(session, 'seed', at);
    gathered.hooks = seeded ? [seeded] : [];
    const written = await writeMarkers(session, 'm2');
    gathered.markers = { written, read: {} };
    const report = await deployment.backup(signal);
    memory.backup = report;
    memory.markersAtBackup = capturedMarkers(written, report);
    gathered.backup = {
      startedAtMs,
      report,
      ...(await artifactDigest(session, report.artifact.path)),
      baseVolumes: memory.baseVolumes ?? [],
    };
    await recordListings(session, 'backup', 'captured', report.captured);
    const verify = await runHook(session, 'backupVerify', at);
    if (verify) gathered.hooks = [...gathered.hooks, verify];
    await settle(session, 'backup', gathered, signal);
    await look(session, 'backup', gathered, signal);
  };

export const restore =
  (session: Session): Effect =>
  async (gathered, signal) => {
    const { memory, head } = session;
    const deployment = deploymentOf(session);
    const { backup: made, markersAtBackup: atBackup = {} } = memory;
    if (made === undefined) throw new Error('restore without a backup');
    const at = { operation: 'restore', stage: 'head', signal };
    const mutatedBy = await runHook(session, 'mutate', at);
    gathered.hooks = mutatedBy ? [mutatedBy] : [];
    const mutated = await writeMarkers(session, 'm3');
    const emptied = await deployment.destroy(signal);
    const report = await deployment.restore(made.artifact, signal);
    await recordListings(session, 'restore', 'written', report.written);
    const now = await readMarkers(session, Object.keys(atBackup));
    const { captured, form } = made;
    gathered.restore = { emptied, report, captured, form, atBackup, now, mutated };
    await settle(session, 'restore', gathered, signal);
    gathered.rendering = await deployment.render(head, 'head');
    await look(session, 'restore', gathered, signal);
  };

export const rebuild =
  (session: Session): Effect =>
  async (gathered, signal) => {
    const { head } = session;
    const deployment = deploymentOf(session);
    const written = await writeMarkers(session, 'm2');
    gathered.before = await deployment.observe();
    await deployment.rebuild(head, signal);
    await settle(session, 'rebuild', gathered, signal);
    gathered.rendering = await deployment.render(head, 'head');
    gathered.markers = { written, read: await readMarkers(session, Object.keys(written)) };
    await look(session, 'rebuild', gathered, signal);
  };

/** `custom` itself changes nothing; an action of the scenario runs once. */
export const custom =
  (session: Session, { name, action }: PlannedOperation, stage: Stage): Effect =>
  async (gathered, signal) => {
    if (action !== undefined) {
      const { argv, timeoutMs } = action;
      const at = {
        operation: name,
        stage,
        signal,
        ...(timeoutMs === undefined ? {} : { timeoutMs }),
      };
      const [program, ...rest] = argv;
      gathered.hooks = [await runProgram(session, name, [...interpreter(program), ...rest], at)];
    }
    const after = await deploymentOf(session).observe();
    gathered.after = after;
    remember(session, name, after);
  };

async function settle(
  session: Session,
  operation: string,
  gathered: Gathered,
  signal: AbortSignal,
): Promise<void> {
  const { settle: settleS, deploy } = session.manifest.timeouts;
  gathered.convergence = await deploymentOf(session).settled({
    settleMs: settleS * 1000,
    timeoutMs: deploy * 1000,
    signal,
  });
  if (gathered.convergence.state === 'converged')
    await waitUntilReady(session, operation, gathered, signal);
}

const readyPauseMs = 1000;

/** The owner's own word on readiness, asked until it ends with 0 or the time to deploy is over. */
async function waitUntilReady(
  session: Session,
  operation: string,
  gathered: Gathered,
  signal: AbortSignal,
): Promise<void> {
  const { clock } = session.world;
  const deadline = clock.monotonicMs() + session.manifest.timeouts.deploy * 1000;
  const at = { operation, stage: 'head', signal };
  for (;;) {
    try {
      const ready = await runHook(session, 'ready', at);
      if (ready !== undefined) gathered.hooks = [...(gathered.hooks ?? []), ready];
      return;
    } catch (error) {
      const unready = error instanceof WorldError && error.code === 'hook-failed';
      if (!unready || clock.monotonicMs() > deadline) throw error;
      await clock.sleep(readyPauseMs, signal);
    }
  }
}

/** What runs now, and whether the app answers; only asked of an app that came up. */
async function look(
  session: Session,
  operation: string,
  gathered: Gathered,
  signal: AbortSignal,
): Promise<void> {
  const after = await deploymentOf(session).observe();
  gathered.after = after;
  session.memory.snapshot = after;
  remember(session, operation, after);
  await seeSecretsHeld(session);
  if (gathered.convergence?.state !== 'converged') return;
  const serving = await serve(session, after, signal);
  if (serving !== undefined) gathered.serving = serving;
}

/** Only what a backup holds can come back: not what lies in volumes that are left out, or beside the paths in scope. */
const capturedMarkers = (
  written: PerVolume<string>,
  { captured, partial = [] }: BackupReport,
): PerVolume<string> =>
  Object.fromEntries(
    Object.entries(written).filter(([volume]) => volume in captured && !partial.includes(volume)),
  );

function remember({ memory }: Session, operation: string, seen: Snapshot): void {
  const services = Object.entries(seen.services).map(([name, { id }]) => [name, id] as const);
  const volumes = seen.volumes.map(({ name, id }) => [name, id] as const);
  for (const { images = [] } of Object.values(seen.services))
    for (const id of images) memory.images.add(id);
  memory.lasting.push({
    operation,
    services: Object.fromEntries(services),
    volumes: Object.fromEntries(volumes),
  });
}

async function artifactDigest(
  { world }: Session,
  path: string,
): Promise<{ artifactSha256?: string }> {
  if ((await world.files.stat(path)) === undefined) return {};
  const hash = createHash('sha256');
  for await (const chunk of world.files.stream(path)) hash.update(chunk);
  return { artifactSha256: hash.digest('hex') };
}

async function recordListings(
  { recorder }: Session,
  operation: string,
  what: string,
  listings: Readonly<Record<string, Listing>>,
): Promise<void> {
  await recorder.observe(operation, what, listings);
}
