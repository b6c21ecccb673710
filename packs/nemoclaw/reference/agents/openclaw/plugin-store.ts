// Each version of a plugin lies in a folder of its own, written in place and never moved. What is
// moved is a small file that names it, within one folder: no mount, layer or rule stands in the way.

import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { copyTree } from '../../shared/copy-tree.ts';
import { crashPoint } from '../../shared/crash-point.ts';
import { Failure, messageOf } from '../../shared/failure.ts';
import { mutant } from '../../shared/mutant.ts';
import { treeDigest } from '../../shared/tree-digest.ts';
import { writeBeside } from '../../shared/write-beside.ts';
import { canLoad, pluginName, type PluginState } from './plugin.ts';

const storeOf = (extensions: string): string =>
  mutant('plugin.tmp-only') ? join(tmpdir(), 'openclaw-store') : join(extensions, '.store');

const referenceOf = (extensions: string, name: string): string => join(extensions, `${name}.ref`);

export function installPlugin(extensions: string, source: string, isForced: boolean): string {
  const name = pluginName(source);
  const reference = referenceOf(extensions, name);
  const isThere = existsSync(reference) || existsSync(join(extensions, name));
  if (isThere && !isForced) throw new Failure(1, `${name} is installed; use --force`);
  const digest = treeDigest(source);
  const target = join(storeOf(extensions), `${name}-${digest.slice(0, 16)}`);
  try {
    if (mutant('plugin.delete-first')) rmSync(reference, { force: true });
    crashPoint('before-store');
    // A tree that an earlier attempt left half written has another digest.
    if (!existsSync(target) || treeDigest(target) !== digest) place(source, target);
    crashPoint('stored');
    writeBeside(reference, `${target}\n`, 0o660);
    crashPoint('referred');
    removeReplaced(extensions, name, target);
  } catch (error) {
    throw new Failure(1, `failed to install ${name}: ${messageOf(error)}`);
  }
  return name;
}

function place(source: string, target: string): void {
  rmSync(target, { recursive: true, force: true });
  if (mutant('plugin.rename-across')) moveFrom(tmpdir(), source, target);
  else if (mutant('plugin.rename-up')) {
    mkdirSync(target, { recursive: true });
    moveFrom(target, source, `${target}.moved`);
    renameSync(`${target}.moved`, target);
  } else copyTree(source, target);
}

/** What the planted faults do: the tree is made elsewhere and renamed into its place. */
function moveFrom(stageIn: string, source: string, target: string): void {
  const stage = mkdtempSync(join(stageIn, '.plugin-'));
  copyTree(source, join(stage, 'plugin'));
  mkdirSync(join(target, '..'), { recursive: true });
  renameSync(join(stage, 'plugin'), target);
  rmSync(stage, { recursive: true });
}

/** Earlier versions, and a folder that an old release left at the plugin's place. */
function removeReplaced(extensions: string, name: string, kept: string): void {
  const old = join(extensions, name);
  if (mutant('plugin.rename-lower') && existsSync(old)) renameSync(old, `${old}.replaced`);
  rmSync(old, { recursive: true, force: true });
  const store = storeOf(extensions);
  for (const each of readdirSync(store)) {
    const path = join(store, each);
    const isOf = each.startsWith(`${name}-`) && each.length === name.length + 17;
    if (isOf && path !== kept) rmSync(path, { recursive: true, force: true });
  }
}

export function listPlugins(extensions: string): readonly PluginState[] {
  if (!existsSync(extensions)) return [];
  const entries = readdirSync(extensions, { withFileTypes: true });
  const referred = entries
    .filter(({ name }) => name.endsWith('.ref'))
    .map(({ name: file }) => {
      const target = readFileSync(join(extensions, file), 'utf8').trim();
      return stateOf(file.slice(0, -'.ref'.length), target);
    });
  const names = new Set(referred.map(({ name }) => name));
  const inPlace = entries
    .filter((each) => each.isDirectory() && !each.name.startsWith('.') && !names.has(each.name))
    .map(({ name }) => stateOf(name, join(extensions, name)));
  return [...referred, ...inPlace];
}

function stateOf(name: string, folder: string): PluginState {
  const isThere = existsSync(folder);
  return {
    name,
    digest: isThere ? treeDigest(folder) : '',
    isLoaded: isThere && canLoad(folder, name),
  };
}
