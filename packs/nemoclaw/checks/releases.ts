// Which versions of an agent the releases of a run bring, by what the subject says of itself.

import type { PackContext } from 'seatrial';
import { agentOf, buildOf, objectIn, parsed, textIn } from './look-sandbox.ts';

/** Written by subjects whose releases are refs of a checkout; the reference's are folders with a build.json. */
export const releasesFile = ({ work }: Pick<PackContext, 'work'>): string =>
  `${work}/releases.json`;

export async function agentVersions(
  context: PackContext,
): Promise<{ readonly old: string; readonly head: string }> {
  const agent = agentOf(context);
  const { kind, text } = await context.ports.state.read(releasesFile(context));
  if (kind === 'absent') {
    const builds = [await buildOf(context, agent, 'old'), await buildOf(context, agent, 'head')];
    const [old = '', head = ''] = builds.map(({ version }) => version);
    return { old, head };
  }
  const told = objectIn(parsed(text));
  const versionIn = (which: 'old' | 'head'): string => textIn(objectIn(told[which])[agent]);
  return { old: versionIn('old'), head: versionIn('head') };
}
