import { prctlNumbers } from './guardian.ts';
import { launchGuarded } from './launch-guarded.ts';
import { launchPlain } from './launch-plain.ts';
import type { Launched, LaunchOptions } from './launched.ts';

/** Returns when the command runs. Throws `not-found`, `permission`, `limit` or `io` when it cannot. */
export async function launch(options: LaunchOptions): Promise<Launched> {
  const prctl = prctlNumbers[process.arch];
  return options.perl === undefined || prctl === undefined
    ? launchPlain(options)
    : launchGuarded(options.perl, prctl, options);
}
