// The runner itself, broken in one place at a time: each break must be noticed by a promise.

import { execFileSync } from 'node:child_process';
import { utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { GatesReport } from '../../src/gates/gates-report.ts';
import { describePromises } from '../planted-faults.ts';
import { brokenRunner } from './broken-runner.ts';
import { manualCase } from './manual-case.ts';
import { ranGates, type Ran } from './ran-gates.ts';

/** Modules of the sources, or of a copy with a fault in it; only those that a promise asks for. */
function load(root: string) {
  const from = <Module>(file: string) =>
    import(join(root, 'gates', `${file}.ts`)) as Promise<Module>;
  return {
    run: async () => ({
      ...(await from<typeof import('../../src/gates/run-gates.ts')>('run-gates')),
      ...(await from<typeof import('../../src/gates/load-gates.ts')>('load-gates')),
      ...(await from<typeof import('../../src/gates/gates-report.ts')>('gates-report')),
    }),
    results: () => from<typeof import('../../src/gates/gate-results.ts')>('gate-results'),
    signOff: () => from<typeof import('../../src/gates/sign-off.ts')>('sign-off'),
    manual: () => from<typeof import('../../src/gates/manual-record.ts')>('manual-record'),
    select: () => from<typeof import('../../src/gates/select-gates.ts')>('select-gates'),
  };
}
type Sources = ReturnType<typeof load>;

const ran = async (sources: Sources, yaml: string, more?: Ran): Promise<GatesReport> =>
  (await ranGates(await sources.run(), yaml, more)).report;

const gate = (name: string, check: string, more = ''): string =>
  `  ${name}:\n    kind: command\n${more}    checks: [{id: gate.${name}.asked, ${check}}]\n    canary: [{env: {A: b}, red: gate.${name}.asked}]\n`;
const file = (...gates: readonly string[]): string => `version: 1\ngates:\n${gates.join('')}`;
const stateOf = ({ gates }: GatesReport, name: string): string | undefined =>
  gates.find((each) => each.name === name)?.state;
/** There is no target to ask, which the runner itself throws. */
const homeless = 'kind: http, request: {get: /}, expect: {status: 200}';
const fine = gate('fine', 'run: ["true"]');
const signed = '  signed:\n    kind: manual\n    manual: {signers: [ann]}\n';

describePromises<Sources>({
  folders: ['audit', 'diagnostics', 'ports', 'evidence', 'findings', 'gates', 'scenario'],
  load,
  faults: brokenRunner,
  promises: {
    'a name that no gate has is refused': async ({ select }) => {
      const { selectGates } = await select();
      const selection = selectGates(['one', 'oen'], { known: ['one'], shown: 'gates.yaml' });
      expect(selection).toMatchObject({ hint: 'did you mean one?' });
    },
    'a pending signature is a no-go when that is asked for': async (sources) => {
      const report = await ran(sources, file(fine, signed), { strictManual: true });
      expect(report.decision).toBe('no-go');
    },
    'a question that throws is an error': async (sources) => {
      const report = await ran(sources, file(gate('gone', homeless), fine));
      expect([stateOf(report, 'gone'), stateOf(report, 'fine')]).toEqual(['error', 'pass']);
    },
    'a gate that was not asked is neither green nor red': async (sources) => {
      const report = await ran(sources, file(fine, signed), { selected: ['fine'] });
      const rows = (await sources.signOff())
        .renderSignOff(report, '{}')
        .match(/^\| `signed`.*|^signed: .*/gmu);
      expect(rows?.map((row) => /[✅❌⚪]/u.exec(row)?.[0])).toEqual(['⚪', '⚪']);
    },
    'nothing of the environment comes along': async (sources) => {
      process.env['AETHERRA_PLANTED'] = 'x';
      const check = `run: [sh, -c, 'echo "<$AETHERRA_PLANTED>"'], expect: {stdout: <>}`;
      const report = await ran(sources, file(gate('bare', check)));
      delete process.env['AETHERRA_PLANTED'];
      expect(stateOf(report, 'bare')).toBe('pass');
    },
    'a timeout is an error': async (sources) => {
      const report = await ran(
        sources,
        file(gate('slow', 'run: [sleep, "60"]', '    timeout: 0.3\n')),
      );
      expect(stateOf(report, 'slow')).toBe('error');
    },
    'a report of yesterday is no evidence': async (sources) => {
      const check = 'kind: coverage, rule: real, reports: [lcov.info]';
      const report = await ran(sources, file(gate('old', check)), {
        prepare: (folder) => {
          const path = join(folder, 'lcov.info');
          writeFileSync(path, 'SF:a\nDA:1,1\nend_of_record\n');
          utimesSync(path, new Date(0), new Date(0));
          // Without a repository the check would end for that reason instead.
          const git = (...args: readonly string[]) => execFileSync('git', args, { cwd: folder });
          git('init', '-q', '-b', 'main');
          git(
            '-c',
            'user.name=a',
            '-c',
            'user.email=a@b',
            'commit',
            '-q',
            '--allow-empty',
            '-m',
            'a',
          );
        },
      });
      expect(stateOf(report, 'old')).toBe('error');
      const asked = report.gates.flatMap(({ checks }) => checks.map(({ message }) => message));
      expect(asked.join()).toContain('is not of this run');
    },
    'a signature is for its commit alone': async ({ manual }) => {
      const { judgeManual } = await manual();
      const { question, found } = await manualCase();
      expect(judgeManual(question, [found]).verdict).toBe('passed');
      const other = judgeManual({ ...question, commit: 'b'.repeat(40) }, [found]);
      expect(other).toMatchObject({ verdict: 'inconclusive', reason: 'other commit' });
    },
    'an error is not all passed': async (sources) => {
      const report = await ran(sources, file(gate('gone', homeless)));
      const results = JSON.parse((await sources.results()).renderResults(report, 'a')) as object;
      expect(results).toMatchObject({ _meta: { all_passed: false } });
    },
    'results are in the order of the file': async (sources) => {
      const safe = '    parallel: safe\n';
      const names = ['slow', 'fine', 'last'];
      const gates = names.map((name) =>
        gate(name, `run: [sleep, "${name === 'slow' ? '0.4' : '0'}"]`, safe),
      );
      const report = await ran(sources, file(...gates), { jobs: 3 });
      const results = JSON.parse((await sources.results()).renderResults(report, 'a')) as object;
      expect(Object.keys(results)).toEqual(['_meta', ...names]);
    },
    'what a program says cannot break a table': async (sources) => {
      const check = 'run: [sh, -c, "echo \'a|b\'"], expect: {stdout: x}';
      const report = await ran(sources, file(gate('table', check)));
      const row =
        /^\| `table`.*$/mu.exec((await sources.signOff()).renderSignOff(report, '{}'))?.[0] ?? '';
      expect(row.split('|')).toHaveLength(7);
    },
    'what is left behind is told': async (sources) => {
      const yaml = file(gate('leaky', 'run: [sh, -c, "echo x > $here/kept"]')).replace(
        'gates:',
        'watch: [kept]\ngates:',
      );
      const report = await ran(sources, yaml);
      expect(stateOf(report, 'leaky')).toBe('error');
    },
  },
});
