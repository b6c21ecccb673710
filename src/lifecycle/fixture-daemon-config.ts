// Kind `daemon-config`: keys of the configuration of an engine that the harness starts for the run, with a data root,
// a file and a socket of its own. The product may change those keys too, since that is what it may be asked to do;
// they go back all the same, and the engine is started on the file as it was.

import { canonicalJson, sha256Hex } from '../evidence/canonical.ts';
import { lookUp, pointerStep } from '../evidence/pointer.ts';
import type { Expectation } from '../evidence/expectation.ts';
import type { EngineHome, EngineLook } from '../ports/engines.ts';
import type { FixtureReader, FixtureWriter } from '../ports/fixtures.ts';
import type { Json, JsonObject } from '../ports/json.ts';
import { WorldError } from '../ports/world-error.ts';
import type { FixtureInputs } from '../scenario/fixture-inputs.ts';
import { editKeys, keyAt, rawAt, valueOf, withoutKeys } from './edit-keys.ts';
import { editsOf, keyProbe, pointersOf, storedEdits } from './fixture-key.ts';
import {
  textOf,
  type FixturePlace,
  type Kind,
  type Probe,
  type UndoRecord,
  type UndoReport,
} from './fixture-kind.ts';
import { absentDigest, digestPath } from './path-digest.ts';
import { findTarget, imageName, keepPath, restorePath } from './restore-path.ts';

type Daemon = FixtureInputs['daemon-config'];

const homeOf = ({ work, runtime, id, run }: FixturePlace): EngineHome => ({
  folder: `${work}/engine-${id}`,
  // The kernel takes 107 bytes of a socket's path, and an id may be long.
  runtime: `${runtime}/${sha256Hex(id).slice(0, 6)}`,
  run,
});

export const daemonConfigKind: Kind<Daemon> = {
  locks: (_reader, _inputs, place) =>
    Promise.resolve([`fixture-${sha256Hex(homeOf(place).folder).slice(0, 32)}`]),
  prepare: async (engines, place) => {
    const home = homeOf(place);
    await place.resources.intended([{ kind: 'engine', name: place.id, undo: { ...home } }]);
    await engines.create(home);
    await place.resources.created('engine', place.id, {});
  },
  observe: async (reader, inputs, place, keep) => {
    const home = homeOf(place);
    const { files, process } = await reader.engines.look(home);
    if (process === undefined) throw new WorldError('io', 'the private engine does not run');
    const look = await findTarget(reader, files.config, false);
    const before = await keepPath(reader, look, { keep, inPlace: false });
    const text = await reader.files.readText(look.real);
    const inverse = pointersOf(inputs).map((pointer) => ({
      pointer,
      raw: rawAt(text, pointer) ?? null,
      key: keyAt(text, pointer) ?? null,
    }));
    const edits = editsOf(inputs).map(({ pointer, raw }) => ({ pointer, raw: raw ?? null }));
    const pre = { ...before.pre, inverse, edits, engine: { ...home }, pid: process.pid };
    return { target: look.real, pre };
  },
  apply: async (writer, inputs, place, { target }) => {
    const home = homeOf(place);
    const text = editKeys(await writer.files.readText(target), editsOf(inputs));
    await write(writer, target, text);
    await writer.engines.restart(home);
    const { files } = await writer.engines.look(home);
    const { config, socket, starts, stop, restart } = files;
    return {
      outputs: { host: `unix://${socket}`, config, starts, stop, restart },
      wrote: [sha256Hex(text)],
    };
  },
  probe: async (reader, inputs, place, { target, pre }) => {
    const found = valueOf(await reader.files.readText(target));
    return daemonProbe(inputs, { found, pre, seen: await reader.engines.look(homeOf(place)) });
  },
  digests: async (reader, { target, pre }) => {
    const { info } = await reader.engines.look(homeIn(pre));
    const { digest } = await digestPath(reader, target);
    const neighbours = digest === absentDigest ? undefined : await othersOf(reader, target, pre);
    return {
      target: sha256Hex(canonicalJson({ file: digest, answer: answerOf(info) })),
      neighbours: neighbours ?? absentDigest,
    };
  },
  undo: async (writer, record) => {
    const home = homeIn(record.pre);
    // Without its folder there is no engine any more, and nothing that could be put back.
    if ((await writer.files.stat(home.folder)) === undefined) return {};
    const report = await putBack(writer, record);
    const { process, startedWith } = await writer.engines.look(home);
    const file = sha256Hex(await writer.files.read(record.target));
    if (process === undefined || startedWith !== file) await writer.engines.restart(home);
    return report;
  },
};

