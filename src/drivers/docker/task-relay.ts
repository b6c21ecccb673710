// An address on this host's loopback that leads into the network namespace of the running container. So
// an app that publishes no port can be asked, by checks of every kind, without a program in its image and
// without anybody else on the network reaching it. Nothing of it outlives this process.

import { spawn } from 'node:child_process';
import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

import { WorldError } from '../../ports/world-error.ts';

export type RelayTarget = {
  readonly pid: number;
  readonly port: number;
  /** The container's own addresses: some programs do not listen on loopback. */
  readonly addresses: readonly string[];
};

export type Relay = { readonly port: number; readonly close: () => void };

const connectionsMax = 64;

/** Joins its standard streams with the first address that takes a connection; ends when either side does. */
const join = `
use IO::Socket::INET; use IO::Select;
my ($port, @hosts) = @ARGV; my $peer;
for (@hosts) { last if $peer = IO::Socket::INET->new(PeerAddr => $_, PeerPort => $port, Timeout => 5) }
exit 1 unless $peer;
my $both = IO::Select->new(\\*STDIN, $peer);
while ($both->count) { for my $from ($both->can_read) {
  my $read = sysread($from, my $bytes, 65536);
  if (!$read) { exit 0 if $from == $peer; $both->remove($from); shutdown($peer, 1); next }
  my $to = $from == $peer ? \\*STDOUT : $peer;
  for (my $done = 0; $done < $read;) {
    my $wrote = syswrite($to, $bytes, $read - $done, $done); exit 0 unless $wrote; $done += $wrote }
} }`;

/** `find` is asked for each connection, since containers are replaced. Needs root, as the engine does. */
export async function openRelay(find: () => Promise<RelayTarget>): Promise<Relay> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    socket.on('error', () => socket.destroy());
    find().then(
      (target) => {
        connect(socket, target);
      },
      () => socket.destroy(),
    );
  });
  server.maxConnections = connectionsMax;
  await listening(server);
  // The run decides when the process ends, not this listener.
  server.unref();
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}

function connect(socket: Socket, { pid, port, addresses }: RelayTarget): void {
  const words = [String(port), '127.0.0.1', ...addresses];
  const child = spawn(
    'nsenter',
    ['--target', String(pid), '--net', 'perl', '-e', join, '--', ...words],
    { stdio: ['pipe', 'pipe', 'ignore'], env: { PATH: process.env['PATH'], LC_ALL: 'C' } },
  );
  child.once('error', () => socket.destroy());
  child.stdin.on('error', () => socket.destroy());
  child.stdout.on('error', () => socket.destroy());
  child.once('close', () => socket.end());
  socket.once('close', () => child.kill('SIGKILL'));
  socket.pipe(child.stdin);
  child.stdout.pipe(socket, { end: false });
}

function listening(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      reject(new WorldError('io', 'no port of the loopback could be opened', { cause }));
    });
    server.listen(0, '127.0.0.1', resolve);
  });
}
