// One machine of the installer's scenario: a home with a folder of programs, and what was asked of the
// release host from there.

import type { JsonObject, PackContext } from 'seatrial';

export const programNames = ['openshell', 'openshell-gateway', 'openshell-sandbox'] as const;

export const machineHome = ({ home }: Pick<PackContext, 'home'>, machine: string): string =>
  `${home}/machines/${machine}`;

/** Folders of programs, in the order of PATH; the second only where a machine has two copies. */
export const programFolders = (
  context: Pick<PackContext, 'home'>,
  machine: string,
): readonly string[] => ['bin', 'second'].map((name) => `${machineHome(context, machine)}/${name}`);

export type MachineFacts = {
  /** What the program in the first folder says of itself; empty without one. */
  readonly version: string;
  readonly programs: JsonObject;
  /** Names in the folder, so that nothing unfinished is left. */
  readonly names: readonly string[];
  /** Below the release host, each once, sorted. */
  readonly requested: readonly string[];
  readonly requestedCount: number;
  readonly releases: readonly string[];
  readonly signed: number;
};

export async function lookAt(context: PackContext, machine: string): Promise<MachineFacts> {
  const { ports } = context;
  const [bin = ''] = programFolders(context, machine);
  const tree = await ports.state.tree(bin);
  // What was left half-written may not be a program at all, which is an answer too.
  const isProgram = /^0*[1357][0-7]{2}$/.test(tree['openshell']?.mode ?? '');
  const { stdout } = isProgram
    ? await ports.run({ argv: [`${bin}/openshell`, '--version'] })
    : { stdout: '' };
  const programs = Object.fromEntries(
    programNames.map((name) => {
      const { kind = 'absent', sha256 = 'absent', inode = 0 } = tree[name] ?? {};
      return [name, { kind, sha256, inode }];
    }),
  );
  const requested = await linesOf(context, machine, 'requested');
  return {
    version: versionIn(stdout),
    programs,
    names: Object.keys(tree)
      .filter((name) => name !== '.' && !name.includes('/'))
      .sort(),
    requested: [...new Set(requested)].sort(),
    requestedCount: requested.length,
    releases: [...new Set(requested.map((each) => each.split('/')[0] ?? ''))],
    signed: (await linesOf(context, machine, 'signed')).length,
  };
}

export const versionIn = (text: string): string => /\b(\d+\.\d+\.\d+)\b/.exec(text)?.[1] ?? '';

async function linesOf(
  context: PackContext,
  machine: string,
  name: string,
): Promise<readonly string[]> {
  const { text = '' } = await context.ports.state.read(`${machineHome(context, machine)}/${name}`);
  return text.split('\n').filter((line) => line !== '');
}
