// Whether the policy that clients are shown is the one that they meet.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { at, call, objectOf, report, runTask, withKernel } from './tool.ts';

const token = 'token-of-ann';
const maxTokens = 5;
const env = {
  AETHERRA_AI_API_REQUIRE_TOKEN: '1',
  AETHERRA_AI_API_TOKEN: token,
  AETHERRA_CHAT_MAX_TOKENS: String(maxTokens),
  AETHERRA_NETWORK_ALLOWLIST: 'allowed.test',
  SEATRIAL_KERNEL_HOSTS: 'allowed.test=127.0.0.1,denied.test=127.0.0.1',
};

const words = (text: unknown): number => String(text).match(/\S+/gu)?.length ?? 0;

async function look(url: string, port: number) {
  const headers = { authorization: `Bearer ${token}` };
  const body = { message: 'much' };
  const stranger = await call('POST', `${url}/api/ai/ask`, { body });
  const asked = await call('POST', `${url}/api/ai/ask`, { headers, body });
  const shown = objectOf(asked.headers.get('x-aetherra-policy') ?? '');
  const reach = async (host: string): Promise<unknown> => {
    const data = { plugin: 'http_get', url: `http://${host}:${String(port)}/` };
    return (await runTask('plugin_invoke', data, { url })).result['ok'];
  };
  return {
    shown: {
      require_token: shown['require_token'],
      max_tokens: shown['max_tokens'],
      allowlist: at(shown, 'network_policy', 'allowlist'),
    },
    stranger: stranger.status,
    words: words(at(asked.json, 'result', 'response')),
    listed: await reach('allowed.test'),
    unlisted: await reach('denied.test'),
  };
}

await report(async () => {
  let connections = 0;
  const server = createServer((_request, response) => response.end('reached'));
  server.on('connection', () => (connections += 1));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const facts = await withKernel(env, (url) => look(url, port));
  server.close();
  return { ...facts, connections };
});
