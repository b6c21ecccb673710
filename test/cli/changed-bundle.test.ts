// Whoever changes a bundle is noticed, with a key and without, and what was changed is named.

import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readRun, run, verify } from '../../src/cli/library.ts';
import { exitCodeOf, openRun } from '../../src/cli/store.ts';
import { newKey } from '../../src/cli/signing.ts';
import type { Terminal } from '../../src/cli/command.ts';

const folder = mkdtempSync(join(tmpdir(), 'seatrial-changed-'));
const keys = join(folder, 'keys.yaml');
const terminal = {
  err: () => undefined,
  out: () => undefined,
  cwd: folder,
  env: {},
} as unknown as Terminal;
const stores: Record<string, { store: string; run: string }> = {};

beforeAll(async () => {
  cpSync('packs/floor/apps/fake', join(folder, 'app'), { recursive: true });
  const manifest = join(folder, 'app', 'seatrial.yaml');
  const out = join(folder, 'key.pem');
  await newKey({ owner: 'test', days: 1, out, keys }, terminal);
  for (const [name, key] of [
    ['signed', { key: out }],
    ['unsigned', {}],
  ] as const) {
    const store = join(folder, name);
    const { run: id, state } = await run({ manifest, store, ...key });
    expect(state.verdict, state.reasons.join()).toBe('passed');
    stores[name] = { store, run: id };
  }
}, 60_000);

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const filesOf = (root: string): string[] =>
  readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .sort();

function flip(path: string, at: number): () => void {
  const bytes = readFileSync(path);
  const changed = Buffer.from(bytes);
  changed[at] = (changed[at] ?? 0) ^ 1;
  writeFileSync(path, changed);
  return () => {
    writeFileSync(path, bytes);
  };
}

test.each(['signed', 'unsigned'])(
  'a %s bundle is sound, and a byte flipped in any of its files is found and the file named',
  { timeout: 120_000 },
  async (name) => {
    const { store = '', run: id = '' } = stores[name] ?? {};
    const trusted = name === 'signed' ? { keys } : {};
    expect((await verify({ store, run: id, ...trusted })).ok).toBe(true);
    const root = join(store, 'runs', id);
    const files = filesOf(root);
    expect(files.length).toBeGreaterThan(20);
    const top = files.filter((file) => !file.startsWith('objects/'));
    const objects = files.filter((file) => file.startsWith('objects/')).slice(0, 3);
    for (const file of [...top, ...objects]) {
      const { length } = readFileSync(join(root, file));
      for (const at of [0, Math.floor(length / 2), length - 2]) {
        const restore = flip(join(root, file), at);
        const { ok, findings } = await verify({ store, run: id, ...trusted });
        restore();
        expect(ok, `${file} at ${String(at)}`).toBe(false);
        const named = findings.filter(({ severity }) => severity === 'error');
        expect(
          named.map((finding) => finding.file).join(' '),
          `${file} at ${String(at)}`,
        ).toContain(file);
      }
    }
  },
);

test('a journal that was written anew is not read as passed', async () => {
  const { store = '', run: id = '' } = stores['unsigned'] ?? {};
  const journal = join(store, 'runs', id, 'journal.jsonl');
  const bytes = readFileSync(journal);
  const lines = bytes.toString('utf8').trimEnd().split('\n');
  writeFileSync(journal, `${lines.slice(0, -1).join('\n')}\n`);
  const cut = await openRun(store, id);
  expect(cut.fault).toContain('not the one');
  expect(exitCodeOf(cut, terminal)).toBe(3);
  writeFileSync(journal, Buffer.concat([bytes, Buffer.from('{"seq":999}\n')]));
  expect(exitCodeOf(await openRun(store, id), terminal)).toBe(3);
  writeFileSync(journal, bytes);
  expect(exitCodeOf(await openRun(store, id), terminal)).toBe(0);
});

test('with every check of the app set aside, nothing was proven', { timeout: 60_000 }, async () => {
  const manifest = join(folder, 'app', 'seatrial.yaml');
  const text = readFileSync(manifest, 'utf8');
  writeFileSync(manifest, `${text}skipFloor: { all: asked for by nobody at all }\n`);
  const store = join(folder, 'skipped');
  const { state } = await run({ manifest, store });
  writeFileSync(manifest, text);
  expect([state.verdict, state.exitCode]).toEqual(['inconclusive', 3]);
  expect((await readRun({ store })).verdict).toBe('inconclusive');
});
