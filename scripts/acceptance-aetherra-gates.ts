// All gates on the sound kernel, and the runbook.

import { Ajv2020 } from 'ajv/dist/2020.js';
import { gateResultsSchema } from '../src/gates/results-schema.ts';
import type { Acceptance } from './acceptance-report.ts';
import { readResults, readSignOff, type Stage } from './acceptance-aetherra-stage.ts';
import { heading } from './steps.ts';

/** Seconds that eight clean gates may take, one after another. */
const limitS = 60;
const manual = 'hmr_quiesce';

export async function acceptGates(stage: Stage, acceptance: Acceptance): Promise<void> {
  heading('the eight gates, clean');
  const { expectThat, tell } = acceptance;
  const { code, seconds, stderr } = await stage.seatrial(['gates', 'run', '--pack', stage.pack]);
  if (code === 2 || code === 70) throw new Error(stderr);
  const results = readResults(stage);
  const { _meta: meta, ...gates } = results;
  for (const [name, { state, duration_sec: took }] of Object.entries(gates))
    tell(
      state === (name === manual ? 'manual-pending' : 'pass'),
      `gate ${name}: ${state} in ${String(took)} s`,
    );
  await expectThat('row 1: 7 pass, one waits for a person, decision pending, exit 0', () =>
    Promise.resolve(
      code === 0 && meta['decision'] === 'pending' && Object.keys(gates).length === 8,
    ),
  );
  await expectThat('row 1: results fit their schema, the sign-off names every gate', () => {
    const isValid = new Ajv2020().compile(gateResultsSchema)(results);
    const page = readSignOff(stage);
    return Promise.resolve(isValid && Object.keys(gates).every((name) => page.includes(name)));
  });
  await expectThat('risks: proofs of this run make two of eight mitigated', () => {
    const rows = readSignOff(stage).split('\n');
    const of = (area: string): boolean =>
      rows.some((row) => row.includes(area) && row.includes('mitigated'));
    return Promise.resolve(
      of('Chat no replay') && of('Network policy tuning') && !of('Sandbox best-effort'),
    );
  });
  tell(seconds <= limitS, `eight gates took ${seconds.toFixed(1)} s of ${String(limitS)} s`);
  await expectThat('runbook: every probe sees what it expects', async () => {
    const ended = await stage.seatrial(['gates', 'runbook', '--pack', stage.pack, '--json']);
    const { probes } = JSON.parse(ended.stdout) as { probes: readonly { verdict: string }[] };
    return (
      ended.code === 0 && probes.length >= 9 && probes.every(({ verdict }) => verdict === 'passed')
    );
  });
}
