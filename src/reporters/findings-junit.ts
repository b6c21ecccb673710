// Findings for build servers: a test case for each subject. What could not be judged at all is an
// error, what was judged and failed a failure, what is set aside skipped.

import type { Classification, Workflow } from '../findings/classification-schema.ts';
import { inline } from './neutralise.ts';
import { element, xmlDocument, type Xml } from './xml.ts';

const errorClasses: ReadonlySet<string> = new Set([
  ...['IO_ERROR', 'INTERNAL_ERROR', 'ERROR', 'NOT_RUN', 'INCONCLUSIVE'],
]);

type Outcome = 'passed' | 'failure' | 'error' | 'skipped';

export function renderFindingsJunit({ workflows, summary }: Classification): string {
  const count = (outcome: Outcome): number =>
    workflows.filter((each) => outcomeOf(each) === outcome).length;
  const totals = {
    tests: workflows.length,
    failures: count('failure'),
    errors: count('error'),
  };
  const suite = element(
    'testsuite',
    {
      name: summary.inputs.join(' '),
      ...totals,
      skipped: count('skipped'),
      timestamp: summary.timestamp.slice(0, 19),
    },
    workflows.map(caseOf),
  );
  return xmlDocument(element('testsuites', { name: 'findings', ...totals }, [suite]));
}

function outcomeOf({ ok, suppressed, code_name }: Workflow): Outcome {
  if (ok) return 'passed';
  if (suppressed) return 'skipped';
  return errorClasses.has(code_name) ? 'error' : 'failure';
}

function caseOf(workflow: Workflow): Xml {
  const attributes = { name: inline(workflow.path), classname: workflow.source };
  return element('testcase', attributes, answerOf(workflow));
}

function answerOf(workflow: Workflow): readonly Xml[] {
  const outcome = outcomeOf(workflow);
  if (outcome === 'passed') return [];
  const message = inline(workflow.error ?? '');
  if (outcome === 'skipped') {
    const reasons = workflow.findings.map(({ reason }) => inline(reason ?? ''));
    return [element('skipped', { message: [...new Set(reasons)].join('; ') })];
  }
  const body = workflow.findings.map(
    ({ line, column, rule, message: said, fingerprint }) =>
      `${place(line, column)}${rule}: ${said} [${fingerprint}]`,
  );
  return [element(outcome, { type: workflow.code_name, message }, body.join('\n'))];
}

function place(line: number | null, column: number | null): string {
  if (line === null) return '';
  return column === null ? `${String(line)}: ` : `${String(line)}:${String(column)}: `;
}
