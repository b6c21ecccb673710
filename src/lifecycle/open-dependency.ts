// The session of an app that is deployed beside the app: the same run, the same journal, another app. What is
// recorded of it stands with the operation of the run during which it happened, under the dependency's name.

import type { Entry } from '../evidence/record.ts';
import type { Deployment, InstanceContext } from '../ports/app-driver.ts';
import { resolveEnvironment } from './environment.ts';
import type { PlannedDependency } from './planned-run.ts';
import { makeRecorder, type Journal, type PutObject } from './recorder.ts';
import { secretNamesOf } from './run-secrets.ts';
import type { Dependency, Memory, Session } from './session.ts';

/** What the deployments of one run share. */
export type OpenShared = {
  readonly journal: Journal;
  readonly put: PutObject;
  readonly open: (own: OwnContext) => Promise<Deployment>;
};

export type OwnContext = Pick<
  InstanceContext,
  'app' | 'instance' | 'settings' | 'env' | 'upgradeEnv' | 'secretNames' | 'dependency'
>;

export const emptyMemory = (): Memory => ({
  ...{ held: new Set(), lasting: [], images: new Set(), logHits: [], logBytes: 0, unscanned: [] },
});

export function openDependency(
  session: Omit<Session, 'base'>,
  { as, given, folder, settings, head, plan }: PlannedDependency,
  { journal, put, open }: OpenShared,
): Dependency {
  const { world } = session;
  const { app, instance, hooks, manifest } = plan;
  // The app's own secrets, planted ones among them, are none of its business.
  const secrets = { ...session.secrets, planted: [] };
  const environment = resolveEnvironment(world, manifest, secrets);
  const secretNames = secretNamesOf(manifest, secrets);
  const append: Journal['append'] = (entry, options) => journal.append(named(as, entry), options);
  const recorder = makeRecorder(
    { ...journal, append },
    (path, bytes, mediaType) => put(`dependencies/${as}/${path}`, bytes, mediaType),
    world.clock,
  );
  return {
    as,
    given,
    session: {
      ...session,
      ...{ plan: { ...session.plan, app, instance, hooks }, manifest, folder, head },
      ...{ checksFolder: `${folder}/checks`, secrets, recorder, secretNames, dependencies: [] },
      ...environment,
      // Its images are the host's to keep, like the app's.
      memory: { ...emptyMemory(), images: session.memory.images },
      openDeployment: () =>
        open({ app, instance, settings, ...environment, secretNames, dependency: true }),
    },
  };
}

/** `logs.<name>` is shown with the logs of the run; everything else is told from the app's own. */
function named(as: string, entry: Entry): Entry {
  if (entry.type !== 'observation') return entry;
  const { what } = entry.data;
  return {
    ...entry,
    data: { ...entry.data, what: what === 'logs' ? `logs.${as}` : `${what}-of-${as}` },
  };
}
