// How long an operation may take.

import type { Manifest } from '../scenario/manifest.ts';
import type { OperationName } from '../scenario/plan.ts';

/** From the manifest's timeouts: the sum of what may take its time in one operation. */
export function budgetMs(name: OperationName, { timeouts }: Manifest): number {
  const { deploy, http, settle, hook, backup, restore, remove } = timeouts;
  const start = deploy + http + settle;
  const seconds: Readonly<Partial<Record<OperationName, number>>> = {
    backup: backup + start + 3 * hook,
    restore: restore + start + 3 * hook,
    remove: remove + 30,
    custom: hook,
  };
  return (seconds[name] ?? start + 3 * hook) * 1000;
}
