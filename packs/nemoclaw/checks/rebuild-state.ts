// What a rebuild kept: the owner's files, memory, configuration, messaging, and the record of onboarding.

import type { Json, JsonObject, PackCollector, PackContext } from 'seatrial';
import {
  agentOf,
  agentSays,
  homeIn,
  inSandbox,
  objectIn,
  parsed,
  registryEntry,
  registryPath,
  sandboxOf,
  textIn,
} from './look-sandbox.ts';

type Layout = 'old' | 'current';

const markerIn = (context: PackContext, layout: Layout): string =>
  `${homeIn(agentOf(context), layout)}/workspace/marker.txt`;

async function markerFacts(context: PackContext, layout: Layout): Promise<JsonObject> {
  const { container } = await sandboxOf(context);
  const found = await context.ports.sandbox.read(container, markerIn(context, layout));
  return { sha256: found.sha256 ?? found.kind };
}

/** Also asks the new image alone, which must not have brought the marker along. */
export const markerPreserved: PackCollector = {
  before: async (context) => {
    const old = await markerFacts(context, 'old');
    // One that was never old has its files where the current release keeps them.
    return { marker: old['sha256'] === 'absent' ? await markerFacts(context, 'current') : old };
  },
  after: async (context) => {
    const { image } = await sandboxOf(context);
    const script = 'find /sandbox -name "marker*" | wc -l';
    const { stdout } = await context.ports.run({
      argv: [
        ...(['docker', 'run', '--rm', '--network', 'none', '--entrypoint', 'sh'] as const),
        ...['--name', `marker-probe-${context.suffix}`, image, '-c', script],
      ],
    });
    return { marker: await markerFacts(context, 'current'), inImage: Number(stdout.trim()) };
  },
};

/** By name: the same file in both layouts. */
const stateFiles = [
  'workspace/state-notes.txt',
  'workspace/deep/state-data.bin',
  'sessions/state-one.json',
];

async function fileFacts(context: PackContext, layout: Layout): Promise<JsonObject> {
  const { container } = await sandboxOf(context);
  const files: Record<string, string> = {};
  for (const name of stateFiles) {
    const path = `${homeIn(agentOf(context), layout)}/${name}`;
    const found = await context.ports.sandbox.read(container, path);
    files[name] = found.sha256 ?? found.kind;
  }
  return { files };
}

export const stateFilesPreserved: PackCollector = {
  before: (context) => fileFacts(context, 'old'),
  after: (context) => fileFacts(context, 'current'),
};

async function layoutFacts(context: PackContext): Promise<JsonObject> {
  const agent = agentOf(context);
  const { container } = await sandboxOf(context);
  const port = agent === 'hermes' ? '8642' : '18789';
  const status = await inSandbox(
    context,
    container,
    `wget -q -O - http://127.0.0.1:${port}/status`,
  );
  const memory = await agentSays(context, container, [agent, 'memory', 'get', 'colour']);
  // An agent that says nothing is an answer, and not a comparison with nothing.
  return {
    schema: objectIn(parsed(status))['schema'] ?? 'none',
    memory: memory === '' ? 'none' : memory,
  };
}

export const layoutMigrated: PackCollector = { before: layoutFacts, after: layoutFacts };

export const sessionConsistent: PackCollector = {
  before: (context) => sessionFacts(context),
  after: (context) => sessionFacts(context),
};

async function sessionFacts({ ports, home, name }: PackContext): Promise<JsonObject> {
  const { text, mode = '' } = await ports.state.read(`${home}/.nemoclaw/onboard-session.json`);
  const session = objectIn(parsed(text));
  const steps = Object.values(objectIn(session['steps'])).map((step) =>
    textIn(objectIn(step)['status']),
  );
  return {
    ...{ mode, wanted: name, sandbox: textIn(session['sandboxName']) },
    ...{ status: textIn(session['status']), resumable: session['resumable'] ?? null },
    steps: [...new Set(steps)],
  };
}

/** Where each key of the old, flat configuration stands in the new one. */
const movedKeys: Readonly<Record<string, readonly [string, string]>> = {
  model: ['inference', 'model'],
  base_url: ['inference', 'baseUrl'],
  discord_token: ['discord', 'token'],
  discord_channel: ['discord', 'channel'],
};

function flattened(config: JsonObject): JsonObject {
  const groups: readonly string[] = ['schema', 'inference', 'discord'];
  const rest = Object.entries(config).filter(([key]) => !groups.includes(key));
  const moved = Object.entries(movedKeys).flatMap(([flat, [group, key]]): [string, Json][] => {
    const value = objectIn(config[group])[key];
    return value === undefined ? [] : [[flat, value]];
  });
  return Object.fromEntries([...rest, ...moved]);
}

async function hermesConfig(context: PackContext): Promise<JsonObject> {
  const { container } = await sandboxOf(context);
  const { text } = await context.ports.sandbox.read(container, '/sandbox/.hermes/config.json');
  return objectIn(parsed(text));
}

export const hermesConfigPreserved: PackCollector = {
  before: async (context) => ({ config: await hermesConfig(context) }),
  after: async (context) => {
    const config = await hermesConfig(context);
    return { config: flattened(config), schema: config['schema'] ?? null };
  },
};

async function messagingFacts(context: PackContext): Promise<JsonObject> {
  const { text = '' } = await context.ports.state.read(registryPath(context));
  const config = JSON.stringify(await hermesConfig(context));
  const raw = Object.values(context.secrets).filter((value) =>
    [text, config].some((each) => each.includes(value)),
  );
  return { plan: (await registryEntry(context))['messaging'] ?? null, raw: raw.length };
}

async function boundToken(context: PackContext): Promise<string> {
  const config = await hermesConfig(context);
  return textIn(config['discord_token'] ?? objectIn(config['discord'])['token']);
}

export const messagingPreserved: PackCollector = {
  before: async (context) => ({
    ...(await messagingFacts(context)),
    bound: await boundToken(context),
  }),
  after: async (context) => ({
    ...(await messagingFacts(context)),
    bound: await boundToken(context),
  }),
};
