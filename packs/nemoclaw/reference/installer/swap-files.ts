import {
  chmodSync,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';
import { crashPoint } from '../shared/crash-point.ts';
import { mutant } from '../shared/mutant.ts';

const stagePrefix = '.openshell-install-';

/** In the target folder, so that a swap renames within one file system. */
export function makeStage(target: string): string {
  mkdirSync(target, { recursive: true });
  putBackLeft(target);
  const stage = join(target, `${stagePrefix}${String(process.pid)}`);
  mkdirSync(join(stage, 'replaced'), { recursive: true });
  return stage;
}

/** What an installer that was killed between two renames took away is put back. */
export function putBackLeft(target: string): void {
  if (!existsSync(target)) return;
  for (const name of readdirSync(target).filter((each) => each.startsWith(stagePrefix))) {
    const replaced = join(target, name, 'replaced');
    if (existsSync(replaced))
      for (const program of readdirSync(replaced))
        renameSync(join(replaced, program), join(target, program));
    rmSync(join(target, name), { recursive: true });
  }
}

/** All programs or none: whatever throws, the old ones are in their places again. */
export function swapFiles(stage: string, target: string, programs: readonly string[]): void {
  if (mutant('pin.write-in-place')) {
    for (const program of programs) {
      rmSync(join(target, program), { force: true });
      crashPoint('swapping');
      copyFileSync(join(stage, program), join(target, program));
    }
    return;
  }
  const replaced = join(stage, 'replaced');
  try {
    for (const program of programs) {
      chmodSync(join(stage, program), 0o755);
      const path = join(target, program);
      // A second name, not another place: at no moment is there no program.
      if (existsSync(path)) linkSync(path, join(replaced, program));
      crashPoint('swapping');
      renameSync(join(stage, program), path);
    }
  } catch (error) {
    putBackLeft(target);
    throw error;
  }
  rmSync(replaced, { recursive: true });
}
