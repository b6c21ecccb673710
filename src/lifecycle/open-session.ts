// Opens everything a run needs before its first effect: secrets, bundle, session, first record.

import { canonicalJson } from '../evidence/canonical.ts';
import { openBundle, type Bundle } from '../evidence/bundle.ts';
import { bundleRoot } from '../evidence/bundle-paths.ts';
import { journalFormat, type JournalRecord, type ReleaseIdentity } from '../evidence/record.ts';
import type { Deployment } from '../ports/app-driver.ts';
import type { Signer } from '../ports/signer.ts';
import type { PreparedRelease } from '../ports/release.ts';
import type { Plan } from '../scenario/plan.ts';
import { resolveEnvironment } from './environment.ts';
import { makeRecorder } from './recorder.ts';
import { makeResourceLog, type OpenResources } from './resource-log.ts';
import { listStarted } from './list-runs.ts';
import { makeRunSecrets, secretNamesOf, type RunSecrets } from './run-secrets.ts';
import { openedArchive } from './opened-archive.ts';
import { scanBundle } from './scan-bundle.ts';
import { emptyMemory, openDependency, type OwnContext } from './open-dependency.ts';
import type { PlannedRun, RunOptions } from './planned-run.ts';
import type { Memory, Session } from './session.ts';
import { writeLocalCode } from './local-snapshot.ts';
import { prepareWork } from './work-folder.ts';
import type { World } from './world.ts';

export type OpenedSession = {
  readonly run: string;
  readonly session: Session;
  readonly bundle: Bundle;
  readonly resources: OpenResources;
  /** Grows as the run goes on. */
  readonly records: readonly JournalRecord[];
};

export async function openSession(
  world: World,
  planned: PlannedRun,
  options: RunOptions & { readonly stop: AbortSignal },
): Promise<OpenedSession> {
  const { plan, base, head, bound } = planned;
  const { store, folder, settings, stop, canary } = options;
  const run = runId(world);
  const secrets = makeRunSecrets(world.ids, canary);
  const environment = resolveEnvironment(world, plan.manifest, secrets);
  const root = bundleRoot(store.root, run);
  const records: JournalRecord[] = [];
  const listed = {
    ...{ run, app: plan.app, scenario: plan.scenario.id, lock: lockOf(plan) },
    ...(bound?.asked === undefined ? {} : { asked: bound.asked }),
  };
  await listStarted(world, store, listed);
  const bundle = await openBundle({
    files: world.files,
    clock: world.clock,
    root,
    header: { format: journalFormat, run, store: store.id },
    redactor: secrets.redactor,
    onRecord: (record) => {
      records.push(record);
      options.onRecord?.(record);
    },
  });
  const resources = makeResourceLog(bundle);
  const memory: Memory = emptyMemory();
  const secretNames = secretNamesOf(plan.manifest, secrets);
  const put = async (path: string, content: Uint8Array, mediaType: string) =>
    bundle.put(await openedArchive(world, { path, content, mediaType }, { secrets, memory }));
  const recorder = makeRecorder(bundle, put, world.clock);
  const work = `${store.root}/work/${run}`;
  const session: Omit<Session, 'base'> = {
    ...{ world, run, plan, manifest: plan.manifest, folder, work, head, recorder, secrets, stop },
    checksFolder: `${folder}/checks`,
    localFolder: `${work}/local`,
    ...environment,
    secretNames,
    memory,
    scanBundle: async () => {
      await bundle.sync();
      if (canary === writerBypassed) await bypassWriter(world, root, secrets);
      return { ...(await scanBundle(world, root, secrets)), unscanned: memory.unscanned };
    },
    dependencies: [],
    openDeployment: () => open(own),
  };
  const own = { app: plan.app, instance: plan.instance, settings, ...environment, secretNames };
  const open = (context: OwnContext): Promise<Deployment> =>
    world.driver.open({
      ...{ run, work, ...context },
      resources: resources.log,
      waitMs: options.waitMs,
      hide: (name, value) => {
        secrets.redactor.add({ name, value });
      },
      note: (code, message, details) =>
        recorder.note(code, message, details === undefined ? {} : { details }),
      onOutput: (service, bytes) => options.onOutput?.(service, bytes),
    });
  const dependencies = (planned.dependencies ?? []).map((each) =>
    openDependency(session, each, { journal: bundle, put, open }),
  );
  const whole = { ...session, dependencies, ...(base === undefined ? {} : { base }) };
  return { run, session: whole, bundle, resources, records };
}

