import { compareText } from './order.ts';
import type { Checker, InputKind, Intake, Limited, Reading, Subject } from './finding.ts';

export type JoinOptions = { readonly checker?: Checker; readonly limited?: Limited };

/** Several inputs as one. A subject that occurs more than once has the findings of each occurrence. */
export function joinReadings(
  readings: readonly { readonly kind: InputKind; readonly reading: Reading }[],
  { checker = 'seatrial', limited }: JoinOptions = {},
): Intake {
  const subjects = new Map<string, Subject>();
  for (const { reading } of readings)
    for (const subject of reading.subjects) {
      const known = subjects.get(subject.path);
      subjects.set(subject.path, known === undefined ? subject : joined(known, subject));
    }
  return {
    kinds: [...new Set(readings.map(({ kind }) => kind))].sort(),
    checker,
    subjects: [...subjects.values()].sort((a, b) => compareText(a.path, b.path)),
    flaky: readings
      .flatMap(({ reading }) => reading.flaky)
      .sort((a, b) => compareText(a.path, b.path)),
    waived: readings.reduce((sum, { reading }) => sum + reading.waived, 0),
    ...(limited === undefined ? {} : { limited }),
  };
}

const joined = (known: Subject, more: Subject): Subject => ({
  ...known,
  findings: [...known.findings, ...more.findings],
});
