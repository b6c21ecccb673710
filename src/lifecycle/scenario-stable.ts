// `floor.<action>.stable`: asking the checks of an action changed nothing of what runs.

import type { Json, JsonObject } from '../ports/json.ts';
import type { Action } from './scenario-action.ts';
import { askJudged } from './ask-judged.ts';
import { quietly } from './quietly.ts';
import { placesOf } from './scenario-places.ts';
import type { ScenarioSession } from './scenario-session.ts';

const lookBudgetMs = 30_000;

/** Instances as the subject tells them; undefined when it could not look. */
export async function lookAtRunning(session: ScenarioSession): Promise<JsonObject | undefined> {
  const { world, context, memory } = session;
  const { opened } = memory;
  if (opened === undefined) return undefined;
  const asked = { ...context, fixtures: placesOf(session).fixtures };
  const seen = await quietly(
    world,
    lookBudgetMs,
    async () => (await opened.observe?.(asked)) ?? [],
  );
  session.takeCalls();
  if (seen === undefined) return undefined;
  const instances = seen.filter(({ schema }) => schema === 'seatrial.instance/v1');
  const running = instances.map(({ component, name, id, content }): readonly [string, Json] => [
    JSON.stringify([component, name]),
    { id: id ?? null, content: content ?? null },
  ]);
  return { running: Object.fromEntries(running) };
}

export async function askStable(
  session: ScenarioSession,
  { id, use }: Action,
  before: JsonObject | undefined,
): Promise<void> {
  if (use !== 'action') return;
  const after = await lookAtRunning(session);
  const mayBeEmpty = 'an action may leave nothing running';
  await askJudged(session, {
    ...{ check: `floor.${id}.stable`, operation: id },
    ...(before === undefined || after === undefined
      ? { error: 'nobody could look at what runs' }
      : {
          observed: { before, after },
          expect: [{ at: '/after/running', op: 'same-as', to: '/before/running', mayBeEmpty }],
        }),
  });
}
