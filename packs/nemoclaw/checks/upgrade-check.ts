// What `upgrade-sandboxes --check` says, held against what the sandboxes themselves say.

import type { JsonObject, PackCollector, PackContext } from 'seatrial';
import {
  agentOf,
  besideName,
  buildOf,
  objectIn,
  parsed,
  registryEntry,
  sandboxOf,
  sha256,
  textIn,
  versionIn,
} from './look-sandbox.ts';

const lineFor = (stdout: string, name: string): string =>
  stdout.split('\n').find((line) => line.startsWith(`${name}: `)) ?? '';

async function versions(context: PackContext): Promise<{ old: string; head: string }> {
  const agent = agentOf(context);
  const [old, head] = [await buildOf(context, agent, 'old'), await buildOf(context, agent, 'head')];
  return { old: old.version, head: head.version };
}

/** By the product's own command, which asks the sandbox. */
async function liveVersion({ ports }: PackContext, name: string): Promise<string> {
  const { stdout } = await ports.run({ argv: ['nemoclaw', name, 'status', '--json'] });
  return textIn(objectIn(parsed(stdout))['probedVersion']);
}

async function staleFacts(context: PackContext): Promise<JsonObject> {
  const { container } = await sandboxOf(context);
  return {
    live: await versionIn(context, container),
    registry: textIn((await registryEntry(context))['agentVersion']),
    released: (await versions(context)).old,
  };
}

export const staleObserved: PackCollector = { before: staleFacts, after: staleFacts };

/** What the check said of one sandbox. */
const saying = (which: 'own' | 'lying'): PackCollector => ({
  after: async (context) => {
    const { exit, stdout } = context.action;
    const name = which === 'own' ? context.name : besideName(context, 'lying');
    return {
      ...{ exit, line: lineFor(stdout, name), ...(await versions(context)) },
      saysCurrent: stdout.includes('up to date'),
      live: await liveVersion(context, name),
      registry: textIn((await registryEntry(context, name))['agentVersion']),
    };
  },
});

export const checkReportsStale = saying('own');
export const checkProbesLive = saying('lying');
export const checkUnknownNotCurrent = saying('own');
export const checkUpToDate = saying('own');
export const checkSeesDrift = saying('own');

/** Everything that a check which only reads leaves as it was. */
async function everything(context: PackContext): Promise<JsonObject> {
  const { ports, home, suffix } = context;
  const tree = Object.entries(await ports.state.tree(home)).map(
    ([path, { kind, mode, sha256: digest }]) => [path, kind, mode ?? '', digest ?? ''].join(' '),
  );
  const containers = (await ports.sandbox.list()).map(({ Id, State, ImageID }) =>
    [Id, State, ImageID].map(textIn).join(' '),
  );
  const images = (await ports.driver.images())
    .map(({ Id, RepoTags }) => JSON.stringify([Id ?? null, RepoTags ?? null]))
    .filter((each) => each.includes(suffix));
  return {
    home: sha256(tree.sort().join('\n')),
    containers: [...containers].sort(),
    images: [...images].sort(),
  };
}

export const checkReadOnly: PackCollector = { before: everything, after: everything };
