// Whether what was stored is there after a restart.

import { isDeepStrictEqual } from 'node:util';
import { at, call, report, withKernel } from './tool.ts';

const data = { messages: ['Hi'], kind: 'conversation' };
const folder = '.probe-memory';

const totalOf = async (url: string): Promise<unknown> =>
  at((await call('GET', `${url}/api/memory/status`)).json, 'node_statistics', 'total_nodes');

await report(async () => {
  const before = await withKernel(
    {},
    async (url) => {
      const { json } = await call('POST', `${url}/api/memory/store`, { body: { data } });
      return { node: String(json['node']), total: await totalOf(url) };
    },
    folder,
  );
  const after = await withKernel(
    {},
    async (url) => {
      const { json } = await call('GET', `${url}/api/memory/node/${before.node}`);
      return { same: isDeepStrictEqual(json['data'], data), total: await totalOf(url) };
    },
    folder,
  );
  return { restart_ok: after.same, total_before: before.total, total_after: after.total };
});
