import type { Places } from './fill-places.ts';
import type { ScenarioSession } from './scenario-session.ts';

/** With the outputs of fixtures that are applied by now. */
export function placesOf({ context, memory }: ScenarioSession): Places {
  const outputs = memory.prepared.map(({ order, applied }) => [order.id, applied?.outputs ?? {}]);
  return { ...context, fixtures: Object.fromEntries(outputs) as Places['fixtures'] };
}
