// Walks all paths of a byte graph at once, from every position, with one table look-up per byte.
// Sets of nodes become table rows only when a text leads to them.

import type { ByteGraph } from './byte-graph.ts';

/** What scanning found: `nodes` are complete patterns whose last byte is before `end`. */
export type Hit = { readonly end: number; readonly nodes: readonly number[] };

export type Automaton = {
  /**
   * Scans `bytes` from index `from`, starting in the set `nodes`, and adds to `hits`; answers the
   * set at the end.
   */
  readonly scan: (
    bytes: Uint8Array,
    from: number,
    nodes: readonly number[],
    hits: Hit[],
  ) => readonly number[];
  /** How many of the last bytes may belong to an unfinished match. */
  readonly holdBack: (nodes: readonly number[]) => number;
  /** The graph has grown: forget all rows. */
  readonly reset: () => void;
};

/** One row of 256 entries per set of nodes. */
type Rows = {
  /** By row and byte: where the next row begins; inverted when that row accepts; or `unknown`. */
  table: Int32Array;
  sets: (readonly number[])[];
  accepted: (readonly number[])[];
  ids: Map<string, number>;
  /** By node, in which step it was last reached; cheaper than a Set in the loop that makes rows. */
  stamps: Uint32Array;
  step: number;
};

const unknown = -1;
const rowLength = 256;
/** 8 MiB of table; a text that needs more rows makes it start over. */
const rowsMax = 8192;

export function makeAutomaton(graph: ByteGraph): Automaton {
  const rows: Rows = {
    table: new Int32Array(64 * rowLength),
    sets: [],
    accepted: [],
    ids: new Map(),
    stamps: new Uint32Array(0),
    step: 0,
  };
  forget(rows);

  const scan: Automaton['scan'] = (bytes, from, nodes, hits) => {
    let offset = rowOf(rows, graph, nodes) * rowLength;
    let table = rows.table;
    for (let index = from; index < bytes.length; index++) {
      // Both are in range by construction; a check for each byte would cost a tenth of the speed.
      const byte = bytes[index] as number;
      let entry = table[offset + byte] as number;
      if (entry >= 0) {
        offset = entry;
        continue;
      }
      if (entry === unknown) {
        entry = learn(rows, graph, { row: offset / rowLength, byte });
        table = rows.table;
      }
      offset = entry < 0 ? ~entry : entry;
      if (entry < 0) hits.push({ end: index + 1, nodes: rows.accepted[offset / rowLength] ?? [] });
    }
    return rows.sets[offset / rowLength] ?? [];
  };

  const holdBack = (nodes: readonly number[]): number =>
    nodes
      .filter((node) => graph.firstOut[node] !== -1)
      .reduce((most, node) => Math.max(most, graph.depth[node] ?? 0), 0);

  const reset = (): void => {
    forget(rows);
  };
  return { scan, holdBack, reset };
}

/** Row 0 is the empty set: it accepts nothing, so that no inverted entry equals `unknown`. */
function forget(rows: Rows): void {
  rows.table.fill(unknown);
  rows.sets = [[]];
  rows.accepted = [[]];
  rows.ids = new Map([['', 0]]);
}

function rowOf(rows: Rows, graph: ByteGraph, nodes: readonly number[]): number {
  const key = nodes.join();
  const known = rows.ids.get(key);
  if (known !== undefined) return known;
  if (rows.sets.length === rowsMax) forget(rows);
  const row = rows.sets.length;
  rows.sets.push(nodes);
  rows.accepted.push(nodes.filter((node) => graph.accepts[node] !== -1));
  rows.ids.set(key, row);
  if ((row + 1) * rowLength > rows.table.length) {
    const larger = new Int32Array(rows.table.length * 2).fill(unknown);
    larger.set(rows.table);
    rows.table = larger;
  }
  return row;
}

/** Fills in one entry of the table; answers it. */
function learn(
  rows: Rows,
  graph: ByteGraph,
  { row, byte }: { readonly row: number; readonly byte: number },
): number {
  const before = rows.sets.length;
  const next = rowOf(rows, graph, targets(rows, graph, rows.sets[row] ?? [], byte));
  const accepts = (rows.accepted[next] ?? []).length > 0;
  const entry = accepts ? ~(next * rowLength) : next * rowLength;
  // When the rows were forgotten meanwhile, the one we came from is gone.
  if (rows.sets.length >= before) rows.table[row * rowLength + byte] = entry;
  return entry;
}

/** All nodes that a byte leads to, from the set and from the start nodes. */
function targets(rows: Rows, graph: ByteGraph, nodes: readonly number[], byte: number): number[] {
  if (rows.stamps.length < graph.nodes) rows.stamps = new Uint32Array(graph.nodes * 2);
  rows.step += 1;
  const found: number[] = [];
  const reach = (node: number): void => {
    if (rows.stamps[node] === rows.step) return;
    rows.stamps[node] = rows.step;
    found.push(node);
  };
  for (const node of graph.begin[byte] ?? []) reach(node);
  for (const node of nodes) {
    let edge = graph.firstOut[node] ?? -1;
    for (; edge !== -1; edge = graph.nextOut[edge] ?? -1)
      if (graph.byte[edge] === byte) reach(graph.to[edge] ?? -1);
  }
  return found.sort((a, b) => a - b);
}
