// A small pack as its files, in memory, for tests that change one of them.

import { sha256Hex } from '../../src/evidence/canonical.ts';
import type { Files } from '../../src/ports/files.ts';
import { loadPack, type PackOptions } from '../../src/scenario/load-pack.ts';

export const sampleFiles: Readonly<Record<string, string>> = {
  'pack.yaml': `id: notes
owner: notes-team
layers: [notes]
subjects: [{id: reference, open: actions/subject.ts#reference}]
phases: [9]
manifest: {apiVersion: notes/v1, kind: NotesInstance, spec: manifests/spec.schema.json}
actions: {install: actions/notes.ts#install, write: actions/notes.ts#write}
observers: {notes: checks/notes.ts#allNotes}
surfaces:
  host-cli: {folders: ["{product}/bin"]}
  state: {folders: ["{home}/.notes"]}
`,
  'manifests/spec.schema.json': JSON.stringify({
    type: 'object',
    properties: {
      title: { type: 'string', minLength: 1 },
      engine: { type: 'string' },
      credentialRefs: {
        type: 'array',
        items: {
          type: 'object',
          properties: { name: { type: 'string' }, from: { enum: ['env', 'placeholder'] } },
          required: ['name', 'from'],
          additionalProperties: false,
        },
      },
    },
    required: ['title'],
    additionalProperties: false,
  }),
  'manifests/plain.yaml': `apiVersion: notes/v1
kind: NotesInstance
metadata: {name: plain}
spec: {title: Plain notes, credentialRefs: [{name: NOTES_API_KEY, from: env}]}
`,
  'contracts/no-instance.yaml': `id: no-instance
reason: The installer alone is looked at, so that there is no instance to describe
subject: installer
forbids: [manifest, releases]
touches: [host-cli]
`,
  'checks/register.yaml': `checks:
  - id: notes.write.kept
    since: 0.1.0
    revision: 1
    title: A note is kept
    boundary: state
    collector: checks/notes.ts#noteKept
    evidence: [note.json]
    expect: [{at: /after/note, op: same-as, to: /before/note}, {at: /lost, op: absent}]
    generic: false
    replaces: notes.write.stored
removed:
  - {id: notes.write.stored, reason: It looked at the log alone}
`,
  'checks/notes.ts': 'export const noteKept = 1;\nexport const allNotes = 1;\n',
  'actions/notes.ts': 'export const install = 1;\nexport const write = 1;\n',
  'actions/subject.ts': 'export const reference = 1;\n',
  'staging/old.json': '{}\n',
  'canaries/canaries.yaml': `canaries:
  - id: write.lose-note
    scenario: write-note
    plant: {mutant: write.lose-note}
    kills: [notes.write.kept]
    spares: [fixture.old.staged]
  - id: undo-skipped:old
    scenario: write-note
    plant: {builtin: "undo-skipped:old"}
    kills: [fixture.old.restored]
`,
  'scenarios/write-note.yaml': `# A note survives.
apiVersion: seatrial/v1
kind: Scenario
metadata: {id: write-note, title: A note survives, rows: [NT-001]}
spec:
  environment: {os: [linux], arch: [x64, arm64], driver: process, product: [reference], network: none}
  manifest: manifests/plain.yaml
  text: {given: [an app], when: [a note is written], then: [it is kept]}
  fixtures:
    - {id: old, kind: file, restore: {budget: 5s}, with: {path: "{home}/.notes/old.json", from: staging/old.json}}
  runtimeActions:
    - {id: up, use: install, timeout: 10s}
    - {id: write, use: action, action: write, timeout: 10s}
  expectedChecks:
    - {id: notes.write.kept, after: write, boundary: state, evidence: [note.json], rows: [NT-001]}
  budget: 1m
`,
  'scenarios/check.yaml': `apiVersion: seatrial/v1
kind: Validation
metadata: {id: check, title: The row is complete, phase: 9}
spec:
  path: happy
  rows: [NT-001]
  text: {given: [a run], when: [it is audited], then: [the row is complete]}
  members: planned
  expectAudit: {exit: 0, rows: {"*": {status: evidence-complete}}}
  expectedChecks: [audit.phase9.rows-complete]
`,
};

export const sampleOptions: PackOptions = {
  rows: new Map([['NT-001', new Set(['write-note'])]]),
  readExports: (_path, text) =>
    Promise.resolve(
      new Set([...text.matchAll(/export const (\w+)/g)].map(([, name]) => name ?? '')),
    ),
};

export const loadSample = (
  changes: Readonly<Record<string, string | undefined>> = {},
  options = sampleOptions,
) => loadPack(memoryFiles({ ...sampleFiles, ...changes }), '/pack', options);

function memoryFiles(
  contents: Readonly<Record<string, string | undefined>>,
): Pick<Files, 'read' | 'readText' | 'listing'> {
  const entries = Object.entries(contents).flatMap(([path, text]) =>
    text === undefined ? [] : [{ path, text }],
  );
  const find = (path: string): string =>
    entries.find((each) => `/pack/${each.path}` === path)?.text ?? '';
  return {
    read: (path) => Promise.resolve(new TextEncoder().encode(find(path))),
    readText: (path) => Promise.resolve(find(path)),
    listing: () =>
      Promise.resolve(
        entries.map(({ path, text }) => ({
          ...{ path, kind: 'file' as const, mode: 0o644, uid: 0, gid: 0 },
          ...{ sizeBytes: text.length, sha256: sha256Hex(text) },
        })),
      ),
  };
}
