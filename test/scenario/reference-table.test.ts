import { expect, test } from 'vitest';
import { renderManifestSchema } from '../../src/scenario/manifest-json-schema.ts';
import { manifestReference, referenceTable } from '../../src/scenario/reference-table.ts';

const cells = (row: string) => row.split(/(?<!\\)\|/).map((cell) => cell.trim());
const rows = manifestReference().trim().split('\n').slice(2).map(cells);

test('each key has a row with type, default and meaning', () => {
  expect(rows).toContainEqual([
    ...['', '`timeouts.deploy`', 'number 1–7200', '`600`', 'from start to ready', ''],
  ]);
  expect(rows).toContainEqual([
    ...['', '`process.start`', 'list of text', 'required'],
    expect.stringContaining('{release}'),
    '',
  ]);
  expect(rows.map((row) => row[1])).toEqual(
    expect.arrayContaining(
      Object.keys(renderManifestSchema()['properties'] as object).map((key) => `\`${key}\``),
    ),
  );
});

test('no row is without a meaning', () => {
  expect(rows.filter((row) => row[4] === '').map((row) => row[1])).toEqual([]);
  expect(rows.every((row) => row.length === 6)).toBe(true);
});

test('canary: a key without description is seen', () => {
  const table = referenceTable({ properties: { mute: { type: 'string' } } });
  expect(table).toContain('| `mute` | text |  |  |');
});
