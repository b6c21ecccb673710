// The helper: first process of a sandbox's container. It tells the gateway that the sandbox is there,
// passes requests from the container's loopback on to the gateway's socket, and runs the command.

import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, request as ask, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { startProgram, warn } from '../shared/program.ts';
import { helperProtocol } from './features-current.ts';
import { inferenceHost } from './model.ts';

const socketPath = '/run/openshell/gateway.sock';
const proxyPort = 3128;
const inferencePort = 80;
const helloEveryMs = 1_000;
const settleMs = 500;

async function main(args: readonly string[]): Promise<number> {
  if (args[0] === 'pipe') return pipe(Number(args[1]));
  await serve(proxyPort, (request) => request.url ?? '');
  await serve(inferencePort, (request) => `http://${inferenceHost}${request.url ?? '/'}`);
  const child = args.length === 0 ? undefined : startCommand(args);
  const over = ended(child);
  // A command that ends at once was never there: nobody is told of it.
  await Promise.race([over, child === undefined ? undefined : sleep(settleMs)]);
  if (child?.exitCode == null && child?.signalCode == null) hello();
  setInterval(hello, helloEveryMs);
  process.exit(await over);
}

/** Joins standard input and output to a port of the sandbox's loopback. */
function pipe(port: number): Promise<number> {
  const socket = connect(port, '127.0.0.1');
  process.stdin.pipe(socket);
  socket.pipe(process.stdout);
  return new Promise((resolve) => {
    socket.on('error', (error) => {
      warn(error.message);
      resolve(1);
    });
    socket.on('end', () => {
      process.stdin.unpipe(socket).destroy();
      resolve(0);
    });
  });
}

function hello(): void {
  const asked = ask({ socketPath, method: 'POST', path: '/hello', timeout: 5_000 }, (answer) => {
    answer.resume();
    if (answer.statusCode === 426) warn('the gateway does not speak this protocol');
  });
  // While a gateway is being replaced nobody listens; the next hello finds the new one.
  asked.on('error', () => undefined);
  asked.end(JSON.stringify({ protocol: helperProtocol, pid: process.pid }));
}

function serve(port: number, urlOf: (request: IncomingMessage) => string): Promise<void> {
  const server = createServer((request, response) => {
    pass(urlOf(request), request, response);
  });
  return new Promise((resolve, reject) => {
    server.on('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
}

function pass(path: string, request: IncomingMessage, response: ServerResponse): void {
  const { method, headers } = request;
  const onward = ask({ socketPath, method, path, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  onward.on('error', (error) => {
    if (!response.headersSent) response.writeHead(502);
    response.end(`${JSON.stringify({ error: `gateway unreachable: ${error.message}` })}\n`);
  });
  request.pipe(onward);
}

/** What the last start was given beside the container's own environment. */
function given(): Readonly<Record<string, string>> {
  try {
    const text = readFileSync('/run/openshell/environment.json', 'utf8');
    return JSON.parse(text) as Record<string, string>;
  } catch {
    return {};
  }
}

function startCommand([program = '', ...args]: readonly string[]): ChildProcess {
  return spawn(program, args, { stdio: 'inherit', env: { ...process.env, ...given() } });
}

/** The command's exit code; without a command, until somebody ends the container. */
function ended(child: ChildProcess | undefined): Promise<number> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const)
      process.on(signal, () => {
        if (child === undefined) resolve(0);
        else child.kill(signal);
      });
    child?.on('error', (error) => {
      warn(`the command could not start: ${error.message}`);
      resolve(127);
    });
    child?.on('close', (code) => {
      resolve(code ?? 143);
    });
  });
}

void startProgram('openshell-sandbox', main);
