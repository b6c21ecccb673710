// Operations on sandboxes: an old one is deployed as its release would have, its owner uses it, it is rebuilt.

import type { JsonObject, PackAction, PackContext, PackResult } from 'seatrial';
import {
  agentOf,
  homeIn,
  listIn,
  objectIn,
  sandboxOf,
  textIn,
  type AgentName,
} from '../checks/look-sandbox.ts';
import { plantedFiles, plantedIn } from '../checks/planted-files.ts';

export type Input = PackContext & { readonly with: JsonObject };
export type Ended = Pick<PackResult, 'exit' | 'stdout' | 'stderr'>;

const stepTimeoutMs = 120_000;

/** What the product's own environment lacks: credentials, and where names of the world are reached. */
function environment({ secrets, fixtures }: PackContext): Readonly<Record<string, string>> {
  const values = Object.values(secrets).filter((value) => !value.includes('\n'));
  const port = fixtures['endpoint']?.['port'] ?? '';
  return {
    NVIDIA_API_KEY: values.at(-1) ?? '',
    DISCORD_BOT_TOKEN: values.at(-2) ?? '',
    NEMOCLAW_ENDPOINT_URL: `${fixtures['endpoint']?.['url'] ?? ''}/v1`,
    OPENSHELL_HOSTS: ['registry.team.test:80', 'discord.example.org:443']
      .map((name) => `${name}=127.0.0.1:${port}`)
      .join(','),
  };
}

export async function runProduct(
  context: PackContext,
  argv: readonly [string, ...string[]],
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  return context.ports.run({
    argv,
    env: { ...environment(context), ...env },
    timeoutMs: stepTimeoutMs,
  });
}

/** One command after another until one fails. */
async function runAll(
  context: PackContext,
  commands: readonly (readonly [string, ...string[]])[],
): Promise<Ended> {
  let last: Ended = { exit: 0, stdout: '', stderr: '' };
  for (const argv of commands) {
    last = await runProduct(context, argv);
    if (last.exit !== 0) return { ...last, stderr: `${argv.join(' ')}: ${last.stderr}` };
  }
  return last;
}

const channelsOf = ({ manifest }: PackContext): readonly string[] => {
  const onboarding = objectIn(objectIn(manifest?.['spec'])['onboarding']);
  return listIn(objectIn(onboarding['messaging'])['channels']).map(textIn);
};

/** Gateway, credentials and the way to the model. */
export const startGateway = (context: PackContext): Promise<Ended> =>
  runAll(context, [
    ['openshell', 'gateway', 'start'],
    ['openshell', 'provider', 'create', 'nvidia', '--credential', 'NVIDIA_API_KEY'],
    ...channelsOf(context).map(
      (channel) =>
        [
          ...(['openshell', 'provider', 'create', channel, '--credential'] as const),
          `${channel.toUpperCase()}_BOT_TOKEN`,
        ] as const,
    ),
    [
      ...(['openshell', 'inference', 'set', '--provider', 'nvidia', '--endpoint'] as const),
      `${context.fixtures['endpoint']?.['url'] ?? ''}/v1`,
    ],
  ]);

/**
 * A sandbox on the fixture's old base, as an earlier release left it: the host's registry, which a fixture staged,
 * says what it was onboarded with. The base goes through the build gate of the product.
 */
export async function deploySandbox(context: PackContext, name: string): Promise<Ended> {
  const agent = agentOf(context);
  const base = context.fixtures[`old-${agent}-image`]?.['image'] ?? '';
  const channels = channelsOf(context).flatMap((each) => ['--channel', each]);
  const image = await runProduct(context, [
    ...(['nemoclaw', 'image', '--agent', agent, '--sandbox', name, '--base', base] as const),
    ...channels,
  ]);
  if (image.exit !== 0) return image;
  const made = await runProduct(context, [
    ...(['openshell', 'sandbox', 'create', '--name', name, '--from'] as const),
    ...[image.stdout.trim(), '--', '/usr/local/bin/nemoclaw-start'],
  ]);
  return made.exit === 0 ? untilHealthy(context, name, agent) : made;
}

