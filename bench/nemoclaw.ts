// How long every scenario that the rows of the nemoclaw pack plan takes, two at once: in a store that has
// nothing yet, then in one that has the images and packages. The packages come from npm and are fetched before.
// npm run docker -- up && npm run bench -- nemoclaw

import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { say } from './timed.ts';

const program = join(import.meta.dirname, '../dist/cli/main.js');
const pack = join(import.meta.dirname, '../packs/nemoclaw');
const validation = join(pack, 'scenarios/validation-9.1.yaml');
const limits = { cold: 720, cached: 300 } as const;

type Row = { readonly planned: { readonly scenarios: string[]; readonly also?: string[] } };
const rows = parse(readFileSync(join(pack, 'audit/queue.yaml'), 'utf8')) as readonly Row[];
const planned = [
  ...new Set(rows.flatMap(({ planned: { scenarios, also = [] } }) => [...scenarios, ...also])),
];

const work = mkdtempSync(join(tmpdir(), 'seatrial-bench-nemoclaw-'));

function seatrial(...args: readonly string[]): {
  readonly code: number | null;
  readonly err: string;
} {
  const { status, stderr } = spawnSync(process.execPath, [program, ...args], { encoding: 'utf8' });
  return { code: status, err: stderr };
}

type First = { readonly data: { readonly scenario?: string } };
type Last = { readonly data: { readonly outcome?: string } };

/** Scenarios whose run went to its end. */
function whole(store: string): readonly string[] {
  const runs = readdirSync(join(store, 'runs'));
  const journals = runs.map((run) =>
    readFileSync(join(store, 'runs', run, 'journal.jsonl'), 'utf8'),
  );
  return journals.flatMap((text) => {
    const lines = text.trimEnd().split('\n');
    const { data: started } = JSON.parse(lines[0] ?? '{}') as First;
    const { data: ended } = JSON.parse(lines.at(-1) ?? '{}') as Last;
    return ended.outcome === 'completed' ? [started.scenario ?? ''] : [];
  });
}

/** Members are run; that the rows are open without any planted fault is no matter here. */
function timePack(kind: keyof typeof limits, store: string): boolean {
  const started = performance.now();
  const { err } = seatrial('run', '--scenario', validation, '--store', store, '--quiet', '--json');
  const seconds = (performance.now() - started) / 1000;
  const ran = new Set(whole(store));
  const missing = planned.filter((id) => !ran.has(id));
  const limit = limits[kind];
  const ratio = (seconds / limit).toFixed(2);
  say(`${kind}: ${String(ran.size)} runs, ${seconds.toFixed(0)} s, ${ratio} of ${String(limit)} s`);
  // Time that was not needed because something could not be run is no gain.
  if (missing.length > 0) say(`not run: ${missing.join(', ')}\n${err}`);
  return missing.length === 0 && seconds <= limit;
}

try {
  const [first, second] = [join(work, 'first'), join(work, 'second')];
  const prepared = seatrial(
    ...['fixtures', 'prepare', 'nemoclaw-real'],
    '--pack',
    pack,
    '--store',
    first,
  );
  if (prepared.code !== 0) say(`without the published packages: ${prepared.err}`);
  const cold = timePack('cold', first);
  cpSync(join(first, 'cache'), join(second, 'cache'), { recursive: true });
  const cached = timePack('cached', second);
  process.exitCode = cold && cached ? 0 : 1;
} finally {
  rmSync(work, { recursive: true, force: true });
}
