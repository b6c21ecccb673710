// Workflow files to measure with: seeded, all kinds of statements, one in twenty with a fault.

import { linkSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { faults, generateScript, makeRandom, plant } from '../test/aether/generate.ts';

const linesPerFile = 100;
const faultyShare = 0.05;

/** Paths of so many files in a new folder. */
export function writeScripts(folder: string, count: number): string[] {
  mkdirSync(folder, { recursive: true });
  const random = makeRandom(42);
  return Array.from({ length: count }, (_, at) => {
    const lines = generateScript(random, linesPerFile).slice(0, linesPerFile + 20);
    const fault = random() < faultyShare ? faults[at % faults.length] : undefined;
    const planted = fault === undefined ? undefined : plant(random, lines, fault);
    const path = join(folder, `${String(at)}.aether`);
    writeFileSync(path, `${(planted?.lines ?? lines).join('\n')}\n`);
    return path;
  });
}

const perFolder = 1000;

/** A tree of so many names for these files; the disk holds each content once. */
export function linkScripts(paths: readonly string[], folder: string, count: number): void {
  for (let at = 0; at < count; at += 1) {
    const inner = join(folder, String(Math.floor(at / perFolder)));
    if (at % perFolder === 0) mkdirSync(inner, { recursive: true });
    const path = paths[at % paths.length];
    if (path !== undefined) linkSync(path, join(inner, `${String(at)}.aether`));
  }
}
