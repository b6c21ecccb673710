// `gates runbook` from its arguments to its exit code.

import { join, resolve } from 'node:path';
import { openStore } from '../evidence/store.ts';
import { reportGates, shownChecks, type GatesReport } from '../gates/gates-report.ts';
import { runGates } from '../gates/run-gates.ts';
import { flag, text, type Input, type Terminal, type Values } from './command.ts';
import { exit } from './exit-codes.ts';
import { openGates } from './gates-file.ts';
import { commonOptions, targetOf } from './gates-run.ts';
import { makeGateWorld } from './gates-world.ts';
import { packFolder } from './packs.ts';
import { printable } from '../diagnostics/printable.ts';
import { storeOf } from './store.ts';

type Row = {
  readonly probe: string;
  readonly expected: string;
  readonly verdict: string;
  readonly seen: string;
};

export async function runRunbook({ values }: Input, terminal: Terminal): Promise<number> {
  const opened = await openGates({ ...values, ...fileOf(values, terminal) }, terminal);
  const world = await makeGateWorld(terminal);
  const root = resolve(terminal.cwd, storeOf(values, terminal));
  const store = await openStore({ ...world, root });
  const { state } = await runGates(world, {
    ...(await commonOptions(opened, { world, store, terminal, values })),
    target: targetOf(values),
    evidenceBase: (run) => `runs/${run}`,
  });
  const report = reportGates(state);
  if (report === undefined) throw new Error('a gate run without a plan');
  const rows = rowsOf(report);
  terminal.out(
    flag(values, 'json')
      ? `${JSON.stringify({ run: state.started.run, probes: rows })}\n`
      : rows.map(render).join(''),
  );
  if (rows.some(({ verdict }) => verdict === 'failed')) return exit.failed;
  return rows.length > 0 && rows.every(({ verdict }) => verdict === 'passed')
    ? exit.passed
    : exit.unjudged;
}

function fileOf(values: Values, terminal: Terminal): Values {
  const pack = text(values, 'pack');
  const runbook = 'runbook.yaml';
  if (pack === undefined) return { file: text(values, 'file') ?? runbook };
  return { file: join(packFolder(pack, terminal.cwd), runbook), pack: undefined };
}

const rowsOf = ({ gates }: GatesReport): readonly Row[] =>
  gates.flatMap((gate) => {
    const none = { probe: gate.name, expected: gate.title, verdict: 'not-run' };
    if (gate.checks.length === 0) return [{ ...none, seen: gate.reason ?? 'no probe ran' }];
    return shownChecks(gate).map(({ id, title, verdict, message }) => ({
      ...{ probe: id, expected: title, verdict, seen: message },
    }));
  });

const render = ({ probe, expected, verdict, seen }: Row): string =>
  `${verdict.padEnd(12)} ${printable(probe)}\n  expected: ${printable(expected)}\n  seen:     ${printable(seen)}\n`;
