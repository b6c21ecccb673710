// Commands that begin with a sandbox's name.

import { readFileSync } from 'node:fs';
import { clusterOf } from '../setup/cluster.ts';
import { docker } from '../shared/docker.ts';
import { Failure, usage } from '../shared/failure.ts';
import { mutant } from '../shared/mutant.ts';
import { parseArguments } from '../shared/parse-arguments.ts';
import { say } from '../shared/program.ts';
import { overrideNames } from '../entrypoint/overrides.ts';
import { composePolicy, policyName } from './compose-policy.ts';
import { mustOpenshell, openshell } from './openshell-client.ts';
import { withPolicyFile } from './policy-file.ts';
import { probeSandbox } from './probe.ts';
import { agentNamed } from './product.ts';
import { rebuild } from './rebuild-current.ts';
import { waitHealthy } from './wait-healthy.ts';
import { entryNamed, putEntry, readRegistry, removeEntry, type Entry } from './registry.ts';

type SandboxCommand = (name: string, args: readonly string[]) => Promise<number>;

export const sandboxCommands: Readonly<Record<string, SandboxCommand>> = {
  status,
  rebuild: runRebuild,
  restart,
  destroy,
  policy,
};

export function list(args: readonly string[]): Promise<number> {
  const { flag } = parseArguments(args, { json: { type: 'boolean' } }, 'nemoclaw list [--json]');
  const { sandboxes } = readRegistry();
  if (flag('json')) say(JSON.stringify(Object.values(sandboxes)));
  else
    for (const { name, agent, agentVersion } of Object.values(sandboxes))
      say(`${name}\t${agent}\t${agentVersion}`);
  return Promise.resolve(0);
}

async function status(name: string, args: readonly string[]): Promise<number> {
  const { flag } = parseArguments(args, { json: { type: 'boolean' } }, 'nemoclaw NAME status');
  const { agent, agentVersion } = entryNamed(name);
  const probe = await probeSandbox(name, agentNamed(agent));
  const told = {
    name,
    agent,
    registryVersion: agentVersion,
    probedVersion: probe?.version ?? null,
  };
  if (flag('json')) say(JSON.stringify(told));
  else {
    say(`${name}: ${agent}`);
    say(`registry: ${agentVersion}`);
    say(`probed: ${probe?.version ?? 'does not answer'}`);
  }
  return 0;
}

async function runRebuild(name: string, args: readonly string[]): Promise<number> {
  const options = {
    yes: { type: 'boolean' },
    verbose: { type: 'boolean' },
    resume: { type: 'boolean' },
  } as const;
  const text = 'nemoclaw NAME rebuild --yes [--verbose] [--resume]';
  const { flag } = parseArguments(args, options, text);
  if (!flag('yes')) throw usage(text);
  return rebuild(name, { isVerbose: flag('verbose'), isResumed: flag('resume') });
}

async function restart(name: string): Promise<number> {
  const { agent } = entryNamed(name);
  const forwarded = mutant('override.forward-all') ? Object.keys(process.env) : overrideNames;
  const pairs = forwarded
    .filter((variable) => (process.env[variable] ?? '') !== '')
    .map((variable) => `${variable}=${process.env[variable] ?? ''}`);
  const given = mutant('override.forward-none') ? [] : pairs;
  await mustOpenshell(['sandbox', 'restart', name, ...given.flatMap((each) => ['--env', each])]);
  await waitHealthy(name, agent);
  say(`sandbox ${name} restarted`);
  return 0;
}

async function destroy(name: string, args: readonly string[]): Promise<number> {
  const { flag } = parseArguments(
    args,
    { yes: { type: 'boolean' } },
    'nemoclaw NAME destroy --yes',
  );
  if (!flag('yes')) throw usage('nemoclaw NAME destroy --yes');
  entryNamed(name);
  const { code, stderr } = await openshell(['sandbox', 'delete', name]);
  if (code !== 0 && code !== 3) throw new Failure(1, stderr.trim());
  await docker(['rm', '--force', clusterOf(name)]);
  await removeEntry(name);
  say(`sandbox ${name} destroyed`);
  return 0;
}

const policyUsage = 'nemoclaw NAME policy list | add PRESET|FILE | remove PRESET';

async function policy(name: string, [verb, which]: readonly string[]): Promise<number> {
  const entry = entryNamed(name);
  if (verb === 'list') {
    for (const each of [...entry.policies, ...entry.customPolicies.map((own) => own.name)])
      say(each);
    return 0;
  }
  if (which === undefined || (verb !== 'add' && verb !== 'remove')) throw usage(policyUsage);
  const next = verb === 'add' ? withPolicy(entry, which) : withoutPolicy(entry, which);
  await withPolicyFile(composePolicy(next.policies, next.customPolicies), (path) =>
    mustOpenshell(['policy', 'set', name, '--policy', path, '--wait', '10']),
  );
  await putEntry(next);
  return 0;
}

function withPolicy(entry: Entry, which: string): Entry {
  if (!/[./]/.test(which)) return { ...entry, policies: [...new Set([...entry.policies, which])] };
  const content = readFileSync(which, 'utf8');
  const name = policyName(content, which);
  const own = { name, content, sourcePath: which, appliedAt: new Date().toISOString() };
  const others = entry.customPolicies.filter((each) => each.name !== name);
  return { ...entry, customPolicies: [...others, own] };
}

function withoutPolicy(entry: Entry, which: string): Entry {
  return {
    ...entry,
    policies: entry.policies.filter((each) => each !== which),
    customPolicies: entry.customPolicies.filter(({ name }) => name !== which),
  };
}
