// Kind `policy`: what a sandbox may ask for and touch, set through the product's own command; where there is no sandbox
// yet, in the file from which the product makes the policy of each.

import { stringify } from 'yaml';
import { decodeSource } from '../diagnostics/source.ts';
import { canonicalJson, sha256Hex } from '../evidence/canonical.ts';
import type { Expectation } from '../evidence/expectation.ts';
import { pointerStep } from '../evidence/pointer.ts';
import type { FixtureReader } from '../ports/fixtures.ts';
import type { Json, JsonObject } from '../ports/json.ts';
import type { ProcessResult } from '../ports/processes.ts';
import { WorldError } from '../ports/world-error.ts';
import type { FixtureInputs } from '../scenario/fixture-inputs.ts';
import { readYamlBytes } from '../scenario/yaml-document.ts';
import { textOf, type FixturePlace, type Kind, type UndoRecord } from './fixture-kind.ts';
import {
  asObject,
  assertNew,
  filesystemOf,
  policyFileKind,
  withPaths,
} from './fixture-policy-file.ts';
import { inPack } from './in-pack.ts';
import { absentDigest } from './path-digest.ts';

type Policy = FixtureInputs['policy'];
type Live = Policy & { readonly sandbox: string };

/** How the product is asked, with everything filled in but `{file}`: all that an undo has. */
type Asking = {
  readonly get: readonly string[];
  readonly set: readonly string[];
  /** Exit codes of `get` that mean that there is no such policy any more. */
  readonly gone: readonly number[];
  readonly env: Readonly<Record<string, string>>;
  readonly presets: readonly string[];
};

export const policyKind: Kind<Policy> = {
  locks: (reader, inputs, place) => kindFor(inputs).locks(reader, inputs, place),
  observe: (reader, inputs, place, keep) => kindFor(inputs).observe(reader, inputs, place, keep),
  apply: (writer, inputs, place, before) => kindFor(inputs).apply(writer, inputs, place, before),
  probe: (reader, inputs, place, done) => kindFor(inputs).probe(reader, inputs, place, done),
  digests: (reader, record) => kindOf(record).digests(reader, record),
  undo: (writer, record) => kindOf(record).undo(writer, record),
};

/** The registry lets no inputs pass that are of neither, or of both. */
const kindFor = ({ sandbox }: Policy): Kind<Policy> =>
  (sandbox === undefined ? policyFileKind : livePolicyKind) as Kind<Policy>;

/** After a crash there are no inputs: a live policy is the one that a command is asked for. */
const kindOf = ({ pre }: Pick<UndoRecord, 'pre'>): Pick<Kind<never>, 'digests' | 'undo'> =>
  pre['asking'] === undefined ? policyFileKind : livePolicyKind;

const livePolicyKind: Kind<Live> = {
  locks: (_reader, inputs, place) =>
    Promise.resolve([`fixture-${sha256Hex(targetOf(inputs, place)).slice(0, 32)}`]),
  observe: async (reader, inputs, place) => {
    const asking = askingOf(inputs, place);
    const body = await liveBody(reader, asking);
    if (body === undefined)
      throw new WorldError('not-found', `${inputs.sandbox} has no policy that could be changed`);
    assertNew(filesystemOf(body), inputs.paths);
    const pre = { body, asking, made: folderOf(place) } as unknown as JsonObject;
    return { target: targetOf(inputs, place), pre };
  },
  apply: async (writer, inputs, place, { pre }) => {
    const wanted = await changed(writer, inputs, place, pre['body'] as JsonObject);
    const file = `${folderOf(place)}/policy.yaml`;
    await writer.files.makeDirectory(folderOf(place), 0o700);
    await writer.files.replace(file, stringify(wanted), 0o600);
    await setFrom(writer, askingIn(pre), file);
    return { outputs: { file }, wrote: [sha256Hex(canonicalJson(wanted))] };
  },
  probe: async (reader, { sandbox, presets, paths }, place, { pre }) => {
    const live = await liveBody(reader, askingIn(pre));
    if (live === undefined) throw new WorldError('not-found', `${sandbox} has no policy any more`);
    const expect: Expectation[] = [];
    for (const kind of ['read_only', 'read_write'] as const)
      for (const value of paths[kind])
        expect.push({ at: `/live/filesystem_policy/${kind}`, op: 'contains', value });
    for (const preset of presets)
      for (const [name, value] of Object.entries(await networkOf(reader, place, preset)))
        expect.push({ at: `/live/network_policies${pointerStep(name)}`, op: 'equals', value });
    return { observed: { live }, expect };
  },
  digests: async (reader, { pre }) => {
    const asking = askingIn(pre);
    const live = await liveBody(reader, asking);
    const files: string[] = [];
    for (const preset of asking.presets)
      files.push(
        (await reader.files.stat(preset)) === undefined
          ? absentDigest
          : sha256Hex(await reader.files.read(preset, presetMaxBytes)),
      );
    return {
      target: live === undefined ? absentDigest : sha256Hex(canonicalJson(live)),
      neighbours: files.length === 0 ? null : files.join(' '),
    };
  },
  undo: async (writer, record) => {
    const { pre, folder } = record;
    const asking = askingIn(pre);
    const live = await liveBody(writer, asking);
    if (live === undefined || canonicalJson(live) === canonicalJson(pre['body'] ?? null)) {
      await writer.files.remove(textOf(pre, 'made'));
      return {};
    }
    await writer.files.makeDirectory(folder, 0o700);
    const conflict = foreignVersion(record, live);
    if (conflict !== undefined) await writer.files.replace(conflict, stringify(live), 0o600);
    await writer.files.replace(`${folder}/policy.yaml`, stringify(pre['body']), 0o600);
    await setFrom(writer, asking, `${folder}/policy.yaml`);
    await writer.files.remove(textOf(pre, 'made'));
    return conflict === undefined ? {} : { conflict };
  },
};

