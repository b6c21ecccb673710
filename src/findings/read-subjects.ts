// What `findings import` wrote is read again, line by line. A file that was cut off or merged by hand is
// refused.

import type * as z from 'zod';
import { conflictProblem } from './conflict-markers.ts';
import { unreadable, type InputProblem, type Intake, type Reading } from './finding.ts';
import { parseJson, placeProblems, shapeFaults } from './json-input.ts';
import { flakySchema, headerSchema, subjectSchema } from './subjects-file.ts';

export type SubjectsFile = {
  readonly reading: Reading;
  readonly header?: Pick<Intake, 'kinds' | 'checker' | 'limited'>;
};

type Line = { readonly number: number; readonly text: string };

export function readSubjects(content: string): SubjectsFile {
  const marker = conflictProblem(content);
  if (marker !== undefined) return refused(marker);
  const [first = { number: 1, text: '' }, ...rest] = content
    .split('\n')
    .map((text, index): Line => ({ number: index + 1, text }))
    .filter(({ text }) => text !== '');
  const head = readLine(first, headerSchema, 'it is no header');
  if ('problem' in head) return refused(head.problem);
  const body = readBody(rest);
  if ('problem' in body) return refused(body.problem);
  const { subjects, flaky, waived, kinds, checker, limited } = head.value;
  if (body.subjects.length !== subjects || body.flaky.length !== flaky)
    return refused(at(first, 'it was cut off: its header counts other lines than there are'));
  if (subjects === 0) return refused(at(first, 'it holds no subject'));
  return {
    reading: { ...body, waived, problems: [] },
    header: { kinds, checker, ...(limited === undefined ? {} : { limited }) },
  };
}

type Body = Pick<Reading, 'subjects' | 'flaky'>;

function readBody(lines: readonly Line[]): Body | { readonly problem: InputProblem } {
  const subjects: z.infer<typeof subjectSchema>[] = [];
  const flaky: z.infer<typeof flakySchema>['flaky'][] = [];
  for (const line of lines) {
    const isFlaky = line.text.startsWith('{"flaky":');
    const read = isFlaky
      ? readLine(line, flakySchema, 'it is no flaky test')
      : readLine(line, subjectSchema, 'it is no subject');
    if ('problem' in read) return read;
    if ('flaky' in read.value) flaky.push(read.value.flaky);
    else subjects.push(read.value);
  }
  return { subjects, flaky };
}

type ReadLine<Value> = { readonly value: Value } | { readonly problem: InputProblem };

function readLine<Schema extends z.ZodType>(
  line: Line,
  schema: Schema,
  otherwise: string,
): ReadLine<z.infer<Schema>> {
  const parsed = parseJson(line.text);
  if ('problem' in parsed) return { problem: moved(parsed.problem, line) };
  const shaped = schema.safeParse(parsed.value);
  if (shaped.success) return { value: shaped.data };
  const [problem = { message: otherwise }] = placeProblems(
    line.text,
    shapeFaults(otherwise, shaped.error.issues),
  );
  return { problem: moved(problem, line) };
}

/** A problem of one line as one of the file. */
const moved = ({ message, place }: InputProblem, { number }: Line): InputProblem => ({
  message,
  place: { line: number, column: place?.column ?? 1 },
});

const at = (line: Line, message: string): InputProblem => moved({ message }, line);

const refused = (problem: InputProblem): SubjectsFile => ({ reading: unreadable(problem) });
