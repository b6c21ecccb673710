// Prepares a DGX Spark: the engine with the host's cgroup namespace, its user in the engine's group.
// Exit 0, 1 failed and unchanged, 2 usage, 3 not root, 4 Kubernetes runs, 5 the engine did not return.

import { existsSync, readFileSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { docker, lastLine } from '../shared/docker.ts';
import { Failure, usage } from '../shared/failure.ts';
import { mutant } from '../shared/mutant.ts';
import { say, startProgram } from '../shared/program.ts';
import { runProgram } from '../shared/run.ts';
import { writeBeside } from '../shared/write-beside.ts';
import { setTopLevelKey } from './edit-json-key.ts';

const key = 'default-cgroupns-mode';
const kubernetes = ['kubelet', 'kubelite', 'microk8s', 'k3s'];
/** A pause that trying out makes shorter; how often it tries stays. */
const waits = { times: 10, everyMs: Number(process.env['NEMOCLAW_REF_PAUSE_MS'] ?? '2000') };

async function main(args: readonly string[]): Promise<number> {
  if (args.length > 0) throw usage('setup-spark');
  const isRoot = (process.getuid?.() ?? 0) === 0;
  if (!isRoot && !mutant('spark.allow-user')) throw new Failure(3, 'setup-spark must be root');
  await refuseKubernetes();
  await configure(process.env['NEMOCLAW_DOCKER_CONFIG'] ?? '/etc/docker/daemon.json');
  return 0;
}

async function configure(path: string): Promise<void> {
  const before = existsSync(path) ? readFileSync(path, 'utf8') : undefined;
  const after = edited(before ?? '{}\n');
  await addUser();
  if (before === after && !mutant('spark.always-restart')) {
    say(`${path} says so already`);
    return;
  }
  if (!mutant('spark.no-write')) writeBeside(path, after, 0o644);
  await restart(path, before);
  say(`${path}: ${key} is host; the engine was restarted`);
}

async function refuseKubernetes(): Promise<void> {
  for (const name of mutant('spark.ignore-k8s') ? [] : kubernetes) {
    const { code } = await runProgram('pgrep', ['-x', name]);
    if (code === 0) throw new Failure(4, `${name} runs here; nothing was changed`);
  }
}

function edited(text: string): string {
  if (mutant('spark.overwrite-broken')) {
    try {
      JSON.parse(text);
    } catch {
      return `{"${key}": "host"}\n`;
    }
  }
  const changed = setTopLevelKey(text, key, 'host');
  if (!mutant('spark.rewrite-file') || changed === text) return changed;
  return JSON.stringify(JSON.parse(changed));
}

/** Whoever called sudo; root needs no group. */
async function addUser(): Promise<void> {
  const user = process.env['SUDO_USER'] ?? 'root';
  if (user === 'root' && !mutant('spark.add-root')) return;
  const { code, stderr } = await runProgram('usermod', ['-aG', 'docker', user]);
  if (code !== 0) throw new Failure(1, `${user} was not added to docker: ${lastLine(stderr)}`);
}

/** With the old file back when the engine does not return on the new one. */
async function restart(path: string, before: string | undefined): Promise<void> {
  await runProgram('systemctl', ['restart', 'docker']);
  for (let tries = 0; tries < waits.times; tries += 1) {
    const { code } = await docker(['version', '--format', '{{.Server.Version}}']);
    if (code === 0) return;
    await sleep(waits.everyMs);
  }
  if (!mutant('spark.no-restore')) {
    if (before === undefined) rmSync(path, { force: true });
    else writeBeside(path, before, 0o644);
  }
  throw new Failure(5, `the engine did not return; ${path} is as it was`);
}

void startProgram('setup-spark', main, { usage: 'setup-spark, as root and without arguments' });
