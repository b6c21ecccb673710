// From nothing to a sandbox with an agent in it. What a person would be asked comes from the
// environment; the only mode is the one without questions.

import { readFileSync } from 'node:fs';
import { sha256 } from '../shared/canonical.ts';
import { bringUp, clusterOf } from '../setup/cluster.ts';
import { crashPoint } from '../shared/crash-point.ts';
import { docker } from '../shared/docker.ts';
import { Failure, usage } from '../shared/failure.ts';
import { parseArguments } from '../shared/parse-arguments.ts';
import { say } from '../shared/program.ts';
import { agentConfig, placeholderOf, tokenVariable } from './agent-config.ts';
import { composePolicy, policyName } from './compose-policy.ts';
import { buildSandboxImage, checkBase, ensureBase, schemaOf } from './images.ts';
import { mustOpenshell, openshell, sandboxNamed } from './openshell-client.ts';
import { probeSandbox } from './probe.ts';
import { agentNamed, type AgentName } from './product.ts';
import {
  putEntry,
  readRegistry,
  type CustomPolicy,
  type Entry,
  type Messaging,
} from './registry.ts';
import { withPolicyFile } from './policy-file.ts';
import { waitHealthy } from './wait-healthy.ts';
import { pendingSteps, readSession, takeStep, writeSession, type Session } from './session.ts';

export type Wish = {
  readonly name: string;
  readonly agent: AgentName;
  readonly model: string;
  readonly provider: string;
  readonly credential: string;
  readonly endpoint: string;
  readonly presets: readonly string[];
  readonly custom: readonly CustomPolicy[];
  readonly channels: readonly string[];
  readonly tier: string;
  /** Another base than this release's. */
  readonly base: string | undefined;
};

const onboardUsage =
  'nemoclaw onboard --non-interactive [--resume] [--name NAME] [--agent AGENT] [--base IMAGE]';

const listed = (text: string | undefined): readonly string[] =>
  (text ?? '').split(',').filter((each) => each !== '');

function wishFrom(name: string, agent: string, base: string | undefined): Wish {
  const { env } = process;
  const provider = env['NEMOCLAW_PROVIDER'] ?? 'nvidia';
  const endpoint = env['NEMOCLAW_ENDPOINT_URL'];
  if (endpoint === undefined) throw new Failure(4, 'NEMOCLAW_ENDPOINT_URL is not set');
  return {
    name,
    agent: agentNamed(agent),
    model: env['NEMOCLAW_MODEL'] ?? 'fake/echo-1',
    provider,
    credential: `${provider.toUpperCase()}_API_KEY`,
    endpoint,
    presets: listed(env['NEMOCLAW_POLICY_PRESETS']),
    custom: listed(env['NEMOCLAW_CUSTOM_POLICIES']).map(readCustom),
    channels: listed(env['NEMOCLAW_CHANNELS']),
    tier: env['NEMOCLAW_POLICY_TIER'] ?? 'balanced',
    base,
  };
}

function readCustom(path: string): CustomPolicy {
  const content = readFileSync(path, 'utf8');
  const name = policyName(content, path);
  return { name, content, sourcePath: path, appliedAt: new Date().toISOString() };
}

export async function onboard(args: readonly string[]): Promise<number> {
  const options = {
    'non-interactive': { type: 'boolean' },
    resume: { type: 'boolean' },
    name: { type: 'string' },
    agent: { type: 'string' },
    base: { type: 'string' },
  } as const;
  const { flag, option } = parseArguments(args, options, onboardUsage);
  if (!flag('non-interactive')) throw usage(onboardUsage);
  const wish = wishFrom(option('name') ?? 'default', option('agent') ?? 'openclaw', option('base'));
  const begun = sessionFor(wish, flag('resume'));
  // The steps that are done are not done again, and the gateway may have gone since.
  if (flag('resume')) await mustOpenshell(['gateway', 'start'], { exitCode: 4 });
  const session = await take(wish, begun);
  writeSession({ ...session, status: 'complete', resumable: false });
  say(`sandbox ${wish.name} is ready`);
  return 0;
}

function sessionFor(wish: Wish, isResumed: boolean): Session {
  const last = readSession();
  if (isResumed && last?.sandboxName === wish.name && last.resumable)
    return { ...last, status: 'running' };
  if (isResumed) throw new Failure(4, 'there is nothing to resume');
  return {
    version: 1,
    sandboxName: wish.name,
    agent: wish.agent,
    status: 'running',
    resumable: true,
    policyPresets: wish.presets,
    credentialEnv: wish.credential,
    metadata: { gatewayName: 'openshell-docker-gateway', fromDockerfile: wish.base ?? null },
    steps: pendingSteps,
  };
}

