// Kind `image-build`: an image from a recipe, built once for each content and kept as a cache image, under the names
// that the product sees. Those names are what goes back; cache images are no part of a run's pre-state.

import { canonicalJson, sha256Hex } from '../evidence/canonical.ts';
import type { Expectation } from '../evidence/expectation.ts';
import type { FixtureReader, FixtureWriter } from '../ports/fixtures.ts';
import type { ImageLook } from '../ports/images.ts';
import type { Json, JsonObject } from '../ports/json.ts';
import { WorldError } from '../ports/world-error.ts';
import type { FixtureInputs } from '../scenario/fixture-inputs.ts';
import type { FixturePlace, Kind } from './fixture-kind.ts';
import { inPack } from './in-pack.ts';
import { digestPath } from './path-digest.ts';

type Recipe = FixtureInputs['image-build'];

const contentLabel = 'seatrial.content';

/** What a recipe says of the build that its image holds. */
const buildLabels = {
  component: 'seatrial.build.component',
  version: 'seatrial.build.version',
  content: 'seatrial.build.content',
};

/** Image ids by name: null where there was none. */
type Names = Readonly<Record<string, string | null>>;

export const imageBuildKind: Kind<Recipe> = {
  locks: (_reader, inputs, place) =>
    Promise.resolve(
      tagsOf(inputs, place).map((tag) => `fixture-image-${sha256Hex(tag).slice(0, 32)}`),
    ),
  observe: async ({ images }, inputs, place) => {
    const tags = tagsOf(inputs, place);
    const names: Record<string, string | null> = {};
    const others: Record<string, string> = {};
    for (const tag of tags) {
      names[tag] = (await images.find(tag))?.id ?? null;
      Object.assign(others, await images.tagged(repositoryOf(tag)));
    }
    const beside = Object.entries(others).filter(([name]) => !tags.includes(name));
    return { target: tags.join(' '), pre: { names, others: Object.fromEntries(beside) } };
  },
  apply: async (writer, inputs, place) => {
    const { key, image, found } = await cachedOrBuilt(writer, inputs, place);
    const tags = tagsOf(inputs, place);
    for (const tag of tags) await writer.images.tag(image.id, tag);
    const told = Object.entries(buildLabels).flatMap(([name, label]) => {
      const value = image.labels[label];
      return value === undefined ? [] : [[name, value] as const];
    });
    return {
      outputs: { image: tags[0] ?? '', id: image.id },
      wrote: [],
      details: { key, image: image.id, cache: found, ...Object.fromEntries(told) },
    };
  },
  probe: async ({ images }, inputs, place, { outputs, details }) => {
    const observed: Record<string, Json> = { names: {} };
    const expect: Expectation[] = [];
    const names: Record<string, Json> = {};
    for (const [index, tag] of tagsOf(inputs, place).entries()) {
      const image = await images.find(tag);
      names[String(index)] = {
        id: image?.id ?? 'no image',
        label: image?.labels[contentLabel] ?? 'no label',
      };
      const at = `/names/${String(index)}`;
      expect.push(
        { at: `${at}/id`, op: 'equals', value: outputs['id'] ?? 'nothing was built' },
        { at: `${at}/label`, op: 'equals', value: details?.['key'] ?? 'nothing was built' },
      );
    }
    observed['names'] = names;
    if (inputs.version !== undefined) {
      observed['version'] = await versionIn({ images }, inputs, place);
      expect.push({ at: '/version', op: 'matches', value: inputs.version.matches });
    }
    return { observed, expect };
  },
  digests: async ({ images }, { pre }) => ({
    target: await digestNames({ images }, Object.keys(namesIn(pre, 'names'))),
    neighbours: await digestNames({ images }, Object.keys(namesIn(pre, 'others'))),
  }),
  undo: async ({ images }, { pre }) => {
    for (const [name, before] of Object.entries(namesIn(pre, 'names'))) {
      const now = (await images.find(name))?.id;
      if (before === null && now !== undefined) await images.untag(name);
      if (before !== null && now !== before) await images.tag(before, name);
    }
    return {};
  },
};

const namesIn = (pre: JsonObject, part: 'names' | 'others'): Names =>
  (pre[part] ?? {}) as unknown as Names;

const suffixOf = ({ run }: FixturePlace): string => run.slice(-8);

/** Those that are asked for, with `latest` where they have no tag; else one that only this run has. */
function tagsOf({ tags }: Recipe, place: FixturePlace): readonly string[] {
  if (tags.length === 0) return [`seatrial-run-${suffixOf(place)}/${place.id}:1`];
  return tags.map((tag) => (repositoryOf(tag) === tag ? `${tag}:latest` : tag));
}

function repositoryOf(tag: string): string {
  const at = tag.lastIndexOf(':');
  return at > tag.lastIndexOf('/') ? tag.slice(0, at) : tag;
}

