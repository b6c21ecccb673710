// What an upgrade of the gateway did to the gateway itself, its state and the host.

import type { Json, JsonObject, PackCollector, PackContext, PackFile } from 'seatrial';
import { gatewayFolder, lookAtGateway, none, programFolder } from './look-gateway.ts';
import {
  homeIn,
  inSandbox,
  listIn,
  newestBackup,
  objectIn,
  parsed,
  registryEntry,
  registryPath,
  sandboxOf,
  sha256,
  textIn,
} from './look-sandbox.ts';
import { backupCounts } from './product-commands.ts';

const releaseFolders = { old: 'releases/openshell-old', head: 'openshell' } as const;

/** A built release of openshell, as it lies in the product. */
async function releaseOf(
  { ports, product }: PackContext,
  which: keyof typeof releaseFolders,
): Promise<JsonObject> {
  const folder = `${product}/${releaseFolders[which]}`;
  const { text } = await ports.state.read(`${folder}/build.json`);
  const program = await ports.state.read(`${folder}/openshell-gateway`);
  return {
    version: textIn(objectIn(parsed(text))['version']),
    executable: program.sha256 ?? none,
  };
}

export const oldGatewayObserved: PackCollector = {
  after: async (context) => ({
    ...(await lookAtGateway(context)),
    released: await releaseOf(context, 'old'),
  }),
};

export const versionChanged: PackCollector = {
  before: async (context) => ({ ...(await lookAtGateway(context)) }),
  after: async (context) => ({
    ...(await lookAtGateway(context)),
    head: await releaseOf(context, 'head'),
  }),
};

const stateFile = (context: PackContext): string => `${gatewayFolder(context)}/state.json`;

/** Name and digest, so that a difference can be told apart without what may be a secret. */
const known = (name: Json | undefined, value: Json): string =>
  `${textIn(name)} ${sha256(JSON.stringify(value))}`;

type Entries = {
  readonly sandboxes: readonly string[];
  readonly providers: readonly string[];
  readonly routes: readonly string[];
};

const inferenceHost = 'inference.local';

const providerIn = (name: Json | undefined, { type, credential, valueHash }: JsonObject): string =>
  known(name, [type ?? null, credential ?? null, valueHash ?? null]);

const routeIn = ({ endpoint, provider }: JsonObject): string =>
  known(inferenceHost, [endpoint ?? null, provider ?? null]);

/** Schema 1: sandboxes and providers by name, policies inside, one endpoint. */
function oldEntries(state: JsonObject): Entries {
  const named = (part: string): readonly (readonly [string, JsonObject])[] =>
    Object.entries(objectIn(state[part])).map(([name, value]) => [name, objectIn(value)]);
  return {
    sandboxes: named('sandboxes').map(([name, { container, image, createdAt, policyYaml }]) =>
      known(name, [container ?? null, image ?? null, createdAt ?? null, policyYaml ?? null]),
    ),
    providers: named('providers').map(([name, value]) => providerIn(name, value)),
    routes: [routeIn(objectIn(state['inference']))],
  };
}

/** Schema 2: lists, each policy in a file of its own. */
async function newEntries(context: PackContext, state: JsonObject): Promise<Entries> {
  const listed = (part: string) => listIn(state[part]).map(objectIn);
  const sandboxes = listed('sandboxes').map(async (each) => {
    const { name, containerId, imageId, createdAt, policy } = each;
    const file = `${gatewayFolder(context)}/${textIn(objectIn(policy)['file'])}`;
    const { text = null } = await context.ports.state.read(file);
    return known(name, [containerId ?? null, imageId ?? null, createdAt ?? null, text]);
  });
  return {
    sandboxes: await Promise.all(sandboxes),
    providers: listed('providers').map((each) => providerIn(each['name'], each)),
    routes: listed('routes').map((each) => routeIn(each)),
  };
}

async function stateFacts(context: PackContext): Promise<JsonObject> {
  const { text, sha256: digest = none } = await context.ports.state.read(stateFile(context));
  const state = objectIn(parsed(text));
  const entries = state['schema'] === 2 ? await newEntries(context, state) : oldEntries(state);
  const saved = await context.ports.state.read(`${stateFile(context)}.v1.bak`);
  return { schema: state['schema'] ?? none, digest, saved: saved.sha256 ?? none, entries };
}

export const stateMigrated: PackCollector = { before: stateFacts, after: stateFacts };

const skippedIn = (said: string): string => / failed, (\d+) skipped/.exec(said)?.[1] ?? none;

const markerOf = (folder: string): string => `${folder}/workspace/marker.txt`;

