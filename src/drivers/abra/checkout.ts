// The checkout that abra deploys from. abra moves it on its own, so it is set right before it is used, and
// looked at before and after.

import type { Processes } from '../../ports/processes.ts';
import { WorldError } from '../../ports/world-error.ts';
import { gitError, makeGitCommand } from '../git/git-command.ts';
import { systemPath } from './system-path.ts';

export type Checkout = {
  readonly set: (commit: string) => Promise<void>;
  /** Throws `foreign-change` unless that commit is checked out and nothing else lies there. */
  readonly verify: (commit: string) => Promise<void>;
};

export function openCheckout(processes: Processes, repository: string): Checkout {
  const git = makeGitCommand({ processes, env: { PATH: systemPath } });
  const said = async (args: readonly string[]): Promise<string> => {
    const result = await git({ repository, args });
    if (result.exitCode !== 0) throw gitError(args.join(' '), result);
    return Buffer.from(result.stdout).toString('utf8').trim();
  };
  const verify = async (commit: string): Promise<void> => {
    const head = await said(['rev-parse', 'HEAD']);
    if (head !== commit)
      throw new WorldError('foreign-change', `abra's checkout is at ${head}, not at ${commit}`);
    const changed = await said(['status', '--porcelain=v1', '--untracked-files=all']);
    if (changed !== '')
      throw new WorldError(
        'foreign-change',
        `abra's checkout is changed: ${changed.slice(0, 500)}`,
      );
  };
  return {
    set: async (commit) => {
      await said(['checkout', '--quiet', '--detach', commit]);
      await verify(commit);
    },
    verify,
  };
}
