// A rebuild that fails or is killed: what stands then.

import type { Json, JsonObject, PackCollector, PackContext } from 'seatrial';
import {
  agentOf,
  agentSays,
  askGateway,
  buildOf,
  listIn,
  objectIn,
  registryEntry,
  sandboxOf,
  sha256,
  textIn,
  versionIn,
} from './look-sandbox.ts';

/** What is not there has a word too: with nothing on one side, a comparison tells nothing. */
const orGone = (told: string): string => (told === '' ? 'gone' : told);

async function keptFacts(context: PackContext): Promise<JsonObject> {
  const { container, status } = await sandboxOf(context);
  const entry = await registryEntry(context);
  return {
    ...{ container: orGone(container), state: orGone(status) },
    entry: sha256(JSON.stringify(entry)),
    version: orGone(await versionIn(context, container)),
  };
}

export const failureKeepsOld: PackCollector = { before: keptFacts, after: keptFacts };

/** Side effect: the old container is gone, or is another, or no longer runs. */
export async function observeContainer(context: PackContext): Promise<Json> {
  const { container, image } = await sandboxOf(context);
  const found = container === '' ? undefined : await context.ports.sandbox.inspect(container);
  const state = objectIn(found?.['State']);
  return {
    ...{ id: orGone(container), imageId: orGone(image) },
    state: orGone(textIn(state['Status'])),
  };
}

/** Side effect: the host remembers something else of the sandbox. */
export async function observeEntry(context: PackContext): Promise<Json> {
  return registryEntry(context);
}

export const rebuildPhases = [
  'preflight',
  'backed-up',
  'created-beside',
  'restored',
  'policies-applied',
  'probed',
  'swapped',
  'old-removed',
  'done',
] as const;

/** The sandbox whose rebuild is killed after a phase. */
export const phaseName = ({ name }: Pick<PackContext, 'name'>, phase: string): string =>
  `${name}-${phase}`;

/** What is wrong with the sandbox of one phase: nothing when it is whole, old or new. */
async function wrongWith(
  context: PackContext,
  phase: string,
  listed: readonly JsonObject[],
): Promise<readonly string[]> {
  const agent = agentOf(context);
  const name = phaseName(context, phase);
  const { container, status } = await sandboxOf(context, name);
  const version = await versionIn(context, container);
  const known = await Promise.all(
    (['old', 'head'] as const).map(async (which) => (await buildOf(context, agent, which)).version),
  );
  const memory = await agentSays(context, container, [agent, 'memory', 'get', 'colour']);
  const journal = `${context.home}/.nemoclaw/rebuild-backups/${name}/rebuild-state.json`;
  const beside = listed.filter((each) => textIn(each['name']).startsWith(`${name}@`));
  const facts: Readonly<Record<string, boolean>> = {
    'does not run': status !== 'ready',
    'has another version than any release': !known.includes(version),
    'has not the version of the registry':
      textIn((await registryEntry(context, name))['agentVersion']) !== version,
    'lost its memory': memory !== 'teal',
    'has another beside it': beside.length > 0,
    'has a journal left': (await context.ports.state.read(journal)).kind !== 'absent',
  };
  return Object.entries(facts).flatMap(([what, isWrong]) => (isWrong ? [`${phase} ${what}`] : []));
}

export const crashResumable: PackCollector = {
  after: async (context) => {
    const listed = listIn(await askGateway(context, 'sandbox.list', {})).map(objectIn);
    const wrong: string[] = [];
    for (const phase of rebuildPhases) wrong.push(...(await wrongWith(context, phase, listed)));
    const looked = listed.filter((each) =>
      rebuildPhases.some((phase) => each['name'] === phaseName(context, phase)),
    );
    return { wrong, count: looked.length };
  },
};
