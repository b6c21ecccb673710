import { flag, type Command } from '../command.ts';
import { exit } from '../exit-codes.ts';

export const gatesCoverage: Command = {
  name: 'gates coverage',
  summary: 'Keep the coverage of this commit for later gates (record), or look at it (show)',
  details: [
    'record is for the default branch, after a go; a gate never writes one itself. It is refused',
    'while the work tree holds changes: the figures would be of no commit.',
  ],
  args: [
    { name: 'verb', summary: 'what to do', required: true, choices: ['record', 'show'] },
    { name: 'report', summary: 'reports of this commit', required: true, multiple: true },
  ],
  options: [
    { name: 'workspace', value: 'DIR', summary: 'root of the sources (default .)' },
    { name: 'recorded', value: 'DIR', summary: 'default .seatrial/coverage' },
    { name: 'strip', value: 'PREFIX', summary: 'take this off paths, to make them relative' },
    { name: 'map', value: 'A=B', multiple: true, summary: 'paths that begin with A begin with B' },
  ],
  examples: [
    'seatrial gates coverage record coverage/lcov.info',
    'seatrial gates coverage show coverage.xml --strip /build/',
  ],
  run: async ({ args: [verb, ...reports], values }, terminal) => {
    const { readReports, recordCoverage, renderCoverage } = await import('../gates-coverage.ts');
    const files = await readReports(reports, values, terminal);
    if (verb === 'show') {
      terminal.out(renderCoverage(files, flag(values, 'json')));
      return exit.passed;
    }
    const { path, commit, figures } = await recordCoverage(files, values, terminal);
    terminal.out(
      flag(values, 'json')
        ? `${JSON.stringify({ commit, path, coverage: figures })}\n`
        : `${figures} recorded for ${commit.slice(0, 12)} in ${path}\n`,
    );
    return exit.passed;
  },
};
