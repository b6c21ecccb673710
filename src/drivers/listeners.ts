import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Listeners } from '../ports/listeners.ts';

/** On 127.0.0.1 and ports that the kernel chooses. */
export const systemListeners: Listeners = {
  open: async ({ status, body }) => {
    let connections = 0;
    const server = createServer((_request, response) => {
      response.writeHead(status, { 'content-type': 'text/plain' }).end(body);
    });
    server.on('connection', () => {
      connections += 1;
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ port: 0, host: '127.0.0.1' }, resolve);
    });
    return {
      port: (server.address() as AddressInfo).port,
      connections: () => connections,
      close: () =>
        new Promise((resolve) => {
          server.close(() => {
            resolve();
          });
          server.closeAllConnections();
        }),
    };
  },
};