/** Held by a run as long as it lives: whoever gets it knows that every run of it is over. */
export const lockOf = ({ instance }: Pick<Plan, 'instance'>): string => `app-${instance}`;

/** First record, then the work folder; from here on everything is journalled. */
export async function begin(
  session: Session,
  planned: PlannedRun,
  options: RunOptions,
): Promise<void> {
  const { world, recorder, plan, run, work } = session;
  const body = new TextEncoder().encode(canonicalJson(plan));
  const planObject = await recorder.put('plan.json', body, 'application/json');
  await recorder.append({
    type: 'run.started',
    data: {
      format: journalFormat,
      store: options.store.id,
      run,
      job: options.job ?? run,
      attempt: options.attempt ?? 1,
      tool: { name: 'seatrial', version: world.toolVersion },
      host: world.host,
      pid: world.pid,
      app: plan.app,
      instance: plan.instance,
      lock: lockOf(plan),
      scenario: plan.scenario.id,
      driver: {
        kind: world.driver.kind,
        version: world.driver.version,
        fake: world.driver.fake,
      },
      work,
      plan: planObject,
      planDigest: planObject.sha256,
      operations: plan.operations.map(({ name, skip }) => ({ name, ...(skip ? { skip } : {}) })),
      expected: plan.expected,
      base: planned.base === undefined ? skippedBase(plan.base) : identityOf(planned.base),
      head: identityOf(planned.head),
      selection: plan.selection,
      ...(world.signer === undefined ? {} : { signer: publicHalf(world.signer) }),
      ...(planned.bound === undefined ? {} : { bound: planned.bound }),
      ...(options.canary === undefined ? {} : { canary: options.canary }),
    },
  });
  for (const { code, message } of planned.notes) await recorder.note(code, message);
  if ((await world.processes.find('perl')) === undefined)
    await recorder.note(
      'no-guardian',
      'there is no perl: a child that leaves its process group may outlive its stop, or this run',
      { severity: 'warning' },
    );
  await prepareWork(session);
  await writeLocalCode(session, planned.localFiles ?? []);
}

const publicHalf = ({ keyId, publicKey }: Signer) => ({
  keyId,
  publicKey: Buffer.from(publicKey).toString('base64'),
});

const identityOf = ({ release, digest }: PreparedRelease): ReleaseIdentity => ({
  ...release,
  digest,
});

const skippedBase = (base: PlannedRun['plan']['base']): { readonly skipped: string } =>
  'skipped' in base ? base : { skipped: 'no base was prepared' };

/**
 * Sortable by time, unique by nonce: `20261121-040318-1a2b3c4d`. The last part begins with the
 * millisecond, because the newest run is found by name and two runs may begin in one second.
 */
export function runId({ clock, ids }: Pick<World, 'clock' | 'ids'>): string {
  const now = clock.now();
  const at = now.toISOString().replaceAll(/[-:]/g, '');
  const millisecond = now.getUTCMilliseconds().toString(16).padStart(3, '0');
  return `${at.slice(0, 8)}-${at.slice(9, 15)}-${millisecond}${ids.nonce(3).slice(1)}`;
}

/** The canary of `run.secrets.absent`: one planted secret gets past the writer, in this run alone. */
const writerBypassed = 'writer-bypassed';

async function bypassWriter({ files }: World, root: string, secrets: RunSecrets): Promise<void> {
  const [secret] = secrets.planted;
  await files.replace(`${root}/bypassed.txt`, `password=${secret?.value ?? ''}`);
}
