// Lets the kernel call an address. Exit code 0: it was reached; 7: the policy denied it; 8: anything
// else. `redirect:` before the address: an allowed host sends the kernel there.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { runTask } from './tool.ts';

const [, , , destination = ''] = process.argv;
const prefix = 'redirect:';

async function outcome(url: string): Promise<number> {
  const { result } = await runTask('plugin_invoke', { plugin: 'http_get', url });
  if (result['ok'] === true) return 0;
  return result['error'] === 'network_denied' ? 7 : 8;
}

async function throughRedirect(location: string): Promise<number> {
  const server = createServer((_request, response) => {
    response.writeHead(302, { location }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const code = await outcome(`http://allowed.test:${String(port)}/`);
  server.close();
  return code;
}

process.exitCode = destination.startsWith(prefix)
  ? await throughRedirect(destination.slice(prefix.length))
  : await outcome(destination);
