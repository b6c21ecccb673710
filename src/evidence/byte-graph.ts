// A graph whose paths from a start node to an accepting node spell the byte strings to look for.
// Kept in flat typed arrays that grow: fifty secrets in all their forms have some hundred thousand
// edges, and each run adds its own secrets anew.

const none = -1;

export type ByteGraph = {
  /** How many there are; the arrays are longer. */
  nodes: number;
  edges: number;
  /** By node: length of the longest path from a start node, plus what the start node asks for. */
  depth: Int32Array;
  /** By node: the pattern that is complete there, or -1. */
  accepts: Int32Array;
  isStart: Uint8Array;
  /** By node: first edge out of it and into it, or -1. */
  firstOut: Int32Array;
  firstIn: Int32Array;
  /** By edge. */
  byte: Uint8Array;
  from: Int32Array;
  to: Int32Array;
  nextOut: Int32Array;
  nextIn: Int32Array;
  /** By byte: where its edges from all start nodes lead, if there are any. */
  readonly begin: number[][];
};

const firstLength = 256;

export const makeGraph = (): ByteGraph => ({
  nodes: 0,
  edges: 0,
  depth: new Int32Array(firstLength),
  accepts: new Int32Array(firstLength),
  isStart: new Uint8Array(firstLength),
  firstOut: new Int32Array(firstLength),
  firstIn: new Int32Array(firstLength),
  byte: new Uint8Array(firstLength),
  from: new Int32Array(firstLength),
  to: new Int32Array(firstLength),
  nextOut: new Int32Array(firstLength),
  nextIn: new Int32Array(firstLength),
  begin: [],
});

function longer<Numbers extends Int32Array | Uint8Array>(
  numbers: Numbers,
  make: (length: number) => Numbers,
): Numbers {
  const grown = make(numbers.length * 2);
  grown.set(numbers);
  return grown;
}

const longerInts = (numbers: Int32Array): Int32Array =>
  longer(numbers, (length) => new Int32Array(length));
const longerBytes = (numbers: Uint8Array): Uint8Array =>
  longer(numbers, (length) => new Uint8Array(length));

function growNodes(graph: ByteGraph): void {
  graph.depth = longerInts(graph.depth);
  graph.accepts = longerInts(graph.accepts);
  graph.isStart = longerBytes(graph.isStart);
  graph.firstOut = longerInts(graph.firstOut);
  graph.firstIn = longerInts(graph.firstIn);
}

function growEdges(graph: ByteGraph): void {
  graph.byte = longerBytes(graph.byte);
  graph.from = longerInts(graph.from);
  graph.to = longerInts(graph.to);
  graph.nextOut = longerInts(graph.nextOut);
  graph.nextIn = longerInts(graph.nextIn);
}

export function addNode(graph: ByteGraph): number {
  if (graph.nodes === graph.depth.length) growNodes(graph);
  const node = graph.nodes;
  graph.nodes += 1;
  graph.accepts[node] = none;
  graph.firstOut[node] = none;
  graph.firstIn[node] = none;
  return node;
}

/** `lookBack`: bytes before the match that must still be there when it is found. */
export function addStart(graph: ByteGraph, lookBack = 0): number {
  const node = addNode(graph);
  graph.isStart[node] = 1;
  graph.depth[node] = lookBack;
  return node;
}

/** A node's incoming edges come before its outgoing ones, or depths would be too small. */
function addEdge(graph: ByteGraph, from: number, byte: number, to: number): void {
  if (graph.edges === graph.byte.length) growEdges(graph);
  const edge = graph.edges;
  graph.edges += 1;
  graph.byte[edge] = byte;
  graph.from[edge] = from;
  graph.to[edge] = to;
  // Both nodes exist, so their entries do.
  graph.nextOut[edge] = graph.firstOut[from] as number;
  graph.nextIn[edge] = graph.firstIn[to] as number;
  graph.firstOut[from] = edge;
  graph.firstIn[to] = edge;
  graph.depth[to] = Math.max(graph.depth[to] as number, (graph.depth[from] as number) + 1);
  if (graph.isStart[from] === 1) (graph.begin[byte] ??= []).push(to);
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
  const first = graph.nodes - 1;
  for (let node = 1; node < part.nodes; node++) addNode(graph);
  for (let edge = 0; edge < part.edges; edge++) {
    const source = part.from[edge] as number;
    const target = part.to[edge] as number;
    addEdge(graph, source === 0 ? from : first + source, part.byte[edge] as number, first + target);
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
    for (const each of frontier) if (graph.isStart[each] === 1) best = { index, start: each };
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
