// What a run by a manifest of a pack is evidence about. Only packs that plan such runs are asked: a manifest that lies
// anywhere else is nobody's row.

import { existsSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { applicationSubject } from '../audit/application-runs.ts';
import { systemFiles } from '../drivers/files.ts';
import type { Bound } from '../evidence/record.ts';
import { applicationDigests, referenceDigest } from '../scenario/application-plan.ts';
import { loadPack } from '../scenario/load-pack.ts';
import { readYamlBytes } from '../scenario/yaml-document.ts';
import { harness } from './harness.ts';
import { manifestText } from './load-manifest.ts';
import { preparePack } from './packs.ts';
import type { RunInputs } from './run-options.ts';

const manifestMaxBytes = 1024 * 1024;

/**
 * The pack's reference apps are made from their sources first: a run that says it is about the sources must not take
 * what somebody left in their place.
 */
export async function bindRun(inputs: RunInputs, node: string): Promise<Bound | undefined> {
  const { manifestPath, defaults, head, base } = inputs;
  const root = defaults === undefined ? packAround(manifestPath) : undefined;
  if (root === undefined) return undefined;
  preparePack(root, node);
  const { readable: pack } = await loadPack(systemFiles, root);
  const path = relative(root, manifestPath).replaceAll('\\', '/');
  const { document } = readYamlBytes(path, await manifestText(inputs), manifestMaxBytes);
  if (pack?.digests.has(path) !== true || document === undefined) return undefined;
  return {
    pack: pack.file.id,
    subject: { name: applicationSubject, digest: referenceDigest(pack), builds: [] },
    ...applicationDigests(pack, { path, manifest: document.value }, harness.name),
    asked: {
      manifest: path,
      ...(head === undefined ? {} : { head }),
      ...(base === undefined ? {} : { base }),
    },
  };
}

/** The nearest pack that holds the manifest, where it plans runs. */
function packAround(manifestPath: string): string | undefined {
  let folder = dirname(resolve(manifestPath));
  while (!existsSync(resolve(folder, 'pack.yaml'))) {
    const above = dirname(folder);
    if (above === folder) return undefined;
    folder = above;
  }
  return existsSync(resolve(folder, 'audit/runs.yaml')) ? folder : undefined;
}
