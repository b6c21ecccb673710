// What stands around a run of gates: the summary of a build server's job, and residual risks.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { gatesRun } from '../../src/cli/commands/gates-run.ts';
import { runCommand } from '../cli/run-command.ts';
import { gateFolder, type GateFolder } from './gate-folder.ts';

let folder: GateFolder;
const yaml = (head = ''): string => `version: 1
${head}gates:
  one:
    kind: command
    checks: [{id: gate.one.asked, run: ["true"]}]
    canary: [{stub: {"true": fail.sh}, red: gate.one.asked}]
`;
afterEach(() => {
  folder.remove();
});

describe('the summary of a job', () => {
  beforeEach(() => {
    folder = gateFolder(yaml());
  });
  const runWith = (summary: string) =>
    runCommand(gatesRun, ['--quiet'], {
      ...folder.around,
      env: { ...folder.around.env, GITHUB_STEP_SUMMARY: summary },
    });

  test('gets the page, behind what stands there', async () => {
    const path = join(folder.folder, 'summary.md');
    writeFileSync(path, 'Earlier step\n');
    expect((await runWith(path)).code).toBe(0);
    expect(readFileSync(path, 'utf8')).toBe(`Earlier step\n${folder.read('gate_sign_off.md')}\n`);
  });

  test('that cannot be written is told, and decides nothing', async () => {
    const { code, err } = await runWith('/nowhere/at/all.md');
    expect([code, err]).toEqual([0, expect.stringContaining('summary of the job was not written')]);
    expect(folder.results()._meta['decision']).toBe('go');
  });
});

describe('residual risks', () => {
  const risk = (more: string): string =>
    `risks:\n  - {id: r, area: Chat, impact: late, mitigation: watch, priority: High, review_by: 2999-01-01, ${more}}\n`;
  beforeEach(() => {
    folder = gateFolder(yaml('risks: risks.yaml\n'));
  });

  // [the risk, decision with --strict-risks, how it is shown]
  test.each([
    ['status: open, owner: ann', 'go', /\| open \|  \|/],
    ['status: open', 'no-go', /high and without an owner/],
    ['status: mitigated, owner: ann, proof: gate.one.asked', 'go', /mitigated \(gate\.one/],
    ['status: mitigated, proof: gate.two.asked', 'no-go', /\| open \(gate\.two/],
    ['status: accepted, owner: ann', 'no-go', /acceptance expired/],
    [
      'status: accepted, owner: ann, accepted: {by: ann, until: 2999-01-01, reason: rarely happens}',
      'go',
      /\| accepted \|  \|/,
    ],
    [
      'status: accepted, owner: ann, accepted: {by: ann, until: 2020-01-01, reason: rarely happens}',
      'no-go',
      /acceptance expired/,
    ],
  ])('%s: %s if strict, and shown', async (more, strict, shown) => {
    folder.write('risks.yaml', risk(more));
    expect((await folder.run()).code).toBe(0);
    expect(folder.read('gate_sign_off.md')).toMatch(shown);
    expect((await folder.run('--strict-risks')).code).toBe(strict === 'go' ? 0 : 1);
    expect(folder.results()._meta['decision']).toBe(strict);
  });

  test('an overdue review is a warning', async () => {
    folder.write('risks.yaml', risk('status: open, owner: ann').replace('2999', '2020'));
    expect((await folder.run('--strict-risks')).code).toBe(1);
    expect(folder.read('gate_sign_off.md')).toContain('review overdue since 2020-01-01');
  });
});
