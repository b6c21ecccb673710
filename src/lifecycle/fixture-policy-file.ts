// Kind `policy` where there is no sandbox yet: the file from which the product makes the policy of each one allows more
// paths. It is edited, looked at and put back as single values of a file are.

import { pointerStep } from '../evidence/pointer.ts';
import type { FixtureReader } from '../ports/fixtures.ts';
import type { Json, JsonObject } from '../ports/json.ts';
import { WorldError } from '../ports/world-error.ts';
import type { FixtureInputs } from '../scenario/fixture-inputs.ts';
import { valueOf } from './edit-keys.ts';
import { keyKind } from './fixture-key.ts';
import type { Kind } from './fixture-kind.ts';

type Paths = FixtureInputs['policy']['paths'];
type Key = FixtureInputs['key'];

export type PolicyFile = Pick<FixtureInputs['policy'], 'paths'> & { readonly file: string };

export const policyFileKind: Kind<PolicyFile> = {
  locks: (reader, inputs, place) => keyKind.locks(reader, keysOf(inputs, {}), place),
  observe: async (reader, inputs, place, keep) => {
    const files = await filesIn(reader, inputs);
    assertNew(files, inputs.paths);
    return keyKind.observe(reader, keysOf(inputs, files), place, keep);
  },
  apply: async (writer, inputs, place, before) =>
    keyKind.apply(writer, keysOf(inputs, await filesIn(writer, inputs)), place, before),
  probe: async (reader, inputs, place, applied) =>
    keyKind.probe(reader, keysOf(inputs, await filesIn(reader, inputs)), place, applied),
  digests: keyKind.digests,
  undo: keyKind.undo,
};

const kinds = ['read_only', 'read_write'] as const;

async function filesIn({ files }: FixtureReader, { file }: PolicyFile): Promise<JsonObject> {
  return filesystemOf(valueOf(await files.readText(file)));
}

/** Adding what is there already changes nothing, so that it is the same before and after. */
function keysOf({ file, paths }: PolicyFile, files: JsonObject): Key {
  const changed = Object.entries(withPaths(files, paths)).filter(([kind]) =>
    kinds.some((each) => each === kind && paths[each].length > 0),
  );
  const set = changed.map(([kind, value]) => [`/filesystem_policy${pointerStep(kind)}`, value]);
  return {
    ...{ file, remove: [], inPlace: false, system: false },
    set: Object.fromEntries(set) as Key['set'],
  };
}

export const asObject = (value: Json | undefined): JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};

export const filesystemOf = (body: Json): JsonObject =>
  asObject(asObject(body)['filesystem_policy']);

const listed = (files: JsonObject, kind: keyof Paths): readonly Json[] =>
  Array.isArray(files[kind]) ? (files[kind] as readonly Json[]) : [];

export const withPaths = (files: JsonObject, paths: Paths): JsonObject => ({
  ...files,
  ...Object.fromEntries(
    kinds.map((kind) => [kind, [...new Set([...listed(files, kind), ...paths[kind]])]]),
  ),
});

/** What is allowed already would bite nothing, and would still be allowed afterwards. */
export function assertNew(files: JsonObject, paths: Paths): void {
  for (const kind of kinds)
    for (const path of paths[kind])
      if (listed(files, kind).includes(path))
        throw new WorldError('refused', `${path} is in ${kind} already`);
}
