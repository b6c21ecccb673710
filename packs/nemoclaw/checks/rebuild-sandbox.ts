// What a rebuild made of the sandbox itself: container, image, agent, token.

import type { JsonObject, PackCollector, PackContext } from 'seatrial';
import {
  agentOf,
  agentSays,
  besideName,
  buildOf,
  homeIn,
  inSandbox,
  listIn,
  objectIn,
  parsed,
  registryEntry,
  sandboxOf,
  sha256,
  textIn,
  versionIn,
  type AgentName,
} from './look-sandbox.ts';

const oldImage = (context: PackContext): string =>
  context.fixtures[`old-${agentOf(context)}-image`]?.['id'] ?? '';

const layersIn = (image: JsonObject | undefined) =>
  listIn(objectIn(image?.['RootFS'])['Layers']).map((each) => textIn(each));

/** The container was made on the fixture's image, and its own agent is the old one. */
async function oldFacts(context: PackContext): Promise<JsonObject> {
  const { container, image } = await sandboxOf(context);
  await context.ports.sandbox.inspect(container);
  const fixture = layersIn(await context.ports.driver.image(oldImage(context)));
  const layers = layersIn(await context.ports.driver.image(image));
  const released = await buildOf(context, agentOf(context), 'old');
  return {
    ...{ fixture: { layers: fixture }, layers: layers.slice(0, fixture.length) },
    version: await versionIn(context, container),
    released: released.version,
  };
}

export const oldSandboxObserved: PackCollector = {
  before: oldFacts,
  after: async (context) => {
    const { container } = await sandboxOf(context);
    const found = await context.ports.sandbox.inspect(container);
    return { id: textIn(found?.['Id']) };
  },
};

async function containerFacts(context: PackContext): Promise<JsonObject> {
  const { container, image } = await sandboxOf(context);
  const found = await context.ports.sandbox.inspect(container);
  const labels = objectIn(objectIn(found?.['Config'])['Labels']);
  return { container, image, content: textIn(labels['openshell.ai/content']) };
}

export const containerReplaced: PackCollector = {
  before: containerFacts,
  after: async (context) => ({
    ...(await containerFacts(context)),
    head: await buildOf(context, agentOf(context), 'head'),
  }),
};

async function versionFacts(context: PackContext): Promise<JsonObject> {
  const { container } = await sandboxOf(context);
  return { version: await versionIn(context, container) };
}

export const agentVersionChanged: PackCollector = {
  before: async (context) => ({
    ...(await versionFacts(context)),
    released: (await buildOf(context, agentOf(context), 'old')).version,
  }),
  after: async (context) => ({
    ...(await versionFacts(context)),
    head: (await buildOf(context, agentOf(context), 'head')).version,
  }),
};

const digestScript = 'cd /opt/agent && find . -type f -exec sha256sum {} +';

/** Files of the agent in a container, by path. */
async function agentFiles(context: PackContext, container: string): Promise<JsonObject> {
  const lines = (await inSandbox(context, container, digestScript)).trim().split('\n').sort();
  return Object.fromEntries(
    lines.map((line) => {
      const [digest = '', path = ''] = line.split(/\s+\*?\.\//);
      return [path, digest];
    }),
  );
}

async function headFiles({ ports, product }: PackContext, agent: AgentName) {
  const tree = await ports.state.tree(`${product}/agents/${agent}`);
  return Object.fromEntries(
    Object.entries(tree)
      .filter(([, { kind }]) => kind === 'file')
      .map(([path, found]) => [path, found.sha256 ?? '']),
  );
}

async function contentFacts(context: PackContext): Promise<JsonObject> {
  const { container } = await sandboxOf(context);
  return {
    files: await agentFiles(context, container),
    head: await headFiles(context, agentOf(context)),
  };
}

export const agentContentIsHead: PackCollector = { after: contentFacts };

/** The name of the base that a rebuild begins with. */
const baseTag = async (context: PackContext): Promise<string> => {
  const agent = agentOf(context);
  const { version } = await buildOf(context, agent, 'head');
  return `st-${context.suffix}/nemoclaw-base-${agent}:${version}`;
};

async function baseContent(context: PackContext): Promise<string> {
  const image = await context.ports.driver.image(await baseTag(context));
  const labels = objectIn(objectIn(image?.['Config'])['Labels']);
  return textIn(labels['openshell.ai/content']);
}

export const staleBaseRefreshed: PackCollector = {
  before: async (context) => ({
    base: await baseContent(context),
    old: (await buildOf(context, agentOf(context), 'old')).tree,
  }),
  after: async (context) => ({
    ...(await contentFacts(context)),
    base: await baseContent(context),
    tree: (await buildOf(context, agentOf(context), 'head')).tree,
  }),
};

export const registryVersionProbed: PackCollector = {
  before: async (context) => ({
    registry: textIn((await registryEntry(context))['agentVersion']),
  }),
  after: async (context) => ({
    ...(await versionFacts(context)),
    registry: textIn((await registryEntry(context))['agentVersion']),
  }),
};

const tokenScript = (home: string, status: string): string =>
  [
    `cd ${home} || exit 1`,
    'cat gateway-token',
    'echo',
    'if sha256sum -c .config-hash >/dev/null 2>&1; then echo valid; else echo differs; fi',
    `wget -q -O - ${status}`,
  ].join('; ');

const statusOf = (agent: AgentName): string =>
  `http://127.0.0.1:${agent === 'hermes' ? '8642' : '18789'}/status`;

/** Never the token itself. */
async function tokenFacts(context: PackContext, layout: 'old' | 'current'): Promise<JsonObject> {
  const agent = agentOf(context);
  const { container } = await sandboxOf(context);
  const script = tokenScript(homeIn(agent, layout), statusOf(agent));
  const told = (await inSandbox(context, container, script, '0')).split('\n');
  const [token = '', hash = '', ...status] = told.filter((line) => line !== '');
  return {
    // A name that redaction would not take for that of a secret.
    ...{ digest: sha256(token.trim()), hash },
    runs: textIn(objectIn(parsed(status.join('\n')))['tokenDigest']),
  };
}

export const tokenRotated: PackCollector = {
  before: (context) => tokenFacts(context, 'old'),
  after: (context) => tokenFacts(context, 'current'),
};

async function neighbourFacts(context: PackContext): Promise<JsonObject> {
  const name = besideName(context, 'neighbour');
  const { container, status } = await sandboxOf(context, name);
  return { container, status, entry: sha256(JSON.stringify(await registryEntry(context, name))) };
}

export const neighbourUntouched: PackCollector = {
  before: neighbourFacts,
  after: neighbourFacts,
};

/** What the agent answers, and which agents the endpoint heard. */
export const inferenceWorks: PackCollector = {
  after: async (context) => {
    const { nonce, ports } = context;
    const agent = agentOf(context);
    const { container } = await sandboxOf(context);
    const answer = await agentSays(context, container, [agent, 'ask', nonce]);
    const heard = await ports.provider.requests('endpoint');
    return {
      ...{ answer, reversed: Array.from(nonce).reverse().join('') },
      clients: [...new Set(heard.map(({ client }) => textIn(client)))],
      wanted: `${agent}/${(await buildOf(context, agent, 'head')).version}`,
    };
  },
};
