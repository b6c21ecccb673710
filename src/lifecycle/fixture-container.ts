// Kind `container`: one container of the run, made and started, without a network. Its name ends with the run's
// suffix and its labels name run and fixture, so that only what this fixture made is ever removed.

import { sha256Hex } from '../evidence/canonical.ts';
import type { Expectation } from '../evidence/expectation.ts';
import { pointerStep } from '../evidence/pointer.ts';
import type { ContainerLook, ContainerReader, ContainerRequest } from '../ports/containers.ts';
import type { FixtureReader, FixtureWriter } from '../ports/fixtures.ts';
import type { Json, JsonObject } from '../ports/json.ts';
import { WorldError } from '../ports/world-error.ts';
import type { FixtureInputs } from '../scenario/fixture-inputs.ts';
import { textOf, type FixturePlace, type Kind, type UndoRecord } from './fixture-kind.ts';
import { absentDigest } from './path-digest.ts';

type Inputs = FixtureInputs['container'];

const runLabel = 'seatrial.run';
const fixtureLabel = 'seatrial.fixture-id';

const nameOf = ({ id, run }: FixturePlace): string => `seatrial-${id}-${run.slice(-8)}`;

const engineOf = ({ env }: FixturePlace): string => env['DOCKER_HOST'] ?? '';

export const containerKind: Kind<Inputs> = {
  locks: (_reader, _inputs, place) =>
    Promise.resolve([`fixture-${sha256Hex(`container ${nameOf(place)}`).slice(0, 32)}`]),
  observe: async (reader, { mounts }, place) => {
    const [target, engine] = [nameOf(place), engineOf(place)];
    for (const { source, readOnly } of mounts)
      if (source !== undefined) await assertOwn(reader, place, { source, readOnly });
    if ((await reader.containers(engine).look(target)) !== undefined)
      throw new WorldError('refused', `there is a container ${target} already`);
    return { target, pre: { engine, fixture: place.id } };
  },
  apply: async (writer, inputs, place, { target }) => {
    const containers = writer.containers(engineOf(place));
    if (inputs.build !== undefined) await build(writer, inputs.build, place);
    const request = requestOf(inputs, place);
    const id = await containers.create({ ...request, image: inputs.image });
    await containers.start(id);
    return { outputs: { name: target, id, image: inputs.image }, wrote: [], details: { id } };
  },
  probe: async (reader, inputs, place, { target }) => {
    const containers = reader.containers(engineOf(place));
    const found = await containers.look(target);
    if (found === undefined) throw new WorldError('not-found', `there is no container ${target}`);
    const request = requestOf(inputs, place);
    const { observed, expect } = await seen(containers, request, found);
    return { observed, expect };
  },
  digests: async (reader, record) => {
    const found = await reader.containers(textOf(record.pre, 'engine')).look(record.target);
    const digest = found === undefined ? absentDigest : sha256Hex(`container ${found.id}`);
    return { target: digest, neighbours: null };
  },
  undo: async (writer, record) => {
    const containers = writer.containers(textOf(record.pre, 'engine'));
    const found = await containers.look(record.target);
    // A container of that name which somebody else made is not this fixture's to remove; the digest will tell of it.
    if (found === undefined || !isOwn(found, record)) return {};
    await containers.remove(found.id);
    while ((await containers.look(found.id)) !== undefined)
      await writer.clock.sleep(goneStepMs, record.signal);
    return {};
  },
};

const goneStepMs = 50;

const isOwn = ({ labels }: ContainerLook, { run, pre }: UndoRecord): boolean =>
  labels[runLabel] === run && labels[fixtureLabel] === textOf(pre, 'fixture');

/** A container writes as root: what is not of the run may be looked at only. */
async function assertOwn(
  { paths }: FixtureReader,
  { work }: FixturePlace,
  { source, readOnly }: { readonly source: string; readonly readOnly: boolean },
): Promise<void> {
  if (readOnly) return;
  const { real, leadsTo } = await paths.look(source);
  if (!`${leadsTo ?? real}/`.startsWith(`${work}/`))
    throw new WorldError(
      'refused',
      `FX002: ${source} is not of the run, so it is mounted to be read`,
      {
        hint: 'Say `readOnly: true`.',
      },
    );
}

const buildTimeoutMs = 240_000;
const buildMaxBytes = 1024 * 1024;

/** By the product itself: the image is one of its own, and goes with the rest that it made. */
async function build(
  { commands }: FixtureWriter,
  argv: NonNullable<Inputs['build']>,
  { env, work, signal }: FixturePlace,
): Promise<void> {
  const { exitCode, stderr } = await commands.run({
    ...{ argv, env, cwd: work, signal },
    timeoutMs: buildTimeoutMs,
    outputLimitBytes: buildMaxBytes,
  });
  if (exitCode === 0) return;
  const said = new TextDecoder().decode(stderr).trim().slice(-500);
  throw new WorldError('app-failed', `${argv.join(' ')} failed: ${said}`);
}

function requestOf(inputs: Inputs, place: FixturePlace): ContainerRequest {
  const { user, env, entrypoint, command } = inputs;
  return {
    ...{ name: nameOf(place), image: inputs.image, env },
    mounts: inputs.mounts
      .map(({ source, target, readOnly }) =>
        source === undefined ? { target, readOnly } : { source, target, readOnly },
      )
      .toSorted((a, b) => (a.target < b.target ? -1 : 1)),
    labels: { ...inputs.labels, [runLabel]: place.run, [fixtureLabel]: place.id },
    ...(user === undefined ? {} : { user }),
    ...(entrypoint === undefined ? {} : { entrypoint }),
    ...(command === undefined ? {} : { command }),
  };
}

const noMounts = 'a container may mount nothing';

/** Everything that was asked for, as the engine tells it; its environment also as its process was given it. */
async function seen(
  containers: ContainerReader,
  { image, env, labels, mounts, ...more }: ContainerRequest,
  found: ContainerLook,
): Promise<{ readonly observed: JsonObject; readonly expect: readonly Expectation[] }> {
  const wanted: Record<string, Json> = {};
  for (const name of ['user', 'entrypoint', 'command'] as const) {
    const value = more[name];
    if (value !== undefined) wanted[`/${name}`] = value;
  }
  for (const [name, value] of Object.entries(labels)) wanted[`/labels${pointerStep(name)}`] = value;
  for (const [name, value] of Object.entries(env))
    for (const at of ['/env', '/startedWith']) wanted[at + pointerStep(name)] = value;
  const imageId = await containers.imageId(image);
  const startedWith = Object.keys(env).length === 0 ? {} : await containers.startedWith(found.id);
  return {
    observed: { ...found, wantedImage: imageId ?? null, startedWith },
    expect: [
      { at: '/isRunning', op: 'equals', value: true },
      { at: '/image', op: 'same-as', to: '/wantedImage' },
      { at: '/mounts', op: 'equals', value: mounts, mayBeEmpty: noMounts },
      ...Object.entries(wanted).map(([at, value]): Expectation => {
        const empty = value === '' || (Array.isArray(value) && value.length === 0);
        return { at, op: 'equals', value, ...(empty ? { mayBeEmpty: 'it was asked for so' } : {}) };
      }),
    ],
  };
}
