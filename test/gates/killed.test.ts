// A runner that is killed in the middle of a gate: what its records say, and what is left of it.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { gatesReport } from '../../src/cli/commands/gates-report.ts';
import { gatesRunbook } from '../../src/cli/commands/gates-runbook.ts';
import { recover } from '../../src/cli/commands/recover.ts';
import { runCommand } from '../cli/run-command.ts';
import { gateFolder, server } from './gate-folder.ts';

const gate = (name: string, run: string): string => `  ${name}:
    kind: command
    checks: [{id: gate.${name}.asked, title: It works, run: ${run}}]
    canary: [{env: {A: b}, red: gate.${name}.asked}]
`;

test(
  'row 8: after SIGKILL the report is truthful, and recover leaves nothing',
  { timeout: 60_000 },
  async () => {
    const target = `target: {start: [node, ${server}, --port, $port], ready: stdout-json}\n`;
    const folder = gateFolder(
      `version: 1\n${target}gates:\n${gate('one', '["true"]')}${gate('two', '[sleep, "600"]')}${gate('three', '["true"]')}`,
    );
    const main = resolve('src/cli/main.ts');
    const tsx = resolve('node_modules/tsx/dist/loader.mjs');
    const child = spawn(process.execPath, ['--import', tsx, main, 'gates', '--quiet'], {
      cwd: folder.folder,
      env: folder.around.env,
      stdio: 'ignore',
    });
    const runs = join(folder.folder, '.seatrial/runs');
    const journal = (): string => {
      const run = existsSync(runs) ? readdirSync(runs)[0] : undefined;
      const path = join(runs, run ?? '-', 'journal.jsonl');
      return existsSync(path) ? readFileSync(path, 'utf8') : '';
    };
    // Until the target of gate two runs.
    while (!/"name":"two".*"type":"resource\.created"/u.test(journal())) await sleep(20);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const { out, code } = await runCommand(gatesReport, ['--json'], folder.around);
    const states = Object.fromEntries(
      Object.entries(JSON.parse(out) as Record<string, { state?: string }>).map(([name, each]) => [
        name,
        each.state,
      ]),
    );
    expect(states).toMatchObject({ one: 'pass', two: 'not-run', three: 'not-run' });
    expect(code).toBe(3);
    const recovered = await runCommand(recover, [], folder.around);
    expect(recovered.code).toBe(0);
    expect(existsSync(join(folder.folder, '.seatrial/work', readdirSync(runs)[0] ?? ''))).toBe(
      false,
    );
    const again = await runCommand(gatesReport, ['--json'], folder.around);
    expect(JSON.parse(again.out)).toMatchObject({
      _meta: { decision: 'undecided' },
      one: { state: 'pass' },
    });
    folder.remove();
  },
);

test('a runbook says what was expected and what was seen, and goes red for a fault', async () => {
  const folder = gateFolder('version: 1\ngates:\n');
  folder.write(
    'runbook.yaml',
    `version: 1\ngates:\n${gate('one', '["true"]')}${gate('two', '["false"]')}`,
  );
  const { code, out } = await runCommand(gatesRunbook, [], folder.around);
  expect(code).toBe(1);
  expect(out).toContain(
    'passed       gate.one.asked\n  expected: It works\n  seen:     exit 0 as expected',
  );
  expect(out).toContain('failed       gate.two.asked');
  folder.write('runbook.yaml', `version: 1\ngates:\n${gate('one', '["true"]')}`);
  expect((await runCommand(gatesRunbook, [], folder.around)).code).toBe(0);
  expect(existsSync(join(folder.folder, 'gate_results.json'))).toBe(false);
  folder.remove();
});
