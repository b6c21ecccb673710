// A graph whose paths from a start node to an accepting node spell the byte strings to look for.
// Kept in flat arrays: fifty secrets in all their forms have some hundred thousand edges.

const none = -1;

export type ByteGraph = {
  /** By node: length of the longest path from a start node, plus what the start node asks for. */
  readonly depth: number[];
  /** By node: the pattern that is complete there, or -1. */
  readonly accepts: number[];
  readonly isStart: boolean[];
  /** By node: first edge out of it and into it, or -1. */
  readonly firstOut: number[];
  readonly firstIn: number[];
  /** By edge. */
  readonly byte: number[];
  readonly from: number[];
  readonly to: number[];
  readonly nextOut: number[];
  readonly nextIn: number[];
  /** By byte: where its edges from all start nodes lead. */
  readonly begin: number[][];
};

export const makeGraph = (): ByteGraph => ({
  depth: [],
  accepts: [],
  isStart: [],
  firstOut: [],
  firstIn: [],
  byte: [],
  from: [],
  to: [],
  nextOut: [],
  nextIn: [],
  begin: Array.from({ length: 256 }, () => []),
});

export function addNode(graph: ByteGraph): number {
  graph.depth.push(0);
  graph.accepts.push(none);
  graph.isStart.push(false);
  graph.firstOut.push(none);
  graph.firstIn.push(none);
  return graph.depth.length - 1;
}

/** `lookBack`: bytes before the match that must still be there when it is found. */
export function addStart(graph: ByteGraph, lookBack = 0): number {
  const node = addNode(graph);
  graph.isStart[node] = true;
  graph.depth[node] = lookBack;
  return node;
}

/** A node's incoming edges come before its outgoing ones, or depths would be too small. */
function addEdge(graph: ByteGraph, from: number, byte: number, to: number): void {
  const edge = graph.byte.length;
  graph.byte.push(byte);
  graph.from.push(from);
  graph.to.push(to);
  graph.nextOut.push(graph.firstOut[from] ?? none);
  graph.nextIn.push(graph.firstIn[to] ?? none);
  graph.firstOut[from] = edge;
  graph.firstIn[to] = edge;
  graph.depth[to] = Math.max(graph.depth[to] ?? 0, (graph.depth[from] ?? 0) + 1);
  if (graph.isStart[from] === true) graph.begin[byte]?.push(to);
}

/** One way to spell something: for each position the bytes that may stand there. */
export type Spelling = readonly (readonly number[])[];

/** Adds a path of that spelling between two nodes; a new end node when none is given. */
export function addSpelling(
  graph: ByteGraph,
  from: number,
  spelling: Spelling,
  end?: number,
): number {
  let node = from;
  for (const [index, bytes] of spelling.entries()) {
    const last = index === spelling.length - 1;
    const next = last && end !== undefined ? end : addNode(graph);
    for (const byte of bytes) addEdge(graph, node, byte, next);
    node = next;
  }
  return node;
}

/** Copies a part that begins in its node 0 and ends in its node 1; answers the copy of node 1. */
export function addCopy(graph: ByteGraph, from: number, part: ByteGraph): number {
  const first = graph.depth.length - 1;
  for (let node = 1; node < part.depth.length; node++) addNode(graph);
  for (let edge = 0; edge < part.byte.length; edge++) {
    const source = part.from[edge] ?? 0;
    const target = part.to[edge] ?? 0;
    addEdge(graph, source === 0 ? from : first + source, part.byte[edge] ?? 0, first + target);
  }
  return first + 1;
}

/** Start of the longest match that ends at `end` in `node`, as an index into `bytes`. */
export function matchStart(
  graph: ByteGraph,
  node: number,
  bytes: Uint8Array,
  end: number,
): { readonly index: number; readonly start: number } {
  let frontier: readonly number[] = [node];
  let best = { index: end, start: node };
  for (let index = end - 1; index >= 0 && frontier.length > 0; index--) {
    frontier = sourcesOf(graph, frontier, bytes[index] ?? none);
    for (const each of frontier) if (graph.isStart[each] === true) best = { index, start: each };
  }
  return best;
}

/** The nodes from which a byte leads to any of these. Nearly always one, so that is made cheap. */
function sourcesOf(graph: ByteGraph, nodes: readonly number[], byte: number): readonly number[] {
  const found: number[] = [];
  for (const node of nodes) {
    let edge = graph.firstIn[node] as number;
    for (; edge !== none; edge = graph.nextIn[edge] as number) {
      if (graph.byte[edge] !== byte) continue;
      const source = graph.from[edge] as number;
      if (found.length === 0 || !found.includes(source)) found.push(source);
    }
  }
  return found;
}
