// Memory: nodes that are read back as they were stored. A quantum backend does not exist; the kernel
// says so, and in the hybrid mode goes on without it.

import { createHash, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Faults } from './faults.ts';
import type { HotTarget } from './hot-target.ts';
import { refusal, type Call, type Reply, type Route } from './http-route.ts';
import { isObject, textOf, type Json, type JsonObject } from './json.ts';
import { openMemoryFile, type StoredNode } from './memory-file.ts';
import type { Settings } from './read-settings.ts';

export type Memory = {
  readonly routes: readonly Route[];
  readonly read: (id: string) => Json | undefined;
  readonly coherence: () => number;
  readonly branches: () => number;
};

const compressedFromBytes = 64 * 1024;
const truncatedCharacters = 64 * 1024;

type State = {
  readonly settings: Settings;
  readonly target: HotTarget;
  readonly nodes: Map<string, StoredNode>;
  readonly keep: (node: StoredNode) => void;
};

export function openMemory(settings: Settings, target: HotTarget, format: 1 | 2): Memory {
  const { data, faults } = settings;
  const file = openMemoryFile(join(data, 'memory'), format, faults);
  const nodes = new Map(file.nodes.map((node) => [node.id, node]));
  const keep = (node: StoredNode): void => {
    nodes.set(node.id, node);
    if (!faults.has('memory.volatile')) file.add(node);
  };
  const state: State = { settings, target, nodes, keep };
  return {
    routes: [
      { method: 'POST', path: '/api/memory/store', answer: (call) => store(call, state) },
      { method: 'GET', path: '/api/memory/node/*', answer: ({ rest }) => node(rest, state) },
      { method: 'GET', path: '/api/memory/status', answer: () => status(state) },
    ],
    read: (id) => read(id, state),
    coherence: () => coherence(state),
    branches: () => branchesOf(state).length,
  };
}

/** What the settings promise and this machine does not have. */
const isQuantumAbsent = ({ qfac, faults }: Settings): boolean =>
  qfac.mode === 'quantum' && qfac.backend === 'absent' && !faults.has('memory.quantum-pretends');

const unavailable = (): Reply => refusal(503, 'quantum_backend_absent', { ok: false });

async function store(call: Call, state: State): Promise<Reply> {
  const { settings, target, keep } = state;
  const { qfac, faults } = settings;
  if (isQuantumAbsent(settings)) return unavailable();
  const isBroken = qfac.mode === 'hybrid' && qfac.backend === 'absent';
  if (isBroken && faults.has('memory.fallback-crash')) return refusal(500, 'quantum_call_failed');
  const value = call.body['data'];
  if (value === undefined) return refusal(400, 'data_required');
  const use = await target.enter();
  if (use === undefined) return refusal(503, 'reloading');
  const made = makeNode(damaged(value, faults), {
    // A client that names its node may store it again without having two of it.
    id: textOf(call.body['node'], randomUUID()),
    branch: textOf(call.body['branch'], 'main'),
  });
  keep(made);
  use.module.handle();
  use.leave();
  return { status: 200, json: { ok: true, node: made.id } };
}

function makeNode(value: Json, names: Pick<StoredNode, 'id' | 'branch'>): StoredNode {
  const text = JSON.stringify(value);
  const compressed = text.length >= compressedFromBytes;
  const digest = sha256(text);
  const packed = compressed ? gzipSync(text, { level: 1 }).toString('base64') : text;
  return { ...names, text: packed, compressed, digest };
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const unpacked = ({ text, compressed }: StoredNode): string =>
  compressed ? gunzipSync(Buffer.from(text, 'base64')).toString('utf8') : text;

/** What the faults make of a value before it is stored. */
function damaged(value: Json, faults: Faults): Json {
  if (faults.has('memory.type-only')) return typeof value;
  if (faults.has('memory.truncates-large')) return truncated(value);
  if (!faults.has('memory.lossy') || !isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).slice(0, -1));
}

function truncated(value: Json): Json {
  if (typeof value === 'string') return value.slice(0, truncatedCharacters);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [
      name,
      typeof each === 'string' ? each.slice(0, truncatedCharacters) : each,
    ]),
  );
}

function read(id: string, { nodes }: State): Json | undefined {
  const found = nodes.get(id);
  return found === undefined ? undefined : (JSON.parse(unpacked(found)) as Json);
}

function node(id: string, state: State): Reply {
  if (isQuantumAbsent(state.settings)) return unavailable();
  const data = read(id, state);
  return data === undefined
    ? refusal(404, 'unknown_node')
    : { status: 200, json: { ok: true, data } };
}

/** The share of nodes whose content still has the digest that it was stored with. */
function coherence({ nodes }: State): number {
  if (nodes.size === 0) return 1;
  const intact = [...nodes.values()].filter((each) => sha256(unpacked(each)) === each.digest);
  return intact.length / nodes.size;
}

const branchesOf = ({ nodes }: State): readonly string[] => [
  ...new Set(['main', ...[...nodes.values()].map(({ branch }) => branch)]),
];

function statisticsOf({ settings, nodes }: State): JsonObject {
  const compressed = [...nodes.values()].filter((each) => each.compressed).length;
  return {
    total_nodes: settings.faults.has('memory.count-frozen') ? 0 : nodes.size,
    compressed_nodes: compressed,
    compression_percentage: nodes.size === 0 ? 0 : (100 * compressed) / nodes.size,
  };
}

function status(state: State): Reply {
  const { settings, nodes } = state;
  const { mode, backend } = settings.qfac;
  if (isQuantumAbsent(settings)) return unavailable();
  const isDegraded = mode !== 'classical' && backend === 'absent';
  const isTold = isDegraded && !settings.faults.has('memory.fallback-silent');
  const branches = branchesOf(state);
  return {
    status: 200,
    json: {
      ok: true,
      enabled: true,
      coherence_id: sha256([...nodes.keys()].join('\n')).slice(0, 16),
      coherence: coherence(state),
      branch: 'main',
      branches: branches.length,
      fragments: nodes.size,
      entanglement_nodes: 0,
      mode,
      backend: isDegraded || mode === 'classical' ? 'classical' : 'simulated',
      degraded: isTold,
      reason: isTold ? 'the quantum backend is absent' : null,
      node_statistics: statisticsOf(state),
      system_health: isDegraded ? 'degraded' : 'healthy',
    } satisfies JsonObject,
  };
}
