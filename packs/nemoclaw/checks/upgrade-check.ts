// What `upgrade-sandboxes --check` says, held against what the sandboxes themselves say.

import type { JsonObject, PackCollector, PackContext } from 'seatrial';
import { besideName, registryEntry, sha256, textIn, versionIn } from './look-sandbox.ts';
import { livePolicy, lookAtSandbox, probeVersion, readUpgradeCheck } from './product-commands.ts';
import { agentVersions } from './releases.ts';

async function staleFacts(context: PackContext): Promise<JsonObject> {
  const { container } = await lookAtSandbox(context, context.name);
  return {
    live: await versionIn(context, container),
    registry: textIn((await registryEntry(context))['agentVersion']),
    released: (await agentVersions(context)).old,
  };
}

export const staleObserved: PackCollector = { before: staleFacts, after: staleFacts };

/** What the check said of one sandbox. */
const saying = (which: 'own' | 'lying'): PackCollector => ({
  after: async (context) => {
    const { exit, stdout } = context.action;
    const name = which === 'own' ? context.name : besideName(context, 'lying');
    const { isCurrent, lineOf } = readUpgradeCheck(stdout);
    return {
      ...{ exit, line: lineOf(name), ...(await agentVersions(context)) },
      saysCurrent: isCurrent,
      live: await probeVersion(context, name),
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
  const policies: string[] = [];
  for (const name of [context.name, besideName(context, 'lying')])
    policies.push(`${name} ${JSON.stringify(await livePolicy(context, name))}`);
  return {
    policies,
    home: sha256(tree.sort().join('\n')),
    containers: [...containers].sort(),
    images: [...images].sort(),
  };
}

export const checkReadOnly: PackCollector = { before: everything, after: everything };