function homeIn(pre: JsonObject): EngineHome {
  const home = (pre['engine'] ?? {}) as JsonObject;
  return {
    ...{ folder: textOf(home, 'folder'), runtime: textOf(home, 'runtime') },
    run: textOf(home, 'run'),
  };
}

type Seen = { readonly found: Json; readonly pre: JsonObject; readonly seen: EngineLook };

/** Another process than before, which reports what it was told, on a file that says so. */
function daemonProbe({ reports, ...changes }: Daemon, { found, pre, seen }: Seen): Probe {
  const keys = keyProbe(found, changes);
  const observed: Record<string, Json> = {};
  const mayBeEmpty = 'the fixture says what the engine must report, which may be empty';
  const expect: Expectation[] = [
    { at: '/engine/pid', op: 'differs-from', to: '/engine/was' },
    { at: '/engine/answers', op: 'equals', value: true },
  ];
  for (const [pointer, value] of Object.entries(reports)) {
    const told = seen.info === undefined ? undefined : lookUp(seen.info, pointer);
    observed[pointer] = told === undefined ? {} : { value: told.value };
    expect.push({ at: `/reports${pointerStep(pointer)}/value`, op: 'equals', value, mayBeEmpty });
  }
  const { process, info } = seen;
  return {
    observed: {
      ...{ keys: keys.observed, reports: observed },
      engine: { was: pre['pid'] ?? 0, pid: process?.pid ?? 0, answers: info !== undefined },
    },
    expect: [...keys.expect.map((each) => ({ ...each, at: `/keys${each.at}` })), ...expect],
  };
}

/** What an engine says of its configuration. Counts and times, which it says too, are no part of it. */
const told = [
  ...['ID', 'ServerVersion', 'Driver', 'DockerRootDir', 'Labels', 'Debug', 'ExperimentalBuild'],
  ...['LoggingDriver', 'CgroupDriver', 'DefaultRuntime', 'Runtimes', 'SecurityOptions'],
  ...['RegistryConfig', 'LiveRestoreEnabled', 'InitBinary'],
];

const answerOf = (info: JsonObject | undefined): Json =>
  info === undefined
    ? null
    : Object.fromEntries(told.map((name) => [name, info[name] ?? null] as const));

/** Of the other keys; undefined for a file that cannot be read as one. */
async function othersOf(
  { files }: Pick<FixtureReader, 'files'>,
  path: string,
  pre: JsonObject,
): Promise<string | undefined> {
  const keys = storedEdits(pre, 'edits').map(({ pointer }) => pointer);
  try {
    return sha256Hex(canonicalJson(withoutKeys(valueOf(await files.readText(path)), keys)));
  } catch (error) {
    if (error instanceof WorldError) return undefined;
    throw error;
  }
}

/** The bytes as they were, unless somebody else changed another key: that one is left alone (F9). */
async function putBack(writer: FixtureWriter, record: UndoRecord): Promise<UndoReport> {
  const { target, pre, folder, run, signal } = record;
  const { digest: now } = await digestPath(writer, target);
  if (now === pre['digest']) return {};
  const theirs = now === absentDigest ? undefined : await othersOf(writer, target, pre);
  const ours = await othersOf(writer, `${folder}/${imageName}`, pre);
  if (theirs !== undefined && theirs !== ours) {
    const text = await writer.files.readText(target);
    await write(writer, target, editKeys(text, storedEdits(pre, 'inverse').toReversed()));
    return {};
  }
  // What can no longer be read is kept beside it (F8).
  const isBroken = theirs === undefined && now !== absentDigest;
  const kept = isBroken && record.applied !== undefined ? { applied: record.applied } : {};
  return restorePath(writer, { target, pre, folder, run, signal, ...kept });
}

async function write(writer: FixtureWriter, target: string, text: string): Promise<void> {
  const stat = await writer.files.stat(target);
  await writer.files.replace(target, text, stat?.mode ?? 0o644);
}
