// The product as it is installed: one tree with its programs, its blueprint and the agents it brings.

import { join } from 'node:path';
import { buildRelease } from './build.ts';

export type ProductRequest = {
  readonly release: 'old' | 'current';
  readonly into: string;
  readonly hasMutants: boolean;
};

/** Below `into`: the programs and the blueprint; `agents/<agent>`; `openshell/` with its programs. */
export async function assembleProduct({
  release,
  into,
  hasMutants,
}: ProductRequest): Promise<void> {
  await buildRelease({ program: 'nemoclaw', release, into, hasMutants });
  for (const program of ['openclaw', 'hermes'] as const)
    await buildRelease({ program, release, into: join(into, 'agents', program), hasMutants });
  await buildRelease({ program: 'openshell', release, into: join(into, 'openshell'), hasMutants });
}
