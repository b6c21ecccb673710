// What `findings import` writes: a header and one subject a line, sorted, so that two of them can be
// compared line by line. The header counts what follows, and a file that was cut off is refused.

import * as z from 'zod';
import { conflictMarkerLine } from './conflict-markers.ts';
import { inputKinds, unreadable, type Intake, type Reading } from './finding.ts';

export const subjectsSchemaId = 'seatrial.subjects/v1';

const count = z.int().nonnegative();
const text = z.string();
const kind = z.enum(inputKinds);

export const limitedSchema = z
  .union([
    z.strictObject({ limit: z.int().positive() }),
    z.strictObject({ sample: z.int().positive(), seed: z.int() }),
  ])
  .describe('Present when only a part of the input was looked at');

const header = z.strictObject({
  schema: z.literal(subjectsSchemaId),
  kinds: z.array(kind),
  checker: z.enum(['seatrial', 'reference']),
  subjects: count.describe('Lines with a subject that follow'),
  flaky: count.describe('Lines with a flaky test that follow'),
  waived: count.describe('Findings that the input itself marks as suppressed; they count'),
  limited: limitedSchema.exactOptional(),
});

const finding = z.strictObject({
  class: text,
  rule: text,
  message: text,
  subject: text,
  place: z
    .strictObject({ line: z.int().positive(), column: z.int().positive().exactOptional() })
    .exactOptional(),
  context: text,
  source: kind,
  attempt: z.int().positive().exactOptional(),
});

const subject = z.strictObject({
  path: text,
  source: kind,
  phase: text,
  digest: text.exactOptional(),
  dialect: text.exactOptional(),
  signatureVerified: z.boolean().exactOptional(),
  riskScore: z.number().nonnegative().exactOptional(),
  reference: z
    .strictObject({ class: text, line: z.int().positive().exactOptional(), message: text })
    .exactOptional(),
  findings: z.array(finding),
});

const flaky = z.strictObject({ flaky: z.strictObject({ path: text, message: text }) });

const line = z.union([header, subject, flaky]).describe('One line of the file');

/** JSON Schema 2020-12 of one line. */
export const subjectsLineSchema = z.toJSONSchema(line, { target: 'draft-2020-12' });

export function renderSubjects(intake: Intake): string {
  const { kinds, checker, subjects, waived, limited } = intake;
  const head = {
    schema: subjectsSchemaId,
    kinds,
    checker,
    subjects: subjects.length,
    flaky: intake.flaky.length,
    waived,
    ...(limited === undefined ? {} : { limited }),
  };
  const lines = [head, ...subjects, ...intake.flaky.map((each) => ({ flaky: each }))];
  return lines.map((each) => `${JSON.stringify(each)}\n`).join('');
}

export type SubjectsFile = {
  readonly reading: Reading;
  readonly header?: Pick<Intake, 'kinds' | 'checker' | 'limited'>;
};

export function readSubjects(content: string): SubjectsFile {
  const marker = conflictMarkerLine(content);
  if (marker !== undefined) return refused(`line ${String(marker)} is a conflict marker`);
  const lines = content.split('\n').filter((each) => each !== '');
  const head = header.safeParse(parsed(lines[0]));
  if (!head.success) return refused('its first line is no header');
  const body = readBody(lines.slice(1));
  if ('problem' in body) return refused(body.problem);
  const { subjects, flaky: unsteady, waived, kinds, checker, limited } = head.data;
  if (body.subjects.length !== subjects || body.flaky.length !== unsteady)
    return refused('it was cut off: its header counts other lines than there are');
  if (subjects === 0) return refused('it holds no subject');
  return {
    reading: { ...body, waived, problems: [] },
    header: { kinds, checker, ...(limited === undefined ? {} : { limited }) },
  };
}

type Body = Pick<Reading, 'subjects' | 'flaky'>;

function readBody(lines: readonly string[]): Body | { readonly problem: string } {
  const subjects: z.infer<typeof subject>[] = [];
  const unsteady: z.infer<typeof flaky>['flaky'][] = [];
  for (const [index, each] of lines.entries()) {
    const value = parsed(each);
    const said = subject.safeParse(value);
    const told = said.success ? undefined : flaky.safeParse(value);
    if (said.success) subjects.push(said.data);
    else if (told?.success === true) unsteady.push(told.data.flaky);
    else return { problem: `line ${String(index + 2)} is no subject` };
  }
  return { subjects, flaky: unsteady };
}

const refused = (problem: string): SubjectsFile => ({ reading: unreadable(problem) });

function parsed(each: string | undefined): unknown {
  try {
    return JSON.parse(each ?? '');
  } catch {
    return undefined;
  }
}
