import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256 } from '../shared/canonical.ts';
import { Failure } from '../shared/failure.ts';

export type Folders = {
  readonly state: string;
  /** Sockets are here: their paths must be short, and a home's path may be long. */
  readonly run: string;
  readonly socket: string;
  /** Names this gateway in labels of containers. */
  readonly gatewayId: string;
};

/** The kernel's limit for a socket's path, less its final zero. */
const socketPathMax = 107;

export function foldersOf(env: NodeJS.ProcessEnv = process.env): Folders {
  const home = env['HOME'] ?? homedir();
  const state = join(home, '.local/state/nemoclaw/openshell-docker-gateway');
  const gatewayId = sha256(state).slice(0, 8);
  const runtime = env['XDG_RUNTIME_DIR'] ?? tmpdir();
  const run = env['OPENSHELL_RUN_FOLDER'] ?? join(runtime, `openshell-${gatewayId}`);
  const socket = join(run, 'gateway.sock');
  if (join(run, '00000000/gateway.sock').length > socketPathMax)
    throw new Failure(1, `${run} is too long a path for sockets: set XDG_RUNTIME_DIR`);
  return { state, run, socket, gatewayId };
}

/** The folder that is mounted into a container as /run/openshell. */
export function mountFolder({ run }: Folders, container: string): string {
  return join(run, container);
}
