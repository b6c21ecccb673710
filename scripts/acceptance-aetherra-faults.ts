// Every planted fault of the pack, and the life of the kernel as an application.

import type { Acceptance } from './acceptance-report.ts';
import type { Stage } from './acceptance-aetherra-stage.ts';
import { heading, say } from './steps.ts';

const limitS = 15 * 60;

type Canary = {
  readonly id: string;
  readonly outcome: string;
  readonly message: string;
  readonly red?: readonly string[];
};

/** Row 13: each fault turns red what claims it and nothing else; each gate is green without one. */
export async function acceptCanaries(
  stage: Stage,
  { tell }: Acceptance,
  parallel: string,
): Promise<void> {
  heading('row 13: every planted fault');
  const args = ['canaries', 'run', stage.pack, '--json', '--parallel', parallel];
  const { code, stdout, stderr, seconds } = await stage.seatrial(args);
  if (code === 2 || code === 70) throw new Error(stderr);
  const { results } = JSON.parse(stdout) as { results: readonly Canary[] };
  for (const { id, outcome, red = [], message } of results)
    tell(outcome === 'as-demanded', `${id}: ${message === '' ? red.join(', ') : message}`);
  tell(code === 0, `row 13: ${String(results.length)} runs, exit code ${String(code)}`);
  tell(seconds <= limitS, `all canaries took ${seconds.toFixed(0)} s of ${String(limitS)} s`);
}

/** Version 1 to version 2, which keeps memory in another form. */
export async function acceptApp(stage: Stage, { expectThat, tell }: Acceptance): Promise<void> {
  heading('the kernel as an application');
  const manifest = `${stage.pack}/app/seatrial.yaml`;
  const versions = ['--base', '1.0.0', '--head', '2.0.0'];
  await expectThat(
    'install, upgrade with migration, backup, restore, rebuild: passed',
    async () => {
      const ended = await stage.seatrial(['run', '--manifest', manifest, ...versions]);
      if (ended.code !== 0) say(ended.stdout);
      return ended.code === 0;
    },
  );
  const args = ['canaries', 'run', `${stage.pack}/app`, '--json', '--parallel', '3'];
  const { stdout } = await stage.seatrial(args);
  const { results } = JSON.parse(stdout) as { results: readonly Canary[] };
  for (const { id, outcome, message } of results) tell(outcome === 'red', `${id} ${message}`);
}
