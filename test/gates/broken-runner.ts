// Patches that break the runner of gates, each in one place.

import type { Fault } from '../planted-faults.ts';

export const brokenRunner: readonly Fault[] = [
  {
    what: 'an unknown name is passed over',
    file: 'gates/select-gates',
    from: 'if (known.includes(name)) continue;',
    to: 'continue;',
    breaks: 'a name that no gate has is refused',
  },
  {
    what: '--strict-manual is passed over',
    file: 'gates/gate-state',
    from: "(strictManual && any('manual-pending'))",
    to: '(strictManual && false)',
    breaks: 'a pending signature is a no-go when that is asked for',
  },
  {
    what: 'what is thrown counts as a pass',
    file: 'gates/ask',
    from: "  verdict: 'error',\n  message,",
    to: "  verdict: message.startsWith('timeout') ? 'error' : 'passed',\n  message,",
    breaks: 'a question that throws is an error',
  },
  {
    what: 'not run is drawn as red',
    file: 'gates/gate-state',
    from: "'not-run': '⚪',",
    to: "'not-run': '❌',",
    breaks: 'a gate that was not asked is neither green nor red',
  },
  {
    what: 'the environment is inherited',
    file: 'gates/gate-environment',
    from: '  PATH: searchPath,',
    to: '  ...(process.env as Record<string, string>),\n  PATH: searchPath,',
    breaks: 'nothing of the environment comes along',
  },
  {
    what: 'a timeout counts as red',
    file: 'gates/run-gate',
    from: 'const over = (): void => {\n      resolve(unasked(`timeout after ${String(timeoutS)} s`));',
    to: "const over = (): void => {\n      resolve({ ...unasked(`timeout after ${String(timeoutS)} s`), verdict: 'failed' });",
    breaks: 'a timeout is an error',
  },
  {
    what: 'stale evidence is believed',
    file: 'gates/coverage-reports',
    from: 'if (stat.modifiedMs < oldest - 1000)',
    to: 'if (stat.modifiedMs < 0 * oldest)',
    breaks: 'a report of yesterday is no evidence',
  },
  {
    what: 'a signature for another commit counts',
    file: 'gates/manual-record',
    from: "if (record.commit !== question.commit) return 'other commit';",
    to: '',
    breaks: 'a signature is for its commit alone',
  },
  {
    what: 'all has passed in spite of an error',
    file: 'gates/gate-results',
    from: 'all_passed: report.exitCode === 0,',
    to: 'all_passed: report.exitCode !== 1,',
    breaks: 'an error is not all passed',
  },
  {
    what: 'results stand in the order of their ends',
    file: 'gates/gates-report',
    from: 'const gates = plan.gates.map((gate) =>',
    to: 'const took = (name: string) => operations.get(name)?.durationMs ?? 0;\n  const gates = plan.gates.toSorted((a, b) => took(a.name) - took(b.name)).map((gate) =>',
    breaks: 'results are in the order of the file',
  },
  {
    what: 'a bar is not escaped',
    file: 'gates/sign-off-text',
    from: '[\\\\`*_{}[\\]<>#|~!$@]',
    to: '[\\\\`*_{}[\\]<>#~!$@]',
    breaks: 'what a program says cannot break a table',
  },
  {
    what: 'a leak is passed over',
    file: 'gates/run-gate',
    from: "verdict: left.length === 0 ? 'passed' : 'error',",
    to: "verdict: 'passed',",
    breaks: 'what is left behind is told',
  },
];