async function take(wish: Wish, begun: Session): Promise<Session> {
  const isAgain = begun.steps.sandbox.status !== 'pending';
  let session = await takeStep(begun, 'preflight', () => preflight(wish));
  session = await takeStep(session, 'provider', () => putProviders(wish));
  session = await takeStep(session, 'inference', async () => {
    const set = ['inference', 'set', '--endpoint', wish.endpoint, '--provider', wish.provider];
    await mustOpenshell(set);
  });
  session = await takeStep(session, 'sandbox', () => makeSandbox(wish, isAgain));
  return takeStep(session, 'policies', () => applyPolicies(wish));
}

/** Throws exit 4: nothing was touched. */
async function preflight({ name, agent, base, presets, custom }: Wish): Promise<void> {
  if (Object.hasOwn(readRegistry().sandboxes, name))
    throw new Failure(4, `there is a sandbox ${name}`);
  const { code } = await docker(['version', '--format', '{{.Server.Version}}']);
  if (code !== 0) throw new Failure(4, 'the container engine does not answer');
  composePolicy(presets, custom);
  if (base !== undefined) await checkBase(agent, base);
  await mustOpenshell(['gateway', 'start'], { exitCode: 4 });
}

async function putProviders({ provider, credential, channels }: Wish): Promise<void> {
  for (const [name, variable] of [
    [provider, credential],
    ...channels.map((each) => [each, tokenVariable(each)] as const),
  ] as const) {
    const args = [name, '--credential', variable];
    const { code } = await openshell(['provider', 'create', ...args]);
    if (code !== 0) await mustOpenshell(['provider', 'update', ...args]);
  }
}

/** `isAgain`: an attempt that was cut off may have left a sandbox that the registry does not know. */
async function makeSandbox(wish: Wish, isAgain: boolean): Promise<void> {
  const { name, agent, model, channels } = wish;
  if (isAgain && (await sandboxNamed(name)) !== undefined)
    await mustOpenshell(['sandbox', 'delete', name]);
  await makeCluster(name);
  const base = wish.base ?? (await ensureBase(agent));
  const config = agentConfig(agent, await schemaOf(base), { model, channels });
  const image = await buildSandboxImage(name, base, config);
  const create = ['sandbox', 'create', '--name', name, '--from', image];
  await mustOpenshell([...create, '--', '/usr/local/bin/nemoclaw-start']);
  crashPoint('sandbox-created');
  await waitHealthy(name, agent);
  const probe = await probeSandbox(name, agent);
  await putEntry(entryOf(wish, image, probe?.version ?? 'unknown'));
}

/** Where sandboxes run inside a cluster, its image is named; an attempt that was cut off may have left one. */
async function makeCluster(sandbox: string): Promise<void> {
  const upstream = process.env['NEMOCLAW_CLUSTER_IMAGE'] ?? '';
  if (upstream === '') return;
  await docker(['rm', '--force', clusterOf(sandbox)]);
  await bringUp(clusterOf(sandbox), upstream);
}

function entryOf(wish: Wish, imageTag: string, agentVersion: string): Entry {
  const { name, agent, model, provider, credential, channels, tier } = wish;
  const hashOf = (variable: string): string => sha256(process.env[variable] ?? '');
  const messaging: Messaging = {
    schemaVersion: 1,
    plan: channels.map((channel) => ({
      channel,
      placeholder: placeholderOf(channel),
      hash: hashOf(tokenVariable(channel)),
    })),
  };
  return {
    name,
    createdAt: new Date().toISOString(),
    agent,
    agentVersion,
    imageTag,
    model,
    provider,
    policies: [],
    customPolicies: [],
    policyTier: tier,
    messaging,
    providerCredentialHashes: { [credential]: hashOf(credential) },
    dashboardPort: agent === 'hermes' ? 8642 : 18789,
  };
}

async function applyPolicies({ name, presets, custom }: Wish): Promise<void> {
  await withPolicyFile(composePolicy(presets, custom), (path) =>
    mustOpenshell(['policy', 'set', name, '--policy', path, '--wait', '10']),
  );
  const entry = readRegistry().sandboxes[name];
  if (entry === undefined || (await sandboxNamed(name)) === undefined)
    throw new Failure(1, `sandbox ${name} is gone`);
  await putEntry({ ...entry, policies: presets, customPolicies: custom });
}
