// Runs of a store that still show what a run made now would: the same scenario and fault, and everything
// that evidence is bound to unchanged.

import { join } from 'node:path';
import { systemFiles } from '../drivers/files.ts';
import { readRunsList } from '../evidence/runs-list.ts';
import type { Bound, JournalRecord, RecordData } from '../evidence/record.ts';
import { planDigestOf, collectorsDigest, scenarioPlan } from '../scenario/scenario-plan.ts';
import type { Terminal } from './command.ts';
import { prepareSubject, type PackRun } from './run-pack.ts';
import { openRun, type OpenedRun } from './store.ts';

type Started = RecordData['run.started'];

export type FreshRuns = {
  /** The newest run of the scenario and fault, if it ended and is about what is there now. */
  readonly find: (
    asked: Omit<PackRun, 'waitMs' | 'maxLifetimeMs'>,
  ) => Promise<OpenedRun | undefined>;
};

export function openFreshRuns(store: string, terminal: Terminal): FreshRuns {
  const first = new Map<string, Started>();
  const startOf = async (run: string): Promise<Started | undefined> => {
    const known = first.get(run) ?? (await readStart(join(store, 'runs', run, 'journal.jsonl')));
    // One that has not begun yet may begin before it is looked at again.
    if (known !== undefined) first.set(run, known);
    return known;
  };
  return {
    find: async (asked) => {
      const { pack, scenario, canary } = asked;
      const run = await newest(store, { scenario, canary: canary?.id }, startOf);
      const bound = run?.started.bound;
      if (run === undefined || bound === undefined) return undefined;
      const { subjectName, identity } = await prepareSubject(asked, terminal);
      const now = [subjectName, identity.digest, planDigestOf(scenarioPlan(pack, scenario))];
      if (partsOf(bound).join(' ') !== [...now, collectorsDigest(pack)].join(' ')) return undefined;
      const opened = await openRun(store, run.id);
      const ended = opened.state.ended?.outcome === 'completed' && opened.fault === undefined;
      return ended ? opened : undefined;
    },
  };
}

const partsOf = ({ subject, plan, collectors }: Bound): readonly string[] => [
  ...[subject.name, subject.digest, plan, collectors],
];

async function newest(
  store: string,
  wanted: { readonly scenario: string; readonly canary: string | undefined },
  startOf: (run: string) => Promise<Started | undefined>,
): Promise<{ readonly id: string; readonly started: Started } | undefined> {
  for (const id of await listed(store, wanted.scenario)) {
    const started = await startOf(id);
    // One that was lost before its first record may have been of either kind: it is the newest.
    if (started === undefined) return undefined;
    if (started.scenario === wanted.scenario && started.canary === wanted.canary)
      return { id, started };
  }
  return undefined;
}

/** Newest first. */
async function listed(root: string, scenario: string): Promise<readonly string[]> {
  const path = join(root, 'store.json');
  if ((await systemFiles.stat(path)) === undefined) return [];
  const { id = '' } = JSON.parse(await systemFiles.readText(path, 4096)) as { id?: string };
  const { lines } = await readRunsList({ files: systemFiles, root, id });
  return lines
    .filter((line) => line.state === 'started' && line.scenario === scenario)
    .map(({ run }) => run)
    .reverse();
}

async function readStart(journal: string): Promise<Started | undefined> {
  if ((await systemFiles.stat(journal)) === undefined) return undefined;
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of systemFiles.stream(journal)) {
    text += decoder.decode(chunk, { stream: true });
    const end = text.indexOf('\n');
    if (end === -1) continue;
    try {
      const record = JSON.parse(text.slice(0, end)) as JournalRecord;
      return record.type === 'run.started' ? record.data : undefined;
    } catch {
      return undefined;
    }
  }
  return undefined;
}