const healthyTries = 300;

/** Waits inside the container, which costs one call. */
export async function untilHealthy(
  context: PackContext,
  name: string,
  agent: AgentName,
): Promise<Ended> {
  const { container } = await sandboxOf(context, name);
  const port = agent === 'hermes' ? '8642' : '18789';
  const script = `i=0; until wget -q -O - http://127.0.0.1:${port}/health; do i=$((i+1)); [ $i -lt ${String(healthyTries)} ] || exit 1; sleep 0.1; done`;
  return context.ports.sandbox.exec(container, { argv: ['sh', '-c', script], user: '998' });
}

/** `with: {also?: [names]}`: other sandboxes that the host's registry names. */
export const deployOld: PackAction = async (context) => {
  const started = await startGateway(context);
  if (started.exit !== 0) return started;
  for (const name of [context.name, ...listIn(context.with['also']).map(textIn)]) {
    const made = await deploySandbox(context, name);
    if (made.exit !== 0) return made;
  }
  return applyPolicies(context, textIn(context.with['preset']));
};

/** The registry's own set: naming one of it again tells the gateway all of it. */
const applyPolicies = (context: PackContext, preset: string): Promise<Ended> =>
  runProduct(context, ['nemoclaw', context.name, 'policy', 'add', preset]);

/** Sends the nonce by no agent, so that the endpoint's log shows who else asks. */
const askByHand = (nonce: string): string => {
  const body = JSON.stringify({
    model: 'fake/echo-1',
    messages: [{ role: 'user', content: nonce }],
  });
  return `wget -q -O /dev/null --header 'content-type: application/json' --post-data '${body}' http://inference.local/v1/chat/completions`;
};

/** What an owner has in a sandbox: a marker, files, a memory, secrets, and for Hermes a configuration. */
export async function seedSandbox(
  context: PackContext,
  name: string,
  layout: 'old' | 'current' = 'old',
): Promise<Ended> {
  const agent = agentOf(context);
  const home = homeIn(agent, layout);
  const { container } = await sandboxOf(context, name);
  const script = [
    'set -e',
    `mkdir -p ${home}/workspace/deep ${home}/sessions`,
    `cd ${home}/workspace`,
    `echo "marker of ${name}, kept by its owner" > marker.txt`,
    'echo "notes of the owner" > state-notes.txt',
    'head -c 4096 /dev/urandom > deep/state-data.bin',
    `echo '{"turns":["one","two"]}' > ../sessions/state-one.json`,
    ...plantedFiles.map(({ write }) => write),
    `${agent} memory set colour teal`,
    ...(agent === 'hermes' ? [addToConfig] : []),
    askByHand(context.nonce),
  ].join('\n');
  return context.ports.sandbox.exec(container, {
    argv: ['sh', '-c', script],
    env: plantedIn(context),
    user: '998',
  });
}

/** Into the file that is there: what stands beside it belongs to others. */
const addToConfig = `node -e '
const fs = require("node:fs");
const path = "/sandbox/.hermes/config.json";
const config = JSON.parse(fs.readFileSync(path, "utf8"));
fs.writeFileSync(path, JSON.stringify({ ...config, discord_channel: "123456", tone: "dry" }));
'`;

export const seedOwnerState: PackAction = (context) => seedSandbox(context, context.name);

/** `with: {all?}`: every stale sandbox, by the command for it. */
export const rebuild: PackAction = async (context: Input) =>
  runProduct(
    context,
    context.with['all'] === true
      ? ['nemoclaw', 'upgrade-sandboxes', '--auto', '--yes']
      : ['nemoclaw', context.name, 'rebuild', '--yes', '--verbose'],
  );
