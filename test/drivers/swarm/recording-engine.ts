// An engine that makes nothing: it answers as a Swarm's manager does and keeps what a client asks it to make.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { JsonObject } from '../../../src/ports/json.ts';

export type Recorded = {
  /** Specs by kind and name: `services`, `networks`, `configs`, `secrets`. */
  readonly made: ReadonlyMap<string, JsonObject>;
  readonly host: string;
  readonly forget: () => void;
  readonly close: () => Promise<void>;
};

export async function openRecordingEngine(): Promise<Recorded> {
  const folder = await mkdtemp(join(tmpdir(), 'seatrial-recording-'));
  const made = new Map<string, JsonObject>();
  const server = createServer((request, response) => {
    void answer(request, response, made);
  });
  const socket = join(folder, 'engine.sock');
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return {
    made,
    host: `unix://${socket}`,
    forget: () => {
      made.clear();
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true });
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  made: Map<string, JsonObject>,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const url = new URL(request.url ?? '/', 'http://engine');
  const path = url.pathname.replace(/^\/v\d\.\d+/, '');
  const kind = /^\/(\w+)\/create$/.exec(path)?.[1];
  const [status, body] = path.startsWith('/images/')
    ? [404, { message: 'no such image' }]
    : kind === undefined
      ? [200, told(path, url.searchParams.get('filters') ?? '{}')]
      : [201, keep(made, kind, Buffer.concat(chunks).toString('utf8'))];
  response.writeHead(status, { 'content-type': 'application/json', 'api-version': '1.41' });
  response.end(JSON.stringify(body));
}

function keep(made: Map<string, JsonObject>, kind: string, text: string): JsonObject {
  const spec = JSON.parse(text) as JsonObject & { readonly Name: string };
  made.set(`${kind}/${spec.Name}`, spec);
  return { ID: spec.Name, Id: spec.Name };
}

const manager = { LocalNodeState: 'active', ControlAvailable: true, NodeID: 'one' };

/** Whatever is asked for by name is there; nothing else is. */
function told(path: string, filters: string): unknown {
  if (path === '/info') return { Swarm: manager, OSType: 'linux' };
  if (path === '/version') return { ApiVersion: '1.41', Version: '20.10.24' };
  const network = /^\/networks\/(.+)$/.exec(path)?.[1];
  if (network !== undefined) return { Id: network, Name: network, Scope: 'swarm' };
  const { name = {} } = JSON.parse(filters) as { readonly name?: JsonObject | readonly string[] };
  const names = Array.isArray(name) ? (name as readonly string[]) : Object.keys(name);
  return path === '/secrets' || path === '/configs'
    ? names.map((each) => ({ ID: each, Spec: { Name: each } }))
    : [];
}
