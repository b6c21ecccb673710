// What the first note of a gate run says: everything about its gates that results and sign-off show
// and that no check record holds. Written once, read by whoever makes the documents again.

import * as z from 'zod';
import type { RecordData } from '../evidence/record.ts';
import type { RunState } from '../evidence/run-state.ts';
import type { Json } from '../ports/json.ts';
import type { PlannedGate } from './gate-plan.ts';
import type { GateRunOptions } from './gate-session.ts';
import { risk } from './risks.ts';

const planNoteCode = 'gates-plan';

const shape = z.object({
  schema: z.literal('seatrial.gates-plan/v1'),
  file: z.string(),
  gates_digest: z.string(),
  profile: z.string(),
  commit: z.string().nullable(),
  dirty: z.boolean(),
  strict_manual: z.boolean(),
  strict_risks: z.boolean(),
  runs_head: z.string(),
  evidence_base: z.string(),
  target: z.string().nullable(),
  gates: z.array(
    z.object({
      name: z.string(),
      title: z.string(),
      required: z.boolean(),
      manual: z.boolean(),
      selected: z.boolean(),
    }),
  ),
  risks: z.array(risk),
});
export type PlanNote = z.infer<typeof shape>;

export function planNote(
  options: GateRunOptions,
  planned: readonly PlannedGate[],
  { run, runsHead }: { readonly run: string; readonly runsHead: string },
): RecordData['note'] {
  const details: PlanNote = {
    schema: 'seatrial.gates-plan/v1',
    file: options.shown,
    gates_digest: options.digest,
    profile: options.profile,
    commit: options.head?.commit ?? null,
    dirty: options.head?.dirty ?? false,
    strict_manual: options.strictManual,
    strict_risks: options.strictRisks,
    runs_head: runsHead,
    evidence_base: options.evidenceBase(run),
    target: options.target ?? null,
    gates: planned.map(({ name, gate, skip }) => ({
      name,
      title: gate.title ?? name,
      required: gate.required,
      manual: gate.manual !== undefined,
      selected: skip?.kind !== 'not-asked',
    })),
    risks: options.risks.map((each) => ({ ...each })),
  };
  return {
    code: planNoteCode,
    severity: 'info',
    message: `${String(planned.length)} gates of ${options.shown}.`,
    details: JSON.parse(JSON.stringify(details)) as Record<string, Json>,
  };
}

/** Of a run that is one of gates; undefined for every other. */
export function readPlanNote({ notes }: Pick<RunState, 'notes'>): PlanNote | undefined {
  const note = notes.find(({ code }) => code === planNoteCode);
  const parsed = shape.safeParse(note?.details);
  return parsed.success ? parsed.data : undefined;
}
