import { spawn } from 'node:child_process';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { encodeFrame, frameKinds } from './exec-frames.ts';

/** What the engine's client says when the command never ran. */
const neverRan = /OCI runtime exec failed|executable file not found|unable to start container/;

const couldNotStart = 125;

type Command = {
  readonly container: string;
  readonly user: string;
  readonly argv: readonly string[];
};

/** Runs a command in a container: the request's body is its input, the answer its output in frames. */
export function execInContainer(
  { container, user, argv }: Command,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const child = spawn('docker', ['exec', '-i', '-u', user, container, ...argv]);
  let said = '';
  response.writeHead(200);
  // Headers go before the first output, so that a silent command is not taken for a dead gateway.
  response.flushHeaders();
  const pass = (kind: number) => (chunk: Buffer) => {
    said = `${said}${chunk.toString('latin1')}`.slice(0, 4096);
    for (let at = 0; at < chunk.length; at += 1 << 16)
      response.write(encodeFrame(kind, chunk.subarray(at, at + (1 << 16))));
  };
  child.stdout.on('data', pass(frameKinds.stdout));
  child.stderr.on('data', pass(frameKinds.stderr));
  child.stdin.on('error', () => undefined);
  request.pipe(child.stdin);
  response.on('close', () => child.kill('SIGKILL'));
  const end = (code: number): void => {
    const told = code >= 126 && neverRan.test(said) ? couldNotStart : code;
    response.end(encodeFrame(frameKinds.exit, Buffer.from([told])));
  };
  child.on('error', () => {
    end(couldNotStart);
  });
  child.on('close', (code) => {
    end(code ?? 137);
  });
}
