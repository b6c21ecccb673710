import { WorldError } from '../ports/world-error.ts';
import { bounded } from './bounded.ts';
import type { World } from './world.ts';

/**
 * A look at the deployment that must neither hang the run nor end it: undefined when the driver
 * fails or takes longer than `budgetMs`.
 */
export async function quietly<Value>(
  { clock }: Pick<World, 'clock'>,
  budgetMs: number,
  look: () => Promise<Value> | undefined,
): Promise<Value | undefined> {
  const result = await bounded(clock, { budgetMs }, async () => look());
  if (result.kind === 'value') return result.value;
  if (result.kind === 'threw' && !(result.error instanceof WorldError)) throw result.error;
  return undefined;
}
