import { expect, test } from 'vitest';

import type { SwarmFile } from '../../../src/drivers/docker/facts.ts';
import type { Instance } from '../../../src/drivers/docker/instance.ts';
import { makeFiles } from '../../../src/drivers/swarm/make-files.ts';
import type { JsonObject } from '../../../src/ports/json.ts';
import type { StackConfig } from '../../../src/ports/stack.ts';

type Asked = { readonly method?: string; readonly path: string; readonly json?: JsonObject };

/** What the engine is asked to change, when it has these configs. */
async function changes(config: StackConfig, present: readonly SwarmFile[]) {
  const asked: Asked[] = [];
  const instance = {
    context: { run: 'r1', app: 'notes', instance: 'note-1' },
    engine: {
      call: (call: Asked) => {
        if (call.method === 'POST') asked.push(call);
        return Promise.resolve({ status: 200, value: present });
      },
    },
    state: { secrets: {} },
  } as unknown as Instance;
  await makeFiles(instance, { name: 'n', services: {}, configs: { page: config } });
  return asked.map(({ path, json = {} }) => ({ path, data: json['Data'], labels: json['Labels'] }));
}

const ofHook: SwarmFile = {
  ID: 'c1',
  Version: { Index: 7 },
  Spec: { Name: 'n_page_v1', Labels: { own: 'yes' }, Data: 'eA==' },
};

test('a config that a hook made gets the mark of the run, and keeps its content', async () => {
  expect(await changes({ name: 'n_page_v1' }, [ofHook])).toMatchObject([
    {
      path: '/configs/c1/update?version=7',
      data: 'eA==',
      labels: { own: 'yes', 'seatrial.run': 'r1' },
    },
  ]);
});

test('one that no hook made is missed before anything is deployed', async () => {
  await expect(changes({ name: 'n_page_v1' }, [])).rejects.toMatchObject({ code: 'unavailable' });
});

test.each<[string, StackConfig]>([
  ['text', { name: 'n_page_v2', content: 'ÿ' }],
  ['bytes that are no text', { name: 'n_page_v2', content: 'w78=', encoding: 'base64' }],
])('content is sent byte for byte: %s', async (_, config) => {
  expect(await changes(config, [ofHook])).toMatchObject([
    { path: '/configs/create', data: 'w78=' },
  ]);
});
