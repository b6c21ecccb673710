// Asks the verifier of scripts that PATH names, as a person would.

import { spawnSync } from 'node:child_process';
import { basename } from 'node:path';
import { objectOf } from './tool.ts';

export type Verified = {
  readonly exit: number | null;
  /** Names of files without their ending. */
  readonly accepted: readonly string[];
  readonly refused: readonly string[];
};

export function verify(args: readonly string[]): Verified {
  const keys = process.env['SEATRIAL_KEYS'] ?? '';
  const { status, stdout } = spawnSync('aether', ['verify', '--json', '--keys', keys, ...args], {
    encoding: 'utf8',
  });
  const told = stdout
    .split('\n')
    .filter((line) => line !== '')
    .map(objectOf);
  const named = (isAccepted: boolean): readonly string[] =>
    told
      .filter(({ ok }) => (ok === true) === isAccepted)
      .map(({ file }) => basename(String(file), '.aether'))
      .sort();
  return { exit: status, accepted: named(true), refused: named(false) };
}
