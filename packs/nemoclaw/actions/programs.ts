// The product's programs as a run finds them, whichever subject they belong to.

import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const quoted = (word: string): string => `'${word.replaceAll("'", String.raw`'\''`)}'`;

const sha256 = (path: string): string =>
  createHash('sha256').update(readFileSync(path)).digest('hex');

/** As `writePrograms`, for programs that an installer of the run may replace. */
export function linkPrograms(work: string, programs: Readonly<Record<string, string>>): void {
  write(work, programs, () => '');
}

/**
 * Into `<work>/bin`, by name. A program that brings itself up to date in the middle of a run is refused from then on:
 * the evidence is about the one that was there when the run began.
 */
export function writePrograms(work: string, programs: Readonly<Record<string, string>>): void {
  write(work, programs, (path) => {
    const line = quoted(`${sha256(path)}  ${path}`);
    const said = quoted(`${path} is not what it was when the run began`);
    return `echo ${line} | sha256sum --check --status || { echo ${said} >&2; exit 126; }\n`;
  });
}

function write(
  work: string,
  programs: Readonly<Record<string, string>>,
  first: (path: string) => string,
): void {
  mkdirSync(join(work, 'bin'), { recursive: true, mode: 0o700 });
  for (const [name, path] of Object.entries(programs)) {
    const file = join(work, 'bin', name);
    writeFileSync(file, `#!/bin/sh\n${first(path)}exec ${quoted(path)} "$@"\n`);
    chmodSync(file, 0o755);
  }
}

/** Runs share an engine: images, containers and sockets of each carry its suffix. */
export const ownNames = (suffix: string): Readonly<Record<string, string>> => ({
  NEMOCLAW_IMAGE_NAMESPACE: `st-${suffix}`,
  // pack.yaml names the gateway's socket by this folder.
  OPENSHELL_RUN_FOLDER: `/tmp/st-${suffix}/openshell`,
});

export const environmentOf = ({
  work,
  suffix,
  path,
}: {
  readonly work: string;
  readonly suffix: string;
  readonly path: string;
}): Readonly<Record<string, string>> => ({
  PATH: `${join(work, 'bin')}:${path}`,
  ...ownNames(suffix),
});
