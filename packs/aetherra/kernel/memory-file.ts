// Where memory lies on disk. Version 1 wrote one document; version 2 writes a line for each node, so
// that storing one does not write all, and takes over what a version 1 left.

import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Faults } from './faults.ts';
import { isObject, parseObject } from './json.ts';

export type StoredNode = {
  readonly id: string;
  readonly branch: string;
  /** JSON text, or gzip of it in base64. */
  readonly text: string;
  readonly compressed: boolean;
  /** SHA-256 of the JSON text, hex. */
  readonly digest: string;
};

export type MemoryFile = {
  readonly nodes: readonly StoredNode[];
  readonly add: (node: StoredNode) => void;
};

export function openMemoryFile(folder: string, format: 1 | 2, faults: Faults): MemoryFile {
  mkdirSync(folder, { recursive: true });
  const [whole, lines] = [join(folder, 'memory.json'), join(folder, 'memory.jsonl')];
  if (format === 1) return wholeFile(whole);
  if (existsSync(whole)) migrate(whole, lines, faults);
  const nodes = existsSync(lines) ? readLines(lines) : [];
  return {
    nodes,
    add: (node) => {
      appendFileSync(lines, `${JSON.stringify(node)}\n`);
    },
  };
}

function wholeFile(path: string): MemoryFile {
  const nodes = [...readWhole(path)];
  return {
    nodes: [...nodes],
    add: (node) => {
      nodes.push(node);
      replace(path, JSON.stringify({ format: 1, nodes }));
    },
  };
}

/** Either both files are as they were, or the new one is whole: it is renamed into place. */
function migrate(whole: string, lines: string, faults: Faults): void {
  const old = readWhole(whole);
  const kept = faults.has('memory.migration-drops') ? old.filter((_, at) => at % 2 === 1) : old;
  replace(lines, kept.map((node) => `${JSON.stringify(node)}\n`).join(''));
  renameSync(whole, `${whole}.migrated`);
}

function replace(path: string, text: string): void {
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
}

function readWhole(path: string): readonly StoredNode[] {
  if (!existsSync(path)) return [];
  const nodes = parseObject(readFileSync(path, 'utf8'))?.['nodes'];
  if (!Array.isArray(nodes)) throw new Error(`${path} is no memory of version 1`);
  return (nodes as readonly unknown[]).filter(isNode);
}

/** A line that a crash tore is the last one, and was never answered for. */
const readLines = (path: string): readonly StoredNode[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .map(parseObject)
    .filter((each) => each !== undefined)
    .filter(isNode);

const isNode = (value: unknown): value is StoredNode =>
  isObject(value) &&
  typeof value['id'] === 'string' &&
  typeof value['text'] === 'string' &&
  typeof value['digest'] === 'string';
