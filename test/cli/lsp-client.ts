// A client of the language server in a child process, on the library that editors use.

import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import {
  createProtocolConnection,
  PublishDiagnosticsNotification,
  StreamMessageReader,
  StreamMessageWriter,
  type Diagnostic,
  type InitializeResult,
  type ProtocolConnection,
} from 'vscode-languageserver/node';

export type Client = {
  readonly child: ChildProcessWithoutNullStreams;
  readonly connection: ProtocolConnection;
  readonly initialized: InitializeResult;
  /** Sends a notification and waits for the diagnostics that follow. */
  readonly tell: (method: string, params: unknown) => Promise<readonly Diagnostic[]>;
  readonly close: () => Promise<number | null>;
};

export function spawnServer(cwd: string): ChildProcessWithoutNullStreams {
  const program = new URL('../../src/cli/main.ts', import.meta.url).pathname;
  const argv = ['--import', import.meta.resolve('tsx'), program, 'aether', 'lsp', '--stdio'];
  return spawn(process.execPath, argv, { cwd });
}

export async function openClient(
  cwd: string,
  positionEncodings?: readonly string[],
): Promise<Client> {
  const child = spawnServer(cwd);
  const connection = createProtocolConnection(
    new StreamMessageReader(child.stdout),
    new StreamMessageWriter(child.stdin),
  );
  const waiting: ((diagnostics: readonly Diagnostic[]) => void)[] = [];
  connection.onNotification(PublishDiagnosticsNotification.type, ({ diagnostics }) => {
    waiting.shift()?.(diagnostics);
  });
  connection.listen();
  const general = positionEncodings === undefined ? {} : { general: { positionEncodings } };
  const initialized = await connection.sendRequest<InitializeResult>('initialize', {
    processId: process.pid,
    rootUri: null,
    capabilities: general,
  });
  await connection.sendNotification('initialized', {});
  return {
    child,
    connection,
    initialized,
    tell: async (method, params) => {
      const told = new Promise<readonly Diagnostic[]>((resolve) => waiting.push(resolve));
      await connection.sendNotification(method, params);
      return told;
    },
    close: async () => {
      const ended = once(child, 'exit');
      await connection.sendRequest('shutdown');
      await connection.sendNotification('exit');
      const [code] = (await ended) as [number | null];
      connection.dispose();
      return code;
    },
  };
}
