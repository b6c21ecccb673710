// One fixture at a time in a folder of its own, with a real journal and a death at any of its records.

import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeFixturePorts } from '../../src/drivers/fixtures/paths.ts';
import { systemClock } from '../../src/drivers/clock.ts';
import { systemFiles } from '../../src/drivers/files.ts';
import { systemHttp } from '../../src/drivers/http.ts';
import { makeProcesses } from '../../src/drivers/process/run.ts';
import { engineHost } from '../drivers/docker/engine-here.ts';
import { openBundle } from '../../src/evidence/bundle.ts';
import { makeRedactor } from '../../src/evidence/redact.ts';
import {
  journalFormat,
  type ExpectedCheck,
  type JournalRecord,
  type RecordData,
} from '../../src/evidence/record.ts';
import type { RunState } from '../../src/evidence/run-state.ts';
import type { FixturePlace } from '../../src/lifecycle/fixture-kind.ts';
import {
  applyFixture,
  restoreFixture,
  type FixtureOrder,
  type FixtureSession,
  type Prepared,
} from '../../src/lifecycle/fixtures.ts';
import { makeRecorder } from '../../src/lifecycle/recorder.ts';
import { makeResourceLog } from '../../src/lifecycle/resource-log.ts';
import { undoFixtures } from '../../src/lifecycle/undo-fixtures.ts';

export const ports = makeFixturePorts({
  files: systemFiles,
  processes: makeProcesses({ searchPath: process.env['PATH'] ?? '' }),
  clock: systemClock,
  http: systemHttp,
  dockerHost: engineHost ?? '/no-engine',
});

const digest = 'a'.repeat(64);

export class Died extends Error {}

export type FixtureWorld = {
  readonly root: string;
  readonly home: string;
  readonly place: FixturePlace;
  readonly session: FixtureSession;
  readonly records: readonly JournalRecord[];
  readonly state: () => RunState;
  /** From the next record but that many, the journal takes no more: what a kill looks like from the disk. */
  readonly dieAfter: (records: number) => void;
  readonly close: () => Promise<void>;
};

export async function openFixtureWorld(ids: readonly string[] = ['it']): Promise<FixtureWorld> {
  const root = await mkdtemp(join(tmpdir(), 'seatrial-fixture-'));
  const [home, pack, work] = [`${root}/home`, `${root}/pack`, `${root}/work`];
  for (const folder of [home, pack, work]) await mkdir(folder);
  const records: JournalRecord[] = [];
  const run = `20261121-100000-${randomBytes(4).toString('hex')}`;
  const redactor = makeRedactor();
  const bundle = await openBundle({
    ...{ files: systemFiles, clock: systemClock, redactor, root: `${root}/store/runs/${run}` },
    header: { format: journalFormat, run, store: 'store' },
    onRecord: (record) => records.push(record),
  });
  let left = Number.POSITIVE_INFINITY;
  const append: typeof bundle.append = async (entry, options) => {
    left -= 1;
    if (left < 0) throw new Died('the journal takes no more');
    return bundle.append(entry, options);
  };
  const journal = { ...bundle, append };
  const recorder = makeRecorder(
    journal,
    (path, content, mediaType) => bundle.put({ path, content, mediaType }),
    systemClock,
  );
  const expected = ids.flatMap((id) => ['staged', 'restored'].map((what) => check(id, what)));
  const data = started(run, root, expected) as unknown as RecordData['run.started'];
  await append({ type: 'run.started', data });
  const session: FixtureSession = {
    ...{ recorder, redactor, ports, undoRoot: `${root}/store/undo/${run}` },
    expected: new Map(expected.map((each) => [each.id, each])),
  };
  const place: FixturePlace = {
    ...{ id: 'it', run, work, pack, nonce: 'abcdef0123456789', cache: `${root}/cache` },
    beside: [],
    runtime: `${root}/rt`,
    env: { PATH: process.env['PATH'] ?? '', HOME: home },
    staging: {},
    policy: undefined,
    fill: (text) => text.replaceAll('{home}', home),
    resources: makeResourceLog(journal).log,
    signal: new AbortController().signal,
  };
  return {
    ...{ root, home, place, session, records },
    state: bundle.state,
    dieAfter: (count) => {
      left = count;
    },
    close: async () => {
      await bundle.close().catch(() => undefined);
      await rm(root, { recursive: true, force: true });
    },
  };
}

const check = (id: string, what: string): ExpectedCheck => ({
  ...{ id: `fixture.${id}.${what}`, after: what === 'staged' ? id : 'remove' },
  ...{ boundary: 'state', source: 'scenario', title: what },
});

function started(run: string, root: string, expected: readonly ExpectedCheck[]) {
  const release = { origin: 'directory', ref: 'dir:.', version: '1', digest } as never;
  return {
    ...{ format: journalFormat, store: 'store', run, job: run, attempt: 1, pid: 1, expected },
    tool: { name: 'seatrial', version: '0' },
    host: { os: 'linux', arch: 'x64', kernel: '6', node: '20', bootId: 'b', name: 'h' },
    ...{ app: 'app', instance: 'app', lock: 'app', scenario: 's', work: `${root}/work` },
    driver: { kind: 'sandbox', version: '1', fake: false },
    plan: { path: 'plan.json', sha256: digest, bytes: 1, mediaType: 'application/json' },
    ...{ planDigest: digest, operations: [], base: release, head: release, selection: 'full' },
  } as const;
}

export const orderOf = (
  kind: FixtureOrder['kind'],
  inputs: FixtureOrder['inputs'],
  more: Partial<FixtureOrder> = {},
): FixtureOrder => ({ id: 'it', kind, inputs, budgetMs: 20_000, ...more });

export const apply = (
  world: FixtureWorld,
  order: FixtureOrder,
  place: FixturePlace = world.place,
): Promise<Prepared> =>
  applyFixture(world.session, order, place, { number: 1, keep: () => undefined });

export const restore = (world: FixtureWorld, prepared: Prepared) =>
  restoreFixture(world.session, prepared, world.place.run);

export const recoverFrom = (world: FixtureWorld): Promise<readonly string[]> =>
  undoFixtures(ports, world.state(), () => Promise.resolve());

export const verdictOf = (world: FixtureWorld, id: string): string =>
  world.state().checks.find((each) => each.id === id)?.verdict ?? 'not expected';
