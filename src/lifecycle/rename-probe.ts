// Bare renames, told by the kernel's own number: `mv` would copy where a rename fails, and hide what is asked here.

import type { FixtureReader } from '../ports/fixtures.ts';
import type { JsonObject } from '../ports/json.ts';
import { WorldError } from '../ports/world-error.ts';
import type { FixturePlace } from './fixture-kind.ts';

type Argv = readonly [string, ...string[]];

export const perl = (script: string): Argv => ['perl', '-e', script];

/** For each pair of paths its errno, and whether both are in folders of one device. What was moved goes back. */
const script = `
while (my ($from, $to) = splice(@ARGV, 0, 2)) {
  my ($above, $below) = map { m{^(.*)/[^/]*$}; (lstat("$1/."))[0] } ($from, $to);
  my $errno = rename($from, $to) ? 0 : $! + 0;
  rename($to, $from) if $errno == 0;
  print $errno, ' ', $above == $below ? 'same' : 'other', "\\n";
}`;

/** Numbers of Linux, which are the same on every architecture that this runs on. */
const names: Readonly<Record<string, string>> = {
  0: 'done',
  1: 'EPERM',
  2: 'ENOENT',
  13: 'EACCES',
  18: 'EXDEV',
};

export type RenamePair = { readonly from: string; readonly to: string };

/** By name: what a rename ended with, and whether both folders are on one device. */
export async function renamesTold(
  { commands }: Pick<FixtureReader, 'commands'>,
  { env, work }: Pick<FixturePlace, 'env' | 'work'>,
  {
    pairs,
    before = [],
  }: {
    readonly pairs: Readonly<Record<string, RenamePair | undefined>>;
    /** Words that go before the command. */
    readonly before?: readonly string[];
  },
): Promise<JsonObject> {
  const asked = Object.entries(pairs).filter(([, pair]) => pair !== undefined);
  const paths = asked.flatMap(([, pair]) => (pair === undefined ? [] : [pair.from, pair.to]));
  const { stdout, stderr } = await commands.run({
    argv: [...before, ...perl(script), ...paths] as [string, ...string[]],
    ...{ env, cwd: work, timeoutMs: 30_000, outputLimitBytes: 65_536 },
  });
  const lines = new TextDecoder().decode(stdout).trim().split('\n');
  if (lines.length !== asked.length || lines[0] === '')
    throw new WorldError(
      'app-failed',
      `no rename was told: ${new TextDecoder().decode(stderr).slice(0, 500)}`,
    );
  const told = asked.map(([name], index) => {
    const [errno = '', device = ''] = (lines[index] ?? '').split(' ');
    return [name, { errno: names[errno] ?? errno, device }] as const;
  });
  return Object.fromEntries(told);
}
