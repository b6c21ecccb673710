// How a case is written: what differs from a store in which every row is complete.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Audit } from '../../src/audit/audit.ts';
import type { Entry } from '../../src/evidence/record.ts';
import type { JsonObject } from '../../src/ports/json.ts';
import { packFiles } from './sample-pack.ts';
import type { RunDraft } from './sample-run.ts';
import type { RunChange, Sample } from './sample-store.ts';

export const marker = 'demo.rebuild.marker-kept';
export const version = 'demo.rebuild.version-probed';

export type Case = {
  /** Sorted. */
  readonly reasons: readonly string[];
  readonly row?: string;
  /** How the runs that speak for AQ-001 differ from good ones, oldest first; one good run otherwise. */
  readonly runs?: readonly RunChange[];
  /** Files of the pack before any run, and after all. */
  readonly pack?: Readonly<Record<string, string>>;
  readonly later?: Readonly<Record<string, string>>;
  readonly mutants?: false;
  readonly after?: (sample: Sample) => Promise<void>;
  readonly audit?: Partial<Audit>;
};

export const swap = (path: string, from: string, to: string): Readonly<Record<string, string>> => {
  const text = packFiles[path] ?? '';
  if (!text.includes(from)) throw new Error(`${path} does not hold ${from}`);
  return { [path]: text.replace(from, to) };
};

export const edit =
  (type: Entry['type'], change: (data: never) => object, at = 0) =>
  (entries: readonly Entry[]): readonly Entry[] => {
    let seen = -1;
    return entries.map((entry) => {
      if (entry.type === type) seen += 1;
      return entry.type === type && seen === at
        ? ({ ...entry, data: { ...entry.data, ...change(entry.data as never) } } as Entry)
        : entry;
    });
  };

export const bound = (change: JsonObject): NonNullable<RunChange['entries']> =>
  edit('run.started', ({ bound: was }: { bound: JsonObject }) => ({
    bound: { ...was, ...change },
  }));

export const objectOf = async (sample: Sample, run: string, check: string): Promise<string> => {
  const root = join(sample.storeRoot, 'runs', run);
  const journal = await readFile(join(root, 'journal.jsonl'), 'utf8');
  const line = journal
    .split('\n')
    .find((each) => each.includes('"check.ended"') && each.includes(`"check":"${check}"`));
  const sha256 = /"sha256":"([0-9a-f]{64})"/.exec(line ?? '')?.[1] ?? '';
  return join(root, 'objects', sha256.slice(0, 2), sha256);
};

export const amendment = (change: object = {}): string =>
  JSON.stringify([
    {
      id: 'AM-1',
      row: 'AQ-001',
      rationale: 'The machine that this needs arrives only next quarter, and nothing ships before.',
      owner: 'ada',
      approvedBy: 'bo',
      created: '2025-12-01T00:00:00Z',
      expires: '2026-01-20T00:00:00Z',
      link: 'https://example.org/decisions/1',
      acknowledges: [],
      ...change,
    },
  ]);

/** A run that ended before anything was asked. */
export const unasked = (draft: RunDraft): RunDraft =>
  Object.keys(draft.checks)
    .reduce((before, id) => before.verdict(id, 'not-run'), draft)
    .with({ observed: {} });
