// Where the acceptance of the pack plays: a copy of it in a repository of its own.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Ended, run } from './steps.ts';

export type Stage = {
  /** The repository; `pack` lies in it. */
  readonly folder: string;
  readonly pack: string;
  /** Where commands run and write. */
  readonly work: string;
  readonly git: (...args: readonly string[]) => Promise<string>;
  readonly seatrial: (
    args: readonly string[],
    options?: Parameters<typeof run>[2],
  ) => Promise<Ended>;
};

export type GateResults = {
  readonly _meta: Readonly<Record<string, unknown>>;
} & Readonly<
  Record<
    string,
    {
      readonly state: string;
      readonly duration_sec: number;
      readonly details: Readonly<Record<string, unknown>>;
    }
  >
>;

/** Of the newest gate run that wrote to `work`, or to a folder below it. */
export const readResults = ({ work }: Stage, folder = '.'): GateResults =>
  JSON.parse(readFileSync(join(work, folder, 'gate_results.json'), 'utf8')) as GateResults;

export const readSignOff = ({ work }: Stage, folder = '.'): string =>
  readFileSync(join(work, folder, 'gate_sign_off.md'), 'utf8');

export const isThere = ({ work }: Stage, ...path: readonly string[]): boolean =>
  existsSync(join(work, ...path));
