// The running agent: its port on the sandbox's loopback, and a line a second that shows it lives.

import { appendFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { Failure } from '../shared/failure.ts';

export type Served = {
  readonly port: number;
  readonly heartbeat: string;
  readonly health: () => object;
  readonly status: () => object;
};

const heartbeatEveryMs = 1_000;

/** Until it is ended by a signal. */
export async function serveAgent({ port, heartbeat, health, status }: Served): Promise<number> {
  const server = createServer(({ url }, response) => {
    const answers: Readonly<Record<string, () => object>> = {
      '/health': health,
      '/status': status,
    };
    const answer = answers[url ?? ''];
    response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(`${JSON.stringify(answer?.() ?? { error: 'not found' })}\n`);
  });
  await new Promise<void>((resolve, reject) => {
    server.on('error', (error) => {
      reject(new Failure(1, error.message));
    });
    server.listen(port, '127.0.0.1', resolve);
  });
  const beat = (): void => {
    appendFileSync(heartbeat, `${new Date().toISOString()} ${String(process.pid)}\n`);
  };
  beat();
  const beating = setInterval(beat, heartbeatEveryMs);
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const)
      process.on(signal, () => {
        clearInterval(beating);
        server.close();
        server.closeAllConnections();
        resolve(0);
      });
  });
}
