// Policies of a sandbox in the three places that they live in, and at work.

import type { Json, JsonObject, PackCollector, PackContext } from 'seatrial';
import {
  agentOf,
  askGateway,
  inSandbox,
  listIn,
  newestBackup,
  objectIn,
  parsed,
  registryEntry,
  sandboxOf,
  sha256,
  textIn,
} from './look-sandbox.ts';

/** Presets by name, custom policies by name and content. */
function sets(presets: Json | undefined, custom: Json | undefined): JsonObject {
  const own = listIn(custom).map((each) => {
    const { name, content } = objectIn(each);
    return `${textIn(name)} ${sha256(textIn(content))}`;
  });
  return { presets: listIn(presets).map(textIn).sort(), custom: own.sort() };
}

async function inRegistry(context: PackContext): Promise<JsonObject> {
  const entry = await registryEntry(context);
  return sets(entry['policies'], entry['customPolicies']);
}

export const policyRegistry: PackCollector = {
  before: async (context) => ({ kept: await inRegistry(context) }),
  after: async (context) => ({ kept: await inRegistry(context) }),
};

async function manifestOfBackup(context: PackContext): Promise<JsonObject> {
  const folder = await newestBackup(context);
  if (folder === undefined) return {};
  const { text } = await context.ports.state.read(`${folder}/rebuild-manifest.json`);
  return objectIn(parsed(text));
}

export const policyBackupManifest: PackCollector = {
  before: async (context) => ({ kept: await inRegistry(context) }),
  after: async (context) => {
    const manifest = await manifestOfBackup(context);
    return { kept: sets(manifest['policyPresets'], manifest['customPolicyPresets']) };
  },
};

async function live(context: PackContext): Promise<JsonObject> {
  const told = objectIn(await askGateway(context, 'policy.get', { name: context.name }));
  return objectIn(told['body']);
}

export const policyLive: PackCollector = {
  before: async (context) => ({ live: await live(context) }),
  after: async (context) => ({ live: await live(context) }),
};

/** One that the owner never asked for. */
const neverApplied = (context: PackContext): string =>
  agentOf(context) === 'hermes' ? 'npm' : 'discord';

export const policyAbsentStaysAbsent: PackCollector = {
  after: async (context) => {
    const preset = neverApplied(context);
    const registry = objectIn(await inRegistry(context))['presets'];
    const manifest = await manifestOfBackup(context);
    return {
      preset,
      inLive: Object.hasOwn(objectIn((await live(context))['network_policies']), preset),
      inRegistry: listIn(registry).includes(preset),
      inManifest: listIn(manifest['policyPresets']).includes(preset),
    };
  },
};

type Asked = { readonly name: string; readonly url: string };

/** One that the policy allows, and three that differ from it in one part each. */
function questions(context: PackContext): readonly Asked[] {
  const [host, port, path] =
    agentOf(context) === 'hermes'
      ? ['discord.example.org', '443', '/api/allowed']
      : ['registry.team.test', '80', '/packages/allowed'];
  return [
    { name: 'allowed', url: `http://${host}:${port}${path}` },
    { name: 'otherHost', url: `http://else.example.org:${port}${path}` },
    { name: 'otherPort', url: `http://${host}:8${port}${path}` },
    { name: 'otherPath', url: `http://${host}:${port}/else` },
  ];
}

/** Asks by the sandbox's own way out, and prints a status for each. */
const asking = `
const { request } = require('node:http');
const ask = (path) => new Promise((done) => {
  const host = new URL(path).host;
  const asked = request({ host: '127.0.0.1', port: 3128, path, headers: { host } }, (answer) => {
    answer.resume();
    done(answer.statusCode);
  });
  asked.on('error', () => done(0));
  asked.end();
});
Promise.all(process.argv.slice(1).map(ask)).then((all) => console.log(JSON.stringify(all)));
`;

async function enforced(context: PackContext): Promise<JsonObject> {
  const { container } = await sandboxOf(context);
  const asked = questions(context);
  const script = `node -e "$(cat <<'EOF'\n${asking}\nEOF\n)" ${asked.map(({ url }) => `'${url}'`).join(' ')}`;
  const told = listIn(parsed(await inSandbox(context, container, script)));
  return Object.fromEntries(asked.map(({ name }, index) => [name, told[index] ?? null]));
}

export const policyEnforced: PackCollector = { before: enforced, after: enforced };
