// The fixtures of a run: locks in one order, what dead runs left at the same targets first, then each in turn.

import type { Store } from '../evidence/store.ts';
import type { Lock } from '../ports/locks.ts';
import type { JsonObject } from '../ports/json.ts';
import { WorldError } from '../ports/world-error.ts';
import { fixtureInputs } from '../scenario/fixture-inputs.ts';
import { durationMs, type Scenario } from '../scenario/scenario-schema.ts';
import type { Project } from './close-bundle.ts';
import { fill, fillText } from './fill-places.ts';
import type { FixturePlace } from './fixture-kind.ts';
import {
  applyFixture,
  kindOf,
  restoreFixture,
  type FixtureOrder,
  type Prepared,
} from './fixtures.ts';
import { canaryEnvironment, runtimeFolder } from './open-scenario-session.ts';
import { recoverTargets } from './recover-targets.ts';
import type { OpenResources } from './resource-log.ts';
import { placesOf } from './scenario-places.ts';
import type { ScenarioSession } from './scenario-session.ts';

type Fixture = Scenario['spec']['fixtures'][number];

const lockWaitMs = 600_000;
const landlockBudgetMs = 10_000;

export type FixtureLocks = {
  readonly take: (session: ScenarioSession, fixture: Fixture) => Promise<void>;
  readonly release: () => Promise<void>;
};

/** F10: all that are known before in sorted order, so that two runs never wait for each other. */
export async function lockTargets(
  session: ScenarioSession,
  context: { readonly store: Store; readonly project: Project; readonly resources: OpenResources },
): Promise<FixtureLocks> {
  const held = new Map<string, Lock>();
  const take = async (names: readonly string[], waitMs: number): Promise<void> => {
    for (const name of [...new Set(names)].sort()) {
      if (held.has(name)) continue;
      const { locks } = session.world;
      held.set(name, await locks.acquire(name, { waitMs, signal: session.stop }));
    }
  };
  const namesOf = async (fixture: Fixture): Promise<readonly string[]> => {
    const order = orderOf(session, fixture);
    const parsed = fixtureInputs[order.kind].parse(order.inputs) as never;
    const place = placeOf(session, fixture, context.resources);
    return kindOf(order).locks(session.ports, parsed, place);
  };
  const known: string[] = [];
  for (const fixture of session.run.scenario.spec.fixtures)
    if (!usesFixtures(fixture)) known.push(...(await namesOf(fixture)));
  const clean = async (names: readonly string[]): Promise<void> => {
    const said = await recoverTargets(session.world, context, new Set(names));
    if (said.length > 0)
      await session.recorder.note('recovered-before', said.join('; '), { severity: 'warning' });
  };
  const release = async (): Promise<void> => {
    for (const lock of held.values()) await lock.release();
  };
  try {
    await take(known, lockWaitMs);
    await clean(known);
  } catch (error) {
    await release();
    throw error;
  }
  return {
    take: async (_session, fixture) => {
      if (!usesFixtures(fixture)) return;
      const names = (await namesOf(fixture)).filter((name) => !held.has(name));
      await take(names, 0);
      await clean(names);
    },
    release,
  };
}

const usesFixtures = ({ with: inputs }: Fixture): boolean =>
  JSON.stringify(inputs).includes('{fixture.');

function orderOf(session: ScenarioSession, fixture: Fixture): FixtureOrder {
  const { id, kind, role, with: inputs, restore } = fixture;
  const changed = session.run.canary?.plant.inputs?.fixtures[id] ?? {};
  return {
    ...{ id, kind },
    ...(role === undefined ? {} : { role }),
    inputs: fill({ ...inputs, ...changed }, placesOf(session)),
    budgetMs: restore === undefined ? landlockBudgetMs : durationMs(restore.budget),
    ...plantedIn(session, id),
  };
}

function plantedIn({ run }: ScenarioSession, id: string): Pick<FixtureOrder, 'planted'> {
  const [builtin, target] = (run.canary?.plant.builtin ?? '').split(':');
  if (target !== id || (builtin !== 'apply-skipped' && builtin !== 'undo-skipped')) return {};
  return { planted: builtin };
}

function placeOf(
  session: ScenarioSession,
  { id }: Fixture,
  resources: OpenResources,
): FixturePlace {
  const { run, context, stop, memory } = session;
  const { staging, policy, surfaces } = run.pack.file;
  const label = surfaces.sandbox?.label;
  const places = placesOf(session);
  const path = { PATH: run.path, HOME: context.home, DOCKER_HOST: run.dockerHost };
  const faults = canaryEnvironment(run, context.nonce);
  return {
    ...{ id, run: session.id, work: context.work, pack: run.pack.root, nonce: context.nonce },
    cache: run.cache,
    beside: memory.prepared.map(({ before }) => before.pre),
    runtime: runtimeFolder(context.suffix),
    env: {
      ...{
        ...path,
        XDG_RUNTIME_DIR: runtimeFolder(context.suffix),
        ...memory.opened?.env,
        ...faults,
      },
      SEATRIAL_RUN: session.id,
    },
    staging: fill(
      JSON.parse(JSON.stringify(staging)) as JsonObject,
      places,
    ) as unknown as typeof staging,
    policy,
    ...(label === undefined ? {} : { sandboxLabel: label }),
    ...(surfaces.gateway === undefined
      ? {}
      : { gatewayPidFile: fillText(surfaces.gateway.pidFile, places) }),
    fill: (text) => fillText(text, places),
    ...{ resources: resources.log, signal: stop },
  };
}

/** Undefined when a fixture does not bite: then nothing that follows would prove anything. */
export async function applyOne(
  session: ScenarioSession,
  fixture: Fixture,
  { locks, resources }: { readonly locks: FixtureLocks; readonly resources: OpenResources },
): Promise<Prepared> {
  const order = orderOf(session, fixture);
  assertAllowed(session, order);
  await locks.take(session, fixture);
  const place = placeOf(session, fixture, resources);
  const { prepared } = session.memory;
  const index = prepared.length;
  const keep = (each: Prepared): void => {
    prepared[index] = each;
  };
  const applied = await applyFixture(session, order, place, { number: index + 1, keep });
  keep(applied);
  return applied;
}

/** F13: what is not of the run needs consent twice. */
function assertAllowed(
  { context, run }: ScenarioSession,
  { id, kind, inputs }: FixtureOrder,
): void {
  const path = inputs[kind === 'key' || kind === 'policy' ? 'file' : 'path'];
  if (!['file', 'directory', 'key', 'policy'].includes(kind) || typeof path !== 'string') return;
  if (path.startsWith(`${context.work}/`) && !path.split('/').includes('..')) return;
  if (inputs['system'] === true && run.allowSystem) return;
  throw new WorldError('refused', `FX002: fixture ${id} changes ${path}, which is not of the run`, {
    hint: 'Say `system: true` in the file, and run with --allow-system.',
  });
}

/** Last first, each whatever became of the others (F4). */
export async function restoreAll(session: ScenarioSession): Promise<readonly string[]> {
  const left: string[] = [];
  for (const prepared of session.memory.prepared.toReversed()) {
    const { outcome, message = '' } = await restoreFixture(session, prepared, session.id);
    if (outcome !== 'restored')
      left.push(
        `fixture ${prepared.order.id} (${outcome}: ${message}; retry: seatrial recover ${session.id})`,
      );
  }
  return left;
}
