import { createServer, type Socket } from 'node:net';
import { Failure, usage } from '../shared/failure.ts';
import { parseArguments } from '../shared/parse-arguments.ts';
import { say } from '../shared/program.ts';
import { execThroughGateway } from './ask-gateway.ts';

const forwardUsage = 'openshell forward NAME HOSTPORT:PORT';

/** Connections to a port of this host's loopback go to a port of the sandbox's, until it is ended. */
export async function forward(args: readonly string[]): Promise<number> {
  const [name, ports = ''] = parseArguments(args, {}, forwardUsage).words;
  const [, hostPort, port] = /^(\d{1,5}):(\d{1,5})$/.exec(ports) ?? [];
  if (name === undefined || hostPort === undefined || port === undefined) throw usage(forwardUsage);
  const server = createServer((socket) => {
    pipe(name, port, socket).catch(() => socket.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.on('error', (error) => {
      reject(new Failure(1, error.message));
    });
    server.listen(Number(hostPort), '127.0.0.1', resolve);
  });
  const address = server.address();
  say(`forwarding 127.0.0.1:${String(typeof address === 'object' ? address?.port : hostPort)}`);
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const)
      process.once(signal, () => {
        server.close();
        resolve(0);
        process.exit(0);
      });
  });
}

async function pipe(name: string, port: string, socket: Socket): Promise<void> {
  socket.on('error', () => undefined);
  const argv = ['node', '/run/openshell/openshell-sandbox', 'pipe', port];
  await execThroughGateway(
    { name, argv },
    { input: socket, stdout: (bytes) => socket.write(bytes), stderr: () => undefined },
  );
  socket.end();
}
