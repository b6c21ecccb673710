import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  batchesOf,
  parseBatch,
  parseTree,
  type TreeFile,
} from '../../../src/drivers/git/export-tree.ts';

const object = (digit: string): string => digit.repeat(40);
const codeOf = (work: () => unknown): string => {
  try {
    work();
    return 'fine';
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe('a tree', () => {
  it('is read as git prints it', () => {
    const output = `100644 blob ${object('a')}       5\ta b\n\x00100664 blob ${object('b')} 1\tc\x00120000 blob ${object('c')} 2\td/e\x00`;
    expect(parseTree(Buffer.from(output))).toEqual([
      { path: 'a b\n', mode: '100644', object: object('a'), bytes: 5 },
      { path: 'c', mode: '100644', object: object('b'), bytes: 1 },
      { path: 'd/e', mode: '120000', object: object('c'), bytes: 2 },
    ]);
  });

  it.each([
    [`160000 commit ${object('a')} -\tsub\x00`, 'refused'],
    [`100600 blob ${object('a')} 1\tf\x00`, 'refused'],
    ['nonsense\x00', 'refused'],
    [`100644 blob ${object('a')} 1\tf\x00100644 blob ${object('a')} 1\tf\x00`, 'refused'],
    [`100644 blob ${object('a')} 999999999999\tf\x00`, 'limit'],
  ])('%j: %s', (output, code) => {
    expect(codeOf(() => parseTree(Buffer.from(output)))).toBe(code);
  });
});

const file = (bytes: number, index: number): TreeFile => ({
  path: String(index),
  mode: '100644',
  object: object('a'),
  bytes,
});

describe('batches', () => {
  it('keep all files in order and each fits', () => {
    const sizes = fc.array(fc.oneof(fc.nat(100), fc.integer({ min: 0, max: 70 * 2 ** 20 })));
    fc.assert(
      fc.property(sizes, (all) => {
        const files = all.map(file);
        const batches = batchesOf(files);
        expect(batches.flat()).toEqual(files);
        for (const batch of batches) {
          const bytes = batch.reduce((sum, one) => sum + one.bytes, 0);
          expect(batch.length === 1 || bytes <= 32 * 2 ** 20).toBe(true);
        }
      }),
    );
    expect(batchesOf(Array.from({ length: 4001 }, () => file(0, 0)))).toHaveLength(3);
  });

  it('are read whatever the contents are', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 50 })), (contents) => {
        const files = contents.map((content, index) => file(content.length, index));
        const output = Buffer.concat(
          contents.flatMap((content) => [
            Buffer.from(`${object('a')} blob ${String(content.length)}\n`),
            Buffer.from(content),
            Buffer.from('\n'),
          ]),
        );
        expect(parseBatch(output, files).map((bytes) => [...bytes])).toEqual(
          contents.map((content) => [...content]),
        );
      }),
    );
    expect(codeOf(() => parseBatch(Buffer.from(`${object('a')} missing\n`), [file(1, 0)]))).toBe(
      'io',
    );
  });
});
