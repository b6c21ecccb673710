// Policies of a sandbox in the three places that they live in, and at work.

import type { Json, JsonObject, PackCollector, PackContext } from 'seatrial';
import { parse } from 'yaml';
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

/** What policies allow, a line for each rule: whatever place they stand in, equal rules are equal lines. */
function rulesIn(network: Json | undefined): readonly string[] {
  return Object.entries(objectIn(network)).flatMap(([name, policy]) =>
    listIn(objectIn(policy)['endpoints'])
      .map(objectIn)
      .flatMap(({ host, port, rules }) =>
        listIn(rules)
          .map(objectIn)
          .map(({ method, path }) =>
            [
              name,
              `${textIn(host)}:${JSON.stringify(port ?? null)}`,
              textIn(method),
              textIn(path),
            ].join(' '),
          ),
      ),
  );
}

const rulesOfText = (text: string): readonly string[] =>
  rulesIn(objectIn(parse(text, { maxAliasCount: 0 }) as Json)['network_policies']);

async function rulesOfPreset(
  { ports, product }: PackContext,
  preset: string,
): Promise<readonly string[]> {
  const { text } = await ports.state.read(`${product}/blueprint/policies/${preset}.yaml`);
  return rulesOfText(text ?? '');
}

type Kept = { readonly names: JsonObject; readonly rules: readonly string[] };

/** A place that holds presets by name stands for the rules that these presets have. */
async function keptAs(
  context: PackContext,
  presets: Json | undefined,
  custom: Json | undefined,
): Promise<Kept> {
  const shipped: string[] = [];
  for (const preset of listIn(presets).map(textIn))
    shipped.push(...(await rulesOfPreset(context, preset)));
  const own = listIn(custom).flatMap((each) => rulesOfText(textIn(objectIn(each)['content'])));
  return { names: sets(presets, custom), rules: [...shipped, ...own].sort() };
}

async function inRegistry(context: PackContext): Promise<Kept> {
  const entry = await registryEntry(context);
  return keptAs(context, entry['policies'], entry['customPolicies']);
}

async function inBackup(context: PackContext): Promise<Kept> {
  const manifest = await manifestOfBackup(context);
  return keptAs(context, manifest['policyPresets'], manifest['customPolicyPresets']);
}

const factsOf = ({ names, rules }: Kept): JsonObject => ({ kept: names, rules });

export const policyRegistry: PackCollector = {
  before: async (context) => factsOf(await inRegistry(context)),
  after: async (context) => factsOf(await inRegistry(context)),
};

async function manifestOfBackup(context: PackContext): Promise<JsonObject> {
  const folder = await newestBackup(context);
  if (folder === undefined) return {};
  const { text } = await context.ports.state.read(`${folder}/rebuild-manifest.json`);
  return objectIn(parsed(text));
}

export const policyBackupManifest: PackCollector = {
  before: async (context) => factsOf(await inRegistry(context)),
  after: async (context) => factsOf(await inBackup(context)),
};

async function live(context: PackContext): Promise<JsonObject> {
  const told = objectIn(await askGateway(context, 'policy.get', { name: context.name }));
  return objectIn(told['body']);
}

async function enforcedRules(context: PackContext): Promise<JsonObject> {
  const body = await live(context);
  return { live: body, rules: [...rulesIn(body['network_policies'])].sort() };
}

export const policyLive: PackCollector = { before: enforcedRules, after: enforcedRules };

/** One that the owner never asked for. */
const neverApplied = (context: PackContext): string =>
  agentOf(context) === 'hermes' ? 'npm' : 'discord';

/** Under whatever name it allows it. */
const allowed = (rule: string): string => rule.slice(rule.indexOf(' ') + 1);

export const policyAbsentStaysAbsent: PackCollector = {
  after: async (context) => {
    const preset = neverApplied(context);
    const own = (await rulesOfPreset(context, preset)).map(allowed);
    const [registry, backup] = [await inRegistry(context), await inBackup(context)];
    const network = (await live(context))['network_policies'];
    const count = (rules: readonly string[]): number =>
      rules.filter((rule) => own.includes(allowed(rule))).length;
    return {
      ...{ preset, own },
      inLive: Object.hasOwn(objectIn(network), preset),
      inRegistry: listIn(registry.names['presets']).includes(preset),
      inManifest: listIn(backup.names['presets']).includes(preset),
      rules: {
        live: count(rulesIn(network)),
        registry: count(registry.rules),
        manifest: count(backup.rules),
      },
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
