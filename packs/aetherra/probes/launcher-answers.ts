// Whether each core service does something with a word that it cannot have known.

import { randomUUID } from 'node:crypto';
import { at, call, report, runTask } from './tool.ts';

await report(async () => {
  const nonce = randomUUID();
  const stored = await call('POST', '/api/memory/store', { body: { data: { nonce } } });
  const node = await call('GET', `/api/memory/node/${String(stored.json['node'])}`);
  const echo = await runTask('plugin_invoke', { plugin: 'echo', args: nonce });
  const asked = await call('POST', '/api/ai/ask', { body: { message: nonce } });
  const { json } = await call('GET', '/api/registry/status');
  const services = json['services'] as readonly Readonly<Record<string, string>>[];
  return {
    memory_system: at(node.json, 'data', 'nonce') === nonce,
    plugin_manager: echo.result['echo'] === nonce,
    aetherra_engine: String(at(asked.json, 'result', 'response')).includes(nonce),
    mocks: services.filter(({ impl }) => impl === 'mock').map(({ name }) => name),
  };
});
