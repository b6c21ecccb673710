import {
  wholePhase,
  type Finding,
  type Flaky,
  type InputKind,
  type InputProblem,
  type Reading,
  type Subject,
} from './finding.ts';

/** What a reader of a test report learns, subject by subject. */
export type Collector = {
  /** The subject was judged; without a finding it is sound. */
  readonly judged: (path: string) => void;
  readonly found: (finding: Omit<Finding, 'source'>) => void;
  /** The path stands for a suite, a plan or a scan, not for one of the things it judges. */
  readonly whole: (path: string) => void;
  readonly flaky: (each: Flaky) => void;
  readonly problem: (problem: InputProblem) => void;
  readonly end: (waived?: number) => Reading;
};

const none: readonly Finding[] = [];
/** A broken report may have one problem per case; nobody reads more. */
const problemsMax = 20;

const noTest: InputProblem = { message: 'the report holds no test' };

/** A subject that occurs again keeps what was found before. */
export function collectSubjects(source: InputKind): Collector {
  const byPath = new Map<string, Finding[] | undefined>();
  const whole = new Set<string>();
  const flaky: Flaky[] = [];
  const problems: InputProblem[] = [];
  return {
    judged: (path) => {
      if (!byPath.has(path)) byPath.set(path, undefined);
    },
    found: (finding) => {
      const known = byPath.get(finding.subject);
      if (known === undefined) byPath.set(finding.subject, [{ ...finding, source }]);
      else known.push({ ...finding, source });
    },
    whole: (path) => whole.add(path),
    flaky: (each) => flaky.push(each),
    problem: (problem) => {
      if (problems.length < problemsMax) problems.push(problem);
    },
    end: (waived = 0) => ({
      subjects: [...byPath].map(([path, findings]): Subject => ({
        path,
        source,
        findings: findings ?? none,
        phase: whole.has(path) ? wholePhase : 'report',
      })),
      flaky,
      waived,
      problems: byPath.size > 0 || problems.length > 0 ? problems : [noTest],
    }),
  };
}
