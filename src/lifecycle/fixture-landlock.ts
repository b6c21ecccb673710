// Kind `landlock`: a launcher for actions. Its rules bind the program that it starts and die with it; what has to be
// put back is the launcher alone.

import { sha256Hex } from '../evidence/canonical.ts';
import type { FixtureReader } from '../ports/fixtures.ts';
import { WorldError } from '../ports/world-error.ts';
import type { FixtureInputs } from '../scenario/fixture-inputs.ts';
import type { FixturePlace, Kind } from './fixture-kind.ts';
import { landlockLauncher } from './landlock-launcher.ts';
import { absentDigest, digestPath } from './path-digest.ts';
import { perl, renamesTold } from './rename-probe.ts';

type Landlock = FixtureInputs['landlock'];

const folderOf = ({ work, id }: FixturePlace): string => `${work}/fixture-${id}`;

export const landlockKind: Kind<Landlock> = {
  locks: (_reader, _inputs, place) =>
    Promise.resolve([`fixture-${sha256Hex(folderOf(place)).slice(0, 32)}`]),
  observe: async (reader, { abi }, place) => {
    const target = folderOf(place);
    await assertKernel(reader, abi, place);
    const { digest } = await digestPath(reader, target);
    if (digest !== absentDigest) throw new WorldError('refused', `${target} is there already`);
    return { target, pre: { digest } };
  },
  apply: async ({ files }, inputs, _place, { target }) => {
    const path = `${target}/launch`;
    const script = landlockLauncher(inputs);
    for (const each of ['across', 'within'])
      await files.makeDirectory(`${target}/probe/${each}`, 0o755);
    for (const each of ['across/moved', 'within/kept'])
      await files.replace(`${target}/probe/${each}`, '');
    await files.replace(path, script, 0o755);
    return { outputs: { path }, wrote: [sha256Hex(script)], details: { abi: inputs.abi } };
  },
  probe: async (reader, { abi }, place, { target, outputs: { path } }) => {
    if (path === undefined) throw new WorldError('not-found', 'there is no launcher');
    const probe = `${target}/probe`;
    const observed = await renamesTold(reader, place, {
      // The probe's folder alone is granted, so that only the version decides: the rules may allow the very place that
      // the store lies in.
      before: ['perl', path, '--narrow', '--read', '/', '--write', probe],
      pairs: {
        across: { from: `${probe}/across/moved`, to: `${probe}/moved` },
        within: { from: `${probe}/within/kept`, to: `${probe}/within/kept-too` },
        outside: { from: path, to: `${path}-too` },
      },
    });
    return {
      observed,
      expect: [
        { at: '/across/errno', op: 'equals', value: abi === 1 ? 'EXDEV' : 'done' },
        { at: '/across/device', op: 'equals', value: 'same' },
        { at: '/within/errno', op: 'equals', value: 'done' },
        { at: '/outside/errno', op: 'equals', value: 'EACCES' },
      ],
    };
  },
  digests: async (reader, { target }) => ({
    target: (await digestPath(reader, target)).digest,
    neighbours: null,
  }),
  undo: async ({ files }, { target }) => {
    await files.remove(target);
    return {};
  },
};

const versionAsked = 'print 0 + syscall(444, 0, 0, 1)';

/** A host that cannot restrict anything must not look as if it had. */
async function assertKernel(
  { commands }: FixtureReader,
  abi: number,
  { env, work }: FixturePlace,
): Promise<void> {
  const { stdout } = await commands.run({
    ...{ argv: perl(versionAsked), env, cwd: work },
    ...{ timeoutMs: 10_000, outputLimitBytes: 4096 },
  });
  const version = Number(new TextDecoder().decode(stdout));
  if (version >= abi) return;
  throw new WorldError(
    'unavailable',
    `environment-unmet: it needs Landlock ${String(abi)}, and this kernel has ${version > 0 ? String(version) : 'none'}`,
  );
}
