// Promises that users rely on, each with faults planted into a copy of the sources for which it must
// no longer hold. A promise that no fault can break would be no promise.

import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

export type Fault = {
  readonly what: string;
  /** Below `src`, without its ending. */
  readonly file: string;
  /** What stands there exactly once, and what stands there instead in the copy. */
  readonly from: string;
  readonly to: string;
  /** The promise that it breaks. */
  readonly breaks: string;
};

export type Promised<Sources> = {
  /** The folders of `src` that a copy has. */
  readonly folders: readonly string[];
  readonly load: (root: string) => Sources | Promise<Sources>;
  readonly promises: Readonly<Record<string, (sources: Sources) => void | Promise<void>>>;
  readonly faults: readonly Fault[];
};

const source = join(import.meta.dirname, '../src');

/** Declares a test for each promise, kept by the sources, and for each fault, which breaks one. */
export function describePromises<Sources>(promised: Promised<Sources>): void {
  const { load, promises, faults } = promised;
  let folder = '';
  beforeAll(() => {
    folder = fs.mkdtempSync(join(tmpdir(), 'seatrial-faults-'));
    fs.symlinkSync(join(source, '../node_modules'), join(folder, 'node_modules'));
    fs.copyFileSync(join(source, '../package.json'), join(folder, 'package.json'));
  });
  afterAll(() => {
    fs.rmSync(folder, { recursive: true, force: true });
  });

  describe('promises', () => {
    test.each(Object.entries(promises))('%s', async (_, holds) => {
      await holds(await load(source));
    });
  });

  describe('planted faults', () => {
    test.each(faults.map((fault, index) => [fault.what, fault, index] as const))(
      '%s: noticed',
      async (_, fault, index) => {
        const root = join(folder, String(index));
        plant(fault, promised.folders, root);
        const sources = await load(root);
        const promise = promises[fault.breaks];
        if (promise === undefined) throw new Error(`there is no promise: ${fault.breaks}`);
        await expect((async () => promise(sources))()).rejects.toThrow(/^expected /);
      },
    );

    test('every promise has a fault that breaks it', () => {
      const broken = new Set(faults.map(({ breaks }) => breaks));
      expect(Object.keys(promises).filter((name) => !broken.has(name))).toEqual([]);
    });
  });
}

/** The sources with one place changed; the place must be there exactly once. */
function plant({ file, from, to }: Fault, folders: readonly string[], root: string): void {
  for (const each of folders) fs.cpSync(join(source, each), join(root, each), { recursive: true });
  const path = join(root, `${file}.ts`);
  const pieces = fs.readFileSync(path, 'utf8').split(from);
  if (pieces.length !== 2)
    throw new Error(`${from} is ${String(pieces.length - 1)} times in ${file}`);
  fs.writeFileSync(path, pieces.join(to));
}
