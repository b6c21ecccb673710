// What may follow what in a journal. The writer refuses what breaks these rules, since that is a
// bug; the verifier reports it, since somebody else may have written the file.

import type { Entry, RecordType } from './record.ts';

export type JournalRules = {
  /** Why the entry may not come next; undefined when it may, and it then counts. */
  readonly admit: (entry: Entry) => string | undefined;
};

type Step = 'started' | 'ended';
/** What has one start and at most one end, by name; also the field of `data` that holds the name. */
type Pair = 'operation' | 'check' | 'undo' | 'fixture';

const steps: Readonly<Partial<Record<RecordType, readonly [Pair, Step]>>> = {
  'operation.started': ['operation', 'started'],
  'operation.ended': ['operation', 'ended'],
  'check.started': ['check', 'started'],
  'check.ended': ['check', 'ended'],
  'undo.registered': ['undo', 'started'],
  'undo.ended': ['undo', 'ended'],
  'fixture.applied': ['fixture', 'started'],
  'fixture.restored': ['fixture', 'ended'],
};

export function journalRules(): JournalRules {
  const reached = new Map<string, Step>();
  const admitResource = resourceRule();
  let run: 'none' | Step = 'none';

  const admitStep = (name: string, step: Step): string | undefined => {
    const before = reached.get(name);
    if (step === 'started' && before !== undefined) return `${name} starts a second time`;
    if (step === 'ended' && before === 'ended') return `${name} ends a second time`;
    if (step === 'ended' && before === undefined) return `${name} ends without a start`;
    reached.set(name, step);
    return undefined;
  };

  const admitRun = (type: RecordType): string | undefined => {
    if (run === 'ended') return `${type} comes after run.ended`;
    if (type === 'run.started' && run === 'started') return 'the run starts a second time';
    if (type !== 'run.started' && run === 'none') return `${type} comes before run.started`;
    if (type === 'run.started') run = 'started';
    if (type === 'run.ended') run = 'ended';
    return undefined;
  };

  return {
    admit: (entry) => {
      const refusal = admitRun(entry.type);
      if (refusal !== undefined) return refusal;
      const [pair, step] = steps[entry.type] ?? [];
      if (pair === undefined || step === undefined) return admitResource(entry);
      const names = entry.data as Readonly<Partial<Record<Pair, string>>>;
      return admitStep(`${pair} ${names[pair] ?? ''}`, step);
    },
  };
}

/** Nothing is made or removed unannounced. A removal may be said twice, since absent is success. */
function resourceRule(): JournalRules['admit'] {
  const intended = new Set<string>();
  return (entry) => {
    if (entry.type === 'resource.intended') intended.add(`${entry.data.kind} ${entry.data.name}`);
    if (entry.type !== 'resource.created' && entry.type !== 'resource.removed') return undefined;
    const name = `${entry.data.kind} ${entry.data.name}`;
    return intended.has(name) ? undefined : `${name} was never intended`;
  };
}
