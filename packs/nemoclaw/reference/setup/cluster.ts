// Starts the cluster container; on an engine that its image does not suit, from a repaired image.

import { setTimeout as sleep } from 'node:timers/promises';
import { docker, lastLine, mustDocker } from '../shared/docker.ts';
import { Failure, messageOf, usage } from '../shared/failure.ts';
import { mutant } from '../shared/mutant.ts';
import { parseArguments } from '../shared/parse-arguments.ts';
import { say, warn } from '../shared/program.ts';
import { askCondition, chosenSnapshotter, type Condition } from './overlay-condition.ts';
import { patchedImage } from './patched-image.ts';

const clusterUsage = 'nemoclaw cluster --name NAME --upstream IMAGE';

/** Exit 0 running, 1 it did not start; then no container is left. */
export async function startCluster(args: readonly string[]): Promise<number> {
  const options = { name: { type: 'string' }, upstream: { type: 'string' } } as const;
  const { option } = parseArguments(args, options, clusterUsage);
  const [name, upstream] = [option('name'), option('upstream')];
  if (name === undefined || upstream === undefined) throw usage(clusterUsage);
  await bringUp(name, upstream);
  return 0;
}

/** Throws exit 1 when it did not start. */
export async function bringUp(name: string, upstream: string): Promise<void> {
  const condition = await askCondition();
  const image = await imageFor(upstream, condition);
  await start({ name, upstream, image }, condition);
  say(`cluster ${name} runs on ${image}`);
}

export const clusterOf = (sandbox: string): string => `nemoclaw-cluster-${sandbox}`;

async function imageFor(upstream: string, { driver, isAffected }: Condition): Promise<string> {
  const isDeclined = process.env['NEMOCLAW_DISABLE_OVERLAY_FIX'] === '1';
  if (isDeclined && !mutant('overlay.ignore-opt-out')) {
    say(`overlay fix: declined (driver ${driver})`);
    return upstream;
  }
  if (!isAffected) {
    say(`overlay fix: not needed (driver ${driver})`);
    return upstream;
  }
  say(`overlay fix: needed (driver ${driver})`);
  if (mutant('overlay.no-build')) return upstream;
  try {
    const tag = await patchedImage(upstream, chosenSnapshotter(process.env));
    return mutant('overlay.use-upstream') ? upstream : tag;
  } catch (error) {
    if (!mutant('overlay.hide-failure')) warn(`overlay fix failed: ${messageOf(error)}`);
    return upstream;
  }
}

const startsWithinMs = 60_000;

type Cluster = { readonly name: string; readonly upstream: string; readonly image: string };

async function start({ name, upstream, image }: Cluster, { driver }: Condition): Promise<void> {
  const labels = [`nemoclaw.cluster=${upstream}`, `openshell.ai/sandbox-name=${name}`];
  const run = ['run', '--detach', '--name', name, '--network', 'none'];
  const about = labels.flatMap((label) => ['--label', label]);
  await mustDocker([...run, ...about, '--env', `CLUSTER_DRIVER=${driver}`, image]);
  const until = Date.now() + startsWithinMs;
  while (Date.now() < until) {
    const { stdout } = await docker(['logs', name]);
    if (stdout.includes('cluster ready')) return;
    const running = await docker(['inspect', '--format', '{{.State.Running}}', name]);
    if (running.stdout.trim() !== 'true') break;
    await sleep(100);
  }
  const { stdout, stderr } = await docker(['logs', name]);
  if (!mutant('overlay.leave-container')) await docker(['rm', '--force', name]);
  throw new Failure(1, `cluster ${name} did not start: ${lastLine(stdout + stderr)}`);
}
