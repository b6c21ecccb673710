// Options that plan and run share, and the inputs they are turned into.

import { dirname, isAbsolute, relative, resolve } from 'node:path';
import { storeOption } from './common-options.ts';
import { text, UsageError, type Option, type Terminal, type Values } from './command.ts';
import { storeOf } from './store.ts';

export const planOptions: readonly Option[] = [
  { name: 'manifest', short: 'm', value: 'FILE', summary: 'default ./seatrial.yaml' },
  {
    name: 'scenario',
    value: 'NAME|FILE',
    summary: 'lifecycle (default), fresh, or a scenario file',
  },
  {
    name: 'head',
    value: 'REF',
    summary: 'the code under test: a version, git ref, npm:…, git:…, dir:… or tar:…',
  },
  {
    name: 'base',
    value: 'REF',
    summary: 'the release to upgrade from; default the last published',
  },
  { name: 'ops', value: 'LIST', summary: 'only these operations and what they need, e.g. backup' },
  { name: 'no-last-green', summary: 'do not prefer the last release that passed here as base' },
  {
    name: 'accept-shrunk',
    value: 'REASON',
    summary: 'accept that checks of the last green run are no longer asked',
  },
  storeOption,
];

export type RunInputs = {
  readonly manifestPath: string;
  /** Whether --manifest named it. */
  readonly manifestGiven?: boolean;
  readonly folder: string;
  readonly store: string;
  readonly scenario: string;
  /** Absolute path, where `scenario` names a file. */
  readonly scenarioFile?: string;
  readonly head?: string;
  readonly base?: string;
  readonly ops?: string;
  readonly lastGreen: boolean;
  readonly acceptShrunk?: string;
};

const acceptReasonMin = 10;

export function readRunInputs(values: Values, terminal: Terminal): RunInputs {
  const manifest = text(values, 'manifest');
  const manifestPath = resolve(terminal.cwd, manifest ?? 'seatrial.yaml');
  const folder = dirname(manifestPath);
  const named = (name: 'head' | 'base'): string | undefined =>
    fromFolder(text(values, name), { cwd: terminal.cwd, folder });
  const [head, base, ops] = [named('head'), named('base'), text(values, 'ops')];
  const acceptShrunk = text(values, 'accept-shrunk');
  if (acceptShrunk !== undefined && acceptShrunk.trim().length < acceptReasonMin)
    throw new UsageError(
      `--accept-shrunk needs a reason of at least ${String(acceptReasonMin)} characters`,
    );
  return {
    manifestPath,
    manifestGiven: manifest !== undefined,
    folder,
    store: resolve(terminal.cwd, storeOf(values, terminal)),
    ...scenarioAsked(text(values, 'scenario') ?? 'lifecycle', terminal.cwd),
    ...(head === undefined ? {} : { head }),
    ...(base === undefined ? {} : { base }),
    ...(ops === undefined ? {} : { ops }),
    lastGreen: values['no-last-green'] !== true,
    ...(acceptShrunk === undefined ? {} : { acceptShrunk }),
  };
}

/** Who types a path means it from where they are; releases are named from the manifest's folder. */
function fromFolder(
  release: string | undefined,
  { cwd, folder }: { readonly cwd: string; readonly folder: string },
): string | undefined {
  const [, kind, path] = /^(dir|tar):(.+)$/s.exec(release ?? '') ?? [];
  if (kind === undefined || path === undefined || isAbsolute(path)) return release;
  return `${kind}:${relative(folder, resolve(cwd, path)) || '.'}`;
}

export const scenarioAsked = (
  scenario: string,
  folder: string,
): Pick<RunInputs, 'scenario' | 'scenarioFile'> =>
  /\.ya?ml$/.test(scenario) ? { scenario, scenarioFile: resolve(folder, scenario) } : { scenario };
