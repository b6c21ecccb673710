// A whole watch: its plan, its samples, and what follows from them; pure.

import * as z from 'zod';
import type { Entry } from '../evidence/record.ts';
import type { RunState } from '../evidence/run-state.ts';
import { combine, type Verdict } from '../evidence/verdict.ts';
import type { Json } from '../ports/json.ts';
import { durationMs, spokenDuration } from './duration.ts';
import { watchSchema } from './watch-schema.ts';
import { samplesOf, type Sample } from './watch-sample.ts';
import type { SignalAnswer } from './watch-signal.ts';
import { makeSignals, signalIds, signalTitles } from './watch-signals.ts';

const planCode = 'watch-plan';
export const paceId = 'watch.run.samples';
export const paceTitle = 'It was looked at often enough';

const planShape = z.object({
  schema: z.literal('seatrial.watch-plan/v1'),
  /** Of the first sample, also when the watch was continued by another run. */
  begins: z.iso.datetime(),
  for_ms: z.number().positive(),
  interval_ms: z.number().positive(),
  settings: watchSchema,
  settings_file: z.string(),
  target: z.string().nullable(),
  data: z.string().nullable(),
  /** The runs whose samples these records repeat, the first one first. */
  continues: z.array(z.object({ run: z.string(), head: z.string() })),
});
export type WatchPlan = z.infer<typeof planShape>;

export const planNote = (plan: WatchPlan): Entry => ({
  type: 'note',
  data: {
    code: planCode,
    severity: 'info',
    message: `A watch of ${spokenDuration(plan.for_ms)}.`,
    details: JSON.parse(JSON.stringify(plan)) as Record<string, Json>,
  },
});

/** Of a run that is a watch; undefined for every other. */
export function readWatchPlan({ notes }: Pick<RunState, 'notes'>): WatchPlan | undefined {
  const parsed = planShape.safeParse(notes.find(({ code }) => code === planCode)?.details);
  return parsed.success ? parsed.data : undefined;
}

/** How many looks a watch has: one at its beginning, then one each interval. */
export const slotsOf = ({
  for_ms,
  interval_ms,
}: Pick<WatchPlan, 'for_ms' | 'interval_ms'>): number => Math.floor(for_ms / interval_ms) + 1;

export const slotMs = ({ begins, interval_ms }: WatchPlan, slot: number): number =>
  Date.parse(begins) + slot * interval_ms;

export type JudgedSignal = SignalAnswer & { readonly id: string; readonly title: string };

export type WatchJudge = {
  readonly add: (sample: Sample) => void;
  readonly failed: () => boolean;
  /** `untilMs`: how far it was to be watched by now; its planned end when it is over. */
  readonly answers: (untilMs: number) => readonly JudgedSignal[];
};

export function makeWatchJudge(plan: WatchPlan): WatchJudge {
  const signals = makeSignals(plan.settings);
  const pace = watchPace(plan);
  return {
    add: (sample) => {
      const ms = Date.parse(sample.at);
      pace.add(sample, ms);
      for (const signal of signals.values()) signal.add(sample, ms);
    },
    failed: () => [...signals.values()].some((signal) => signal.failed()),
    answers: (untilMs) => {
      const enough = Math.ceil((slotsOf(plan) * plan.settings.coverage.taken) / 100);
      const judged = [...signals].map(([name, signal]) => ({
        id: signalIds[name],
        title: signalTitles[name],
        ...signal.answer(enough),
      }));
      return [...judged, { id: paceId, title: paceTitle, ...pace.answer(untilMs) }];
    },
  };
}

/** Counts slots, so that a sample that comes twice is one, and looks for the longest silence. */
function watchPace(plan: WatchPlan) {
  const taken = new Set<number>();
  let lastMs = Date.parse(plan.begins);
  let gapMs = 0;
  const { coverage } = plan.settings;
  return {
    add: ({ slot }: Sample, ms: number): void => {
      if (slot < slotsOf(plan)) taken.add(slot);
      gapMs = Math.max(gapMs, ms - lastMs);
      lastMs = Math.max(lastMs, ms);
    },
    answer: (untilMs: number): SignalAnswer => {
      const longest = Math.max(gapMs, untilMs - lastMs);
      const due = slotsOf(plan);
      const doubts = [
        ...(taken.size * 100 < due * coverage.taken ? ['too few'] : []),
        ...(longest > durationMs(coverage.gap) ? [`none for ${spokenDuration(longest)}`] : []),
      ];
      return {
        verdict: doubts.length === 0 ? 'passed' : 'inconclusive',
        message: [`${String(taken.size)} of ${String(due)} samples`, ...doubts].join(', '),
        incidents: [],
        total: 0,
      };
    },
  };
}

export type JudgedWatch = {
  readonly plan: WatchPlan;
  readonly samples: readonly Sample[];
  readonly signals: readonly JudgedSignal[];
  readonly verdict: Verdict;
  /** Why there is no more; absent when it came to its end. */
  readonly unfinished?: string;
};

/** From the records of a run; undefined when it is no watch. */
export function judgeWatch(state: RunState): JudgedWatch | undefined {
  const plan = readWatchPlan(state);
  if (plan === undefined) return undefined;
  const samples = samplesOf(state);
  const judge = makeWatchJudge(plan);
  for (const sample of samples) judge.add(sample);
  const finished = state.ended?.outcome === 'completed';
  const signals = judge.answers(endOf(plan, samples.at(-1), judge.failed()));
  const failed = signals.some(({ verdict }) => verdict === 'failed');
  // What went wrong stays wrong, whatever became of the rest; nothing else follows from a part.
  const verdict = finished || failed ? combine(signals.map((each) => each.verdict)) : 'not-run';
  const why = state.ended === undefined ? 'it has not ended' : `it was ${state.ended.outcome}`;
  return { plan, samples, signals, verdict, ...(finished ? {} : { unfinished: why }) };
}

/** A watch that ended at its first fault was not to be watched any longer. */
export function endOf(plan: WatchPlan, last: Sample | undefined, failed: boolean): number {
  const planned = slotMs(plan, slotsOf(plan) - 1);
  return failed && last !== undefined ? Date.parse(last.at) : planned;
}