async function digestNames(
  { images }: Pick<FixtureReader, 'images'>,
  names: readonly string[],
): Promise<string> {
  const found: Record<string, string | null> = {};
  for (const name of names) found[name] = (await images.find(name))?.id ?? null;
  return sha256Hex(canonicalJson(found));
}

type Made = {
  readonly key: string;
  readonly image: ImageLook;
  readonly found: 'hit' | 'built' | 'poisoned';
};

/** A hit needs name, label and layers; a name that lies is built anew. */
async function cachedOrBuilt(
  writer: FixtureWriter,
  inputs: Recipe,
  place: FixturePlace,
): Promise<Made> {
  const context = inPack(place, inputs.recipe);
  const args = argumentsOf(inputs);
  const key = await keyOf(writer, context, args);
  const tag = `seatrial-cache/${place.id}:${key.slice(0, 16)}`;
  const kept = `${place.cache}/images/${key}.json`;
  const there = await writer.images.find(tag);
  if (there !== undefined && (await isSound(writer, there, { key, kept }))) {
    // The time of this file is that of the last use, by which the cache is evicted.
    await writeKept(writer, kept, { tag, image: there });
    return { key, image: there, found: 'hit' };
  }
  const labels = { [contentLabel]: key };
  await writer.images.build({ context, args, labels, tag, signal: place.signal });
  const image = await writer.images.find(tag);
  if (image === undefined) throw new WorldError('app-failed', `the engine built no ${tag}`);
  await writeKept(writer, kept, { tag, image });
  return { key, image, found: there === undefined ? 'built' : 'poisoned' };
}

const argumentsOf = ({ args, base, release }: Recipe): Readonly<Record<string, string>> => ({
  ...(base === undefined ? {} : { BASE: base }),
  ...(release === undefined ? {} : { RELEASE: release }),
  ...args,
});

async function isSound(
  { files }: FixtureReader,
  { labels, layers }: ImageLook,
  { key, kept }: { readonly key: string; readonly kept: string },
): Promise<boolean> {
  if (labels[contentLabel] !== key || (await files.stat(kept)) === undefined) return false;
  return layersIn(await files.readText(kept)) === JSON.stringify(layers);
}

/** Undefined for a file that was cut off or is none of ours: then nothing is known of the image. */
function layersIn(text: string): string | undefined {
  try {
    const { layers } = (JSON.parse(text) ?? {}) as { readonly layers?: unknown };
    return JSON.stringify(layers);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return undefined;
  }
}

async function writeKept(
  { files }: FixtureWriter,
  path: string,
  { tag, image }: { readonly tag: string; readonly image: ImageLook },
): Promise<void> {
  await files.makeDirectory(path.slice(0, path.lastIndexOf('/')), 0o700);
  const { id, layers } = image;
  await files.replace(path, `${JSON.stringify({ tag, id, layers })}\n`);
}

/** Over the recipe's folder, arguments, images that it begins with, and the engine's platform. */
async function keyOf(
  reader: FixtureReader,
  context: string,
  args: Readonly<Record<string, string>>,
): Promise<string> {
  const { digest } = await digestPath(reader, context);
  const recipe = await reader.files.readText(`${context}/Dockerfile`, recipeMax);
  const bases: Record<string, string> = {};
  for (const name of basesIn(recipe, args)) {
    const image = await reader.images.find(name);
    if (image === undefined)
      throw new WorldError('not-found', `image ${name} is not here, and nothing is pulled`);
    bases[name] = image.id;
  }
  const platform = await reader.images.platform();
  return sha256Hex(canonicalJson({ context: digest, args: { ...args }, bases, platform }));
}

const recipeMax = 256 * 1024;

/** What FROM names, arguments filled in; stages of the recipe itself and `scratch` are no images. */
function basesIn(recipe: string, args: Readonly<Record<string, string>>): readonly string[] {
  const stages = new Set(['scratch']);
  const bases = new Set<string>();
  for (const [, from = '', , stage] of recipe.matchAll(
    /^\s*FROM\s+(?:--\S+\s+)*(\S+)(\s+AS\s+(\S+))?/gim,
  )) {
    const name = from.replaceAll(/\$\{?(\w+)\}?/g, (_all, each: string) => args[each] ?? '');
    if (!stages.has(name)) bases.add(name);
    if (stage !== undefined) stages.add(stage);
  }
  return [...bases].sort();
}

const versionTimeoutMs = 60_000;

async function versionIn(
  { images }: Pick<FixtureReader, 'images'>,
  inputs: Recipe,
  place: FixturePlace,
): Promise<string> {
  const { output } = await images.run({
    ...{ image: tagsOf(inputs, place)[0] ?? '', argv: inputs.version?.argv ?? ['true'] },
    name: `seatrial-probe-${place.id}-${suffixOf(place)}`,
    labels: { 'seatrial.run': place.run, 'seatrial.fixture': place.id },
    ...{ timeoutMs: versionTimeoutMs, signal: place.signal },
  });
  return output.trim();
}
