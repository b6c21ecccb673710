import { expect, test } from 'vitest';
import { systemIds } from '../../src/drivers/ids.ts';
import { readMarkers, writeMarkers } from '../../src/lifecycle/data-markers.ts';
import type { Session } from '../../src/lifecycle/session.ts';
import { manifestOf } from './harness.ts';

function sessionWith(more = '', volumes: readonly string[] = ['data', 'cache']) {
  const written = new Map<string, Uint8Array>();
  const session = {
    run: 'run-1',
    world: { ids: systemIds },
    manifest: manifestOf(more),
    memory: {
      snapshot: { volumes: volumes.map((name) => ({ name, id: name })) },
      deployment: {
        volumeWrite: (volume: string, path: string, bytes: Uint8Array) =>
          Promise.resolve(void written.set(`${volume}/${path}`, bytes)),
        volumeRead: (volume: string, path: string) =>
          Promise.resolve(written.get(`${volume}/${path}`)),
      },
    },
  } as unknown as Session;
  return { session, written };
}

test('each volume gets a value of its own, which is read back as written', async () => {
  const { session } = sessionWith();
  const markers = await writeMarkers(session, 'm1');
  expect(Object.keys(markers)).toEqual(['data', 'cache']);
  expect(new Set(Object.values(markers)).size).toBe(2);
  expect(markers['data']).toContain('"sequence":"m1"');
  expect(await readMarkers(session, ['data', 'cache'])).toEqual(markers);
});

test('nobody can guess the next value', async () => {
  const { session } = sessionWith();
  const [first, second] = [await writeMarkers(session, 'm1'), await writeMarkers(session, 'm1')];
  expect(first['data']).not.toBe(second['data']);
});

test('a marker that is gone is not one that is empty', async () => {
  const { session, written } = sessionWith();
  await writeMarkers(session, 'm1');
  const [path = ''] = written.keys();
  written.set(path, new Uint8Array());
  expect(await readMarkers(session, ['data', 'other'])).toEqual({ data: '', other: undefined });
});

test.each([
  ['data: { markers: { off: the app reads every file } }', []],
  ['data: { exclude: [cache] }', ['data']],
])('%s', async (more, volumes) => {
  const { session, written } = sessionWith(more);
  expect(Object.keys(await writeMarkers(session, 'm1'))).toEqual(volumes);
  expect(written.size).toBe(volumes.length);
});
