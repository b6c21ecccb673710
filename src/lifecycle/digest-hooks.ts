// The hooks of a manifest's owner, as they are when the run is planned.

import { sha256Hex } from '../evidence/canonical.ts';
import type { HookName } from '../scenario/manifest.ts';
import type { Plan } from '../scenario/plan.ts';
import type { PlanRequest } from './plan-request.ts';
import type { World } from './world.ts';

export async function digestHooks(
  { files }: Pick<World, 'files'>,
  { manifest, folder }: Pick<PlanRequest, 'manifest' | 'folder'>,
): Promise<Plan['hooks']> {
  const hooks: Partial<Record<HookName, { path: string; sha256: string }>> = {};
  for (const [name, { file }] of Object.entries(manifest.hooks))
    hooks[name as HookName] = {
      path: file,
      sha256: sha256Hex(await files.read(`${folder}/${file}`)),
    };
  return hooks;
}
