// The app's own checks after an operation. One process per file, each check once; they get facts
// and no handle on the deployment.

import type { OperationFacts } from '../checks/facts.ts';
import type { ExpectedCheck } from '../evidence/record.ts';
import type { OverlayFacts, OverlayOutcome, OverlaySelection } from '../ports/overlays.ts';
import type { OverlayFile } from '../scenario/plan.ts';
import { changedAnswer, foreignOf } from './ask-foreign.ts';
import { dependencyFacts } from './dependencies.ts';
import type { Session } from './session.ts';
import { markerPath } from '../checks/floor-backup.ts';

export async function askOverlays(
  session: Session,
  operation: string,
  facts: OperationFacts,
  expected: ReadonlyMap<string, ExpectedCheck>,
): Promise<void> {
  for (const file of session.plan.overlays) {
    const selection = select(file, expected);
    if (selection !== undefined)
      await askFile(session, { file, selection, operation, facts, expected });
  }
}

/** The checks of a file that are due after this operation; `after` in the plan says which. */
function select(
  file: OverlayFile,
  expected: ReadonlyMap<string, ExpectedCheck>,
): OverlaySelection | undefined {
  const checks = file.checks.filter(({ id }) => expected.has(id));
  return checks.length === 0 ? undefined : { ...file, checks };
}

async function askFile(
  session: Session,
  context: {
    readonly file: OverlayFile;
    readonly selection: OverlaySelection;
    readonly operation: string;
    readonly facts: OperationFacts;
    readonly expected: ReadonlyMap<string, ExpectedCheck>;
  },
): Promise<void> {
  const { selection, operation, facts, expected } = context;
  const { recorder, world, manifest, stop } = session;
  const foreign = await foreignOf(session, operation, context.file);
  const pending: Promise<unknown>[] = [];
  const record = (work: Promise<unknown>): void => {
    // Awaited below, when the file has ended; a disk that fills before then must not end the process.
    work.catch(() => undefined);
    pending.push(work);
  };
  const started = new Set<string>();
  const start = (id: string): void => {
    started.add(id);
    const boundary = expected.get(id)?.boundary ?? 'http';
    const data = { check: id, operation, boundary };
    record(recorder.append({ type: 'check.started', data }));
  };
  const end = (outcome: OverlayOutcome): void => {
    // Some are answered before they could be called: the file was changed, or the run is stopping.
    if (!started.has(outcome.id)) start(outcome.id);
    record(recordOutcome(session, context, outcome));
  };
  if (foreign?.changed !== undefined) {
    for (const { id } of selection.checks) end(changedAnswer(id, foreign.changed));
    await Promise.all(pending);
    return;
  }
  await world.overlays.run(selection, await factsFor(session, facts), {
    folder: foreign === undefined ? session.checksFolder : `${session.localFolder}/tests`,
    ...(foreign === undefined ? {} : { foreign: foreign.options }),
    work: session.work,
    timeoutMs: manifest.timeouts.overlay * 1000,
    signal: stop,
    onStart: start,
    onResult: end,
  });
  await Promise.all(pending);
}

async function recordOutcome(
  { recorder }: Session,
  {
    operation,
    facts,
    expected,
    file,
  }: {
    readonly operation: string;
    readonly facts: OperationFacts;
    readonly expected: ReadonlyMap<string, ExpectedCheck>;
    readonly file: OverlayFile;
  },
  outcome: OverlayOutcome,
): Promise<void> {
  const check = expected.get(outcome.id);
  if (check === undefined) return;
  await recorder.answer(check, operation, outcome);
  const declared = file.checks.find(({ id }) => id === outcome.id)?.stage;
  if (outcome.verdict === 'failed' && facts.stage === 'base' && declared === undefined)
    await recorder.note(
      'asserted-on-base',
      `${outcome.id} failed while the base was running and declares no stage`,
      { severity: 'warning' },
    );
}

async function placesOf({
  memory: { deployment },
}: Session): Promise<Pick<OverlayFacts, 'url' | 'domain' | 'data'>> {
  const url = deployment?.url();
  const domain = deployment?.domain?.();
  const data = await deployment?.dataFolder?.();
  return {
    ...(url === undefined ? {} : { url }),
    ...(domain === undefined ? {} : { domain }),
    ...(data === undefined ? {} : { data }),
  };
}

async function factsFor(session: Session, facts: OperationFacts): Promise<OverlayFacts> {
  return {
    app: session.plan.app,
    operation: facts.operation,
    stage: facts.stage,
    ...(await placesOf(session)),
    snapshots: {
      ...(facts.before === undefined ? {} : { before: facts.before }),
      ...(facts.after === undefined ? {} : { after: facts.after }),
    },
    markers: Object.entries(facts.markers?.written ?? {}).map(([volume, content]) => ({
      name: markerPath,
      volume,
      content,
    })),
    deps: dependencyFacts(session),
    env: {},
  };
}