/** The backup is put into the sandbox again, beside what is there, by the command that a user would take. */
async function restored(context: PackContext, backup: string): Promise<string> {
  const [inside = ''] = homeIn('openclaw', 'old').split('/').slice(-1);
  const unpack = [
    'rm -rf /tmp/restored && mkdir /tmp/restored',
    `tar -C /tmp/restored -xf - && cat /tmp/restored/${markerOf(inside)}`,
  ];
  const script =
    'tar -C "$0/state" -cf - . | "$1" sandbox exec "$2" --user sandbox --stdin -- sh -c "$3"';
  const openshell = `${programFolder(context)}/openshell`;
  const argv = ['/bin/sh', '-c', script, backup, openshell, context.name] as const;
  const { exit, stdout } = await context.ports.run({ argv: [...argv, unpack.join('; ')] });
  return exit === 0 ? sha256(stdout) : none;
}

export const backupTaken: PackCollector = {
  before: async (context) => ({ newest: (await newestBackup(context)) ?? none }),
  after: async (context) => {
    const { ports, action } = context;
    const counts = backupCounts(action.stdout);
    const newest = (await newestBackup(context)) ?? none;
    const { text } = await ports.state.read(`${newest}/rebuild-manifest.json`);
    const told = await ports.state.read(`${gatewayFolder(context)}/gateway.json`);
    const { container } = await sandboxOf(context);
    const marker = await inSandbox(
      context,
      container,
      `cat ${markerOf(homeIn('openclaw', 'old'))}`,
    );
    return {
      backedUp: String(counts?.backedUp ?? none),
      failed: String(counts?.failed ?? none),
      ...{ skipped: skippedIn(action.stdout), newest, wanted: context.name },
      sandbox: textIn(objectIn(parsed(text))['sandboxName']),
      takenAt: textIn(objectIn(parsed(text))['timestamp']),
      gatewayStartedAt: textIn(objectIn(parsed(told.text))['startedAt']),
      marker: sha256(marker),
      restored: newest === none ? none : await restored(context, newest),
    };
  },
};

export const registryPreserved: PackCollector = {
  before: async (context) => ({ entry: sha256(JSON.stringify(await registryEntry(context))) }),
  after: async (context) => {
    const { ports, name } = context;
    const says = async (...argv: readonly [string, ...string[]]): Promise<boolean> => {
      const [program, ...args] = argv;
      const { stdout } = await ports.run({
        argv: [`${programFolder(context)}/${program}`, ...args],
      });
      return stdout.split('\n').some((line) => line.startsWith(`${name}\t`));
    };
    return {
      entry: sha256(JSON.stringify(await registryEntry(context))),
      nemoclaw: await says('nemoclaw', 'list'),
      openshell: await says('openshell', 'sandbox', 'list'),
    };
  },
};

/** What is written while it runs, and says nothing of what was changed. */
const logs = /^gateway\.(?:log|out)$/;

const treeDigest = (tree: Readonly<Record<string, PackFile>>): string =>
  sha256(
    Object.entries(tree)
      .filter(([path]) => !logs.test(path))
      .map(([path, { kind, mode = '', sha256: digest = '' }]) => [path, kind, mode, digest].join())
      .sort()
      .join('\n'),
  );

/** Programs, the gateway's state and process, and all that the product remembers. */
async function hostFacts(context: PackContext): Promise<JsonObject> {
  const { ports, home } = context;
  const told = await ports.run({ argv: [`${programFolder(context)}/openshell`, '--version'] });
  return {
    openshell: /\b\d+\.\d+\.\d+\b/.exec(told.stdout)?.[0] ?? none,
    programs: treeDigest(await ports.state.tree(programFolder(context))),
    state: treeDigest(await ports.state.tree(gatewayFolder(context))),
    product: treeDigest(await ports.state.tree(`${home}/.nemoclaw`)),
    gateway: { ...(await lookAtGateway(context)) },
  };
}

const variable = 'NEMOCLAW_ACCEPT_EXPERIMENTAL_OPENSHELL_UPGRADE';

export const consentRequired: PackCollector = {
  before: hostFacts,
  after: async (context) => ({
    ...(await hostFacts(context)),
    exit: context.action.exit,
    names: context.action.stderr.includes(variable),
  }),
};

async function standing(context: PackContext): Promise<JsonObject> {
  const { ports } = context;
  const { version, schema, executable, isSame } = await lookAtGateway(context);
  const [state, registry] = [
    await ports.state.read(stateFile(context)),
    await ports.state.read(registryPath(context)),
  ];
  return {
    ...{ version, schema, executable, isSame },
    state: state.sha256 ?? none,
    registry: registry.sha256 ?? none,
    programs: treeDigest(await ports.state.tree(programFolder(context))),
  };
}

export const rollbackOnFailure: PackCollector = {
  before: standing,
  after: async (context) => ({
    ...(await standing(context)),
    exit: context.action.exit,
    said: context.action.stderr.trim(),
  }),
};