const presetMaxBytes = 262_144;
const outputMaxBytes = 1024 * 1024;
const commandTimeoutMs = 60_000;

const folderOf = ({ work, id }: FixturePlace): string => `${work}/fixture-${id}`;

const askingIn = (pre: JsonObject): Asking => pre['asking'] as unknown as Asking;

const targetOf = ({ sandbox }: Live, { work }: FixturePlace): string =>
  `policy of ${sandbox} in ${work}`;

function askingOf({ sandbox, presets }: Live, place: FixturePlace): Asking {
  const { policy, env } = place;
  if (policy === undefined)
    throw new WorldError('not-found', 'the pack does not say how a policy is set');
  const filled = (argv: readonly string[]): readonly string[] =>
    argv.map((word) => place.fill(word).replaceAll('{sandbox}', sandbox));
  return {
    ...{ get: filled(policy.get), set: filled(policy.set), gone: policy.gone, env },
    presets: presets.map((preset) => inPack(place, preset)),
  };
}

async function changed(
  reader: FixtureReader,
  { presets, paths }: Live,
  place: FixturePlace,
  body: JsonObject,
): Promise<JsonObject> {
  let network = asObject(body['network_policies']);
  for (const preset of presets)
    network = { ...network, ...(await networkOf(reader, place, preset)) };
  return {
    ...body,
    network_policies: network,
    filesystem_policy: withPaths(filesystemOf(body), paths),
  };
}

async function networkOf(
  { files }: FixtureReader,
  place: FixturePlace,
  preset: string,
): Promise<JsonObject> {
  const path = inPack(place, preset);
  const found = asObject(parsed(path, await files.read(path, presetMaxBytes)));
  const network = asObject(found['network_policies']);
  if (Object.keys(network).length > 0) return network;
  throw new WorldError('refused', `${preset} is no preset: it has no network_policies`);
}

function parsed(name: string, bytes: Uint8Array): Json {
  const { document, problems } = readYamlBytes(name, bytes, outputMaxBytes);
  if (document !== undefined) return document.value;
  throw new WorldError('app-failed', `${name}: ${problems[0]?.message ?? 'not readable'}`);
}

/** Undefined when the sandbox is gone, or what keeps its policy. */
async function liveBody(reader: FixtureReader, asking: Asking): Promise<JsonObject | undefined> {
  const result = await ask(reader, asking, asking.get);
  if (asking.gone.includes(result.exitCode ?? -1)) return undefined;
  assertDone(asking.get, result);
  const { text } = decodeSource('policy', result.stdout).source;
  // What stands above the separator is about the policy: its version changes with every setting.
  const [, body = text] = text.split(/^---$/m, 2);
  return asObject(parsed('the live policy', new TextEncoder().encode(body)));
}

async function setFrom(reader: FixtureReader, asking: Asking, file: string): Promise<void> {
  const argv = asking.set.map((word) => word.replaceAll('{file}', file));
  assertDone(argv, await ask(reader, asking, argv));
}

const ask = (
  { commands }: FixtureReader,
  { env }: Asking,
  argv: readonly string[],
): Promise<ProcessResult> =>
  commands.run({
    argv: argv as [string, ...string[]],
    ...{ cwd: '/', env, timeoutMs: commandTimeoutMs, outputLimitBytes: outputMaxBytes },
  });

function assertDone(argv: readonly string[], { exitCode, stderr }: ProcessResult): void {
  if (exitCode === 0) return;
  const why = new TextDecoder().decode(stderr).trim().slice(0, 500);
  throw new WorldError('app-failed', `${argv.join(' ')} failed: ${why}`);
}

/** Where the policy is kept that is neither the fixture's nor what was there before (F8). */
function foreignVersion(record: UndoRecord, live: JsonObject): string | undefined {
  const { applied, folder, run } = record;
  const isOurs = applied === undefined || sha256Hex(canonicalJson(live)) === applied;
  return isOurs ? undefined : `${folder}.policy.yaml.seatrial-conflict-${run}`;
}
