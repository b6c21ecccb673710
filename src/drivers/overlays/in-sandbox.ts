// Checks of a change under test: the same runners, whose every command runs in a sandbox, and which know
// less about the deployment.

import type { OverlayFacts, OverlayRunOptions } from '../../ports/overlays.ts';
import type { Sandbox } from '../../ports/sandbox.ts';
import type { Job, World } from './job.ts';

/** Nothing but what the specification lets into a sandbox; the app under an address that exists there. */
export function foreignFacts(
  facts: OverlayFacts,
  { foreign }: OverlayRunOptions,
  sandbox: Sandbox,
): OverlayFacts {
  if (foreign?.authority !== 'sandboxed') return facts;
  const { app, operation, stage, domain, url } = facts;
  return {
    ...{ app, operation, stage, snapshots: {}, markers: [], deps: {}, env: {} },
    ...(domain === undefined ? {} : { domain }),
    ...(url === undefined ? {} : { url: sandbox.addressOf(url) }),
  };
}

/** `facts` as the harness has them: the sandbox is told where the app really is. */
export async function boundWorld(
  world: World,
  sandbox: Sandbox,
  {
    job,
    options,
    facts,
  }: {
    readonly job: Job;
    readonly options: OverlayRunOptions;
    readonly facts: OverlayFacts;
  },
): Promise<World> {
  const { foreign } = options;
  if (foreign?.authority !== 'sandboxed') return world;
  const python = job.selection.kind === 'pytest' ? await sandbox.python() : undefined;
  return {
    ...world,
    processes: {
      find: (program) => Promise.resolve(program === 'python3' ? python?.program : undefined),
      run: async ({ argv, cwd, env, timeoutMs, stdin, graceMs, signal, channel, onChannel }) => {
        const { flooded, ...result } = await sandbox.run({
          ...{ argv, cwd, env, timeoutMs, results: job.results },
          readOnly: [foreign.root, job.scratch, ...(python?.readOnly ?? [])],
          ...(facts.url === undefined ? {} : { url: facts.url }),
          ...(stdin === undefined ? {} : { stdin }),
          ...(graceMs === undefined ? {} : { graceMs }),
          ...(signal === undefined ? {} : { signal }),
          ...(channel === undefined ? {} : { channel }),
          ...(onChannel === undefined ? {} : { onChannel }),
        });
        return flooded
          ? { ...result, exitCode: undefined, signal: 'the limit of its output' }
          : result;
      },
    },
  };
}
