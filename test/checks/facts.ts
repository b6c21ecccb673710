// Facts of a healthy operation, to be broken one at a time.

import type { OperationFacts } from '../../src/checks/facts.ts';
import type { Rendering, Snapshot } from '../../src/ports/app-driver.ts';
import type { Listing, ListingEntry } from '../../src/ports/files.ts';

const entry = (path: string, over: Partial<ListingEntry> = {}): ListingEntry => ({
  path,
  kind: 'file',
  sizeBytes: 3,
  mode: 0o644,
  uid: 0,
  gid: 0,
  sha256: 'a'.repeat(64),
  ...over,
});

export const volume: Listing = [
  entry('.', { kind: 'directory', mode: 0o755 }),
  entry('.seatrial-marker'),
  entry('flows.json', { sha256: 'b'.repeat(64) }),
  entry('link', { kind: 'symlink', target: 'flows.json' }),
];

export const rendering = (tree = 'head'): Rendering => ({
  services: { app: { tree, argv: ['node', 'x'] } },
  volumes: ['data'],
});

export const snapshot = (tree = 'head', unit = '2@2'): Snapshot => ({
  services: {
    app: {
      spec: { tree, argv: ['node', 'x'] },
      id: 'app',
      units: [{ id: unit, running: true, restarts: 0 }],
    },
  },
  volumes: [{ name: 'data', id: '7' }],
  listeners: [{ port: 20001, own: true, holder: unit }],
  facts: {},
});

export const healthy = (operation: string): OperationFacts => ({
  operation,
  stage: operation === 'restore' ? 'restored' : 'head',
  ended: { outcome: 'done' },
  appFault: false,
  convergence: { state: 'converged', notes: [] },
  before: snapshot('base', '1@1'),
  after: snapshot(),
  later: snapshot(),
  rendering: rendering(),
  serving: {
    url: 'http://127.0.0.1:20001/',
    wanted: { status: [200], redirectsTo: [] },
    attempts: [{ status: 200, bytes: 10, excerpt: 'hello', contains: true }],
    goodInARow: 3,
    ownListener: true,
  },
  hooks: [],
  markers: { written: { data: 'm1' }, read: { data: 'm1' } },
  backup: {
    startedAtMs: 100,
    report: {
      artifact: { path: '/a', sha256: 'c'.repeat(64), bytes: 10, madeAtMs: 150 },
      before: { data: volume },
      captured: { data: volume },
      after: { data: volume },
      form: 'contents',
      hooks: [],
    },
    artifactSha256: 'c'.repeat(64),
    baseVolumes: ['data'],
  },
  restore: {
    emptied: { data: volume.slice(0, 1) },
    report: { written: { data: volume }, hooks: [] },
    captured: { data: volume },
    form: 'contents',
    atBackup: { data: 'm2' },
    now: { data: 'm2' },
    mutated: { data: 'm3' },
  },
  removal: {
    removed: [{ kind: 'process', name: 'app', outcome: 'removed' }],
    leftovers: [],
    images: { used: ['sha256:1'], gone: [] },
  },
});
