// Masks one byte stream, holding back only what may still become part of a secret.

import type { Automaton, Hit } from './byte-automaton.ts';
import { matchStart, type ByteGraph } from './byte-graph.ts';
import { byteClasses } from './byte-classes.ts';
import { concat } from './concat.ts';
import { makeRegions, type Region, type Regions } from './redacted-regions.ts';
import { matchShape } from './shape-match.ts';
import type { Shape } from './secret-shapes.ts';
import type { Leads } from './secret-spelling.ts';
import { makeViewer, type Range, type Viewer, type Window } from './shape-view.ts';

/** What a complete path in the graph means. */
export type Pattern =
  | { readonly kind: 'secret'; readonly name: string }
  | { readonly kind: 'shape'; readonly shape: Shape; readonly length: number };

/** All that streams of one redactor share. `version` grows with every secret. */
export type Detector = {
  readonly graph: ByteGraph;
  readonly leads: Leads;
  readonly automaton: Automaton;
  readonly patterns: readonly Pattern[];
  readonly version: () => number;
};

/** The prefix of a shape whose surroundings have not been looked at. */
type Pending = { readonly prefix: Range; readonly shape: Shape };

type Stream = {
  readonly detector: Detector;
  readonly regions: Regions;
  readonly viewer: Viewer;
  version: number;
  /** Where the automaton stands. */
  nodes: readonly number[];
  pending: readonly Pending[];
  /** One buffer for all windows; `held` bytes at its beginning are not done with. */
  buffer: Uint8Array;
  held: number;
  /** Position of the buffer's first byte in the stream. */
  base: number;
};

/** Bytes already given out that rules may still look back at. */
const contextBytes = 8;
/** A word at the end of a chunk may be the first part of a token without a prefix. */
const wordHeldMax = 40;
/** Longer chunks are taken in pieces, so that the work per byte does not depend on the caller. */
const pieceBytes = 64 * 1024;
/** A known secret names a region before any shape does. */
const knownWeight = 2 ** 40;

const nothing = new Uint8Array(0);

export function makeStream(detector: Detector): {
  push: (chunk: Uint8Array) => Uint8Array;
  end: () => Uint8Array;
} {
  const stream: Stream = {
    detector,
    regions: makeRegions(),
    viewer: makeViewer(),
    version: detector.version(),
    nodes: [],
    pending: [],
    buffer: nothing,
    held: 0,
    base: 0,
  };
  const push = (chunk: Uint8Array): Uint8Array => {
    const parts: Uint8Array[] = [];
    for (let from = 0; from < chunk.length; from += pieceBytes)
      parts.push(advance(stream, chunk.subarray(from, from + pieceBytes), false));
    return parts.length === 1 ? (parts[0] ?? nothing) : concat(parts);
  };
  return { push, end: () => advance(stream, nothing, true) };
}

function advance(stream: Stream, piece: Uint8Array, final: boolean): Uint8Array {
  const scanFrom = startOfScan(stream);
  const bytes = append(stream, piece);
  const hits: Hit[] = [];
  stream.nodes = stream.detector.automaton.scan(bytes, scanFrom, stream.nodes, hits);
  const window = { bytes, base: stream.base, final };
  const found = hits.flatMap((hit) => prefixesOf(stream, hit, window));
  stream.pending = [...stream.pending, ...found].filter((each) => !settle(stream, each, window));
  const until = final ? stream.base + bytes.length : firstUndecided(stream, bytes);
  const output = stream.regions.give(window, until);
  const done = Math.max(0, stream.regions.given() - stream.base - contextBytes);
  stream.buffer.copyWithin(0, done, bytes.length);
  stream.held = bytes.length - done;
  stream.base += done;
  return output;
}

/** What is still held may contain a secret that was not known when it came. */
function startOfScan(stream: Stream): number {
  if (stream.version === stream.detector.version()) return stream.held;
  stream.version = stream.detector.version();
  stream.nodes = [];
  return stream.regions.given() - stream.base;
}

function append(stream: Stream, piece: Uint8Array): Uint8Array {
  const length = stream.held + piece.length;
  if (length > stream.buffer.length) {
    const larger = new Uint8Array(length);
    larger.set(stream.buffer.subarray(0, stream.held));
    stream.buffer = larger;
  }
  stream.buffer.set(piece, stream.held);
  return stream.buffer.subarray(0, length);
}

/** Adds the regions of known secrets that end here; answers the prefixes of shapes that do. */
function prefixesOf({ detector, regions }: Stream, hit: Hit, window: Window): readonly Pending[] {
  const pending: Pending[] = [];
  const end = window.base + hit.end;
  for (const node of hit.nodes) {
    const pattern = detector.patterns[detector.graph.accepts[node] ?? -1];
    if (pattern?.kind === 'shape')
      pending.push({ prefix: { start: end - pattern.length, end }, shape: pattern.shape });
    if (pattern?.kind === 'secret')
      regions.add(secretRegion(detector, { node, name: pattern.name, end: hit.end }, window));
  }
  return pending;
}

function secretRegion(
  { graph, leads }: Detector,
  { node, name, end }: { readonly node: number; readonly name: string; readonly end: number },
  { bytes, base }: Window,
): Region {
  const found = matchStart(graph, node, bytes, end);
  const hasLead = leads.get(found.start)?.has(bytes[found.index - 1] ?? -1) === true;
  const index = hasLead ? found.index - 1 : found.index;
  return { start: base + index, end: base + end, name, weight: knownWeight + end - index };
}

/** Whether a prefix is decided; adds its region when it is that of a secret. */
function settle({ viewer, regions }: Stream, { prefix, shape }: Pending, window: Window): boolean {
  const found = viewer.look(window, prefix.start, (view) => matchShape(shape, view, prefix));
  if (found?.answer !== undefined) {
    const { start, end } = found.answer;
    regions.add({ start, end, name: shape.id, weight: end - start });
  }
  return found !== undefined;
}

/** The first position that a match still to be found may begin at. */
function firstUndecided(stream: Stream, bytes: Uint8Array): number {
  const end = stream.base + bytes.length;
  let word = 0;
  while (word < wordHeldMax && isWordByte(bytes[bytes.length - 1 - word])) word += 1;
  const live = end - Math.max(word, stream.detector.automaton.holdBack(stream.nodes));
  const first = stream.pending.reduce(
    (least, { prefix, shape }) => Math.min(least, prefix.start - (shape.before ?? 0)),
    live,
  );
  return Math.max(stream.regions.given(), first);
}

/** Of the alphabets of base64, base64url and tokens. */
const isWordByte = (byte = -1): boolean =>
  byteClasses.token.has[byte] === 1 || byte === 0x2b || byte === 0x2f;
