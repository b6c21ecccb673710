// A recipe as drivers deploy it: no variables, everything in long forms, and what Swarm would ignore left
// out, so that what is compared is what can run.

import type { Json, JsonObject } from '../ports/json.ts';
import type {
  Stack,
  StackConfig,
  StackNetwork,
  StackSecret,
  StackService,
  StackVolume,
} from '../ports/stack.ts';
import { hostAccessOf } from './lint-host.ts';
import { claimingService, claimLabels, isRecipe, type Claims } from './claims.ts';
import type { Recipe } from './load-recipe.ts';
import { problemAt, type RecipeProblem } from './problem.ts';
import { restartPolicyOf } from './restart.ts';
import { ignoredKeys } from './shape.ts';
import type { RecipeSecret } from './secrets.ts';
import { isTrue } from './lint-services.ts';
import { at, entriesAt, itemsAt, textAt, toJson, type Node } from './tree.ts';

export type StackOptions = {
  /** Who deploys it, where that is not a Swarm: what only Swarm ignores stays. */
  readonly program?: 'compose';
  /** Values of secrets that are not generated, by key. */
  readonly given: Readonly<Record<string, string>>;
  /** `hostAccess` of the manifest: what the harness's owner allows. */
  readonly hostAccess: readonly {
    readonly mount?: string;
    readonly network?: string;
    readonly capability?: string;
  }[];
  /** What operators' tools would write into labels. */
  readonly claims?: Claims;
};

export type MadeStack = {
  /** Undefined exactly when there is a problem. */
  readonly stack?: Stack;
  readonly problems: readonly RecipeProblem[];
};

export function stackOfRecipe(recipe: Recipe, options: StackOptions): MadeStack {
  const problems = [...refusedAccess(recipe, options), ...withoutValue(recipe, options)];
  if (problems.length > 0) return { problems };
  const { tree, instance } = recipe;
  const claiming = claimingService(recipe);
  const services = mapEntries(tree, 'services', (node, name) => {
    const exposed = exposedTo(name, claiming, recipe.variables);
    const service = serviceOf(node, exposed, options.program);
    const { claims } = options;
    return claims === undefined || name !== claiming
      ? service
      : withLabels(service, claimLabels(instance.stack, claims));
  });
  return {
    problems,
    stack: {
      name: instance.stack,
      domain: instance.domain,
      ...(isRecipe(recipe) ? { backupByLabel: true } : {}),
      services,
      networks: mapEntries(tree, 'networks', (node, name): StackNetwork => objectOf(node, name)),
      volumes: mapEntries(tree, 'volumes', (node, name): StackVolume => objectOf(node, name)),
      configs: configsOf(recipe),
      secrets: secretsOf(recipe, options.given),
    },
  };
}

/** Every variable to `app`; of other recipes one service gets what the harness plants, and no more. */
function exposedTo(
  name: string,
  claiming: string,
  variables: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  if (name === 'app') return variables;
  return new Map(
    name === claiming ? [...variables].filter(([key]) => key.startsWith(plantedPrefix)) : [],
  );
}

const plantedPrefix = 'SEATRIAL_';

const withLabels = (
  service: StackService,
  labels: Readonly<Record<string, string>>,
): StackService => ({
  ...service,
  deploy: { ...service.deploy, labels: { ...service.deploy?.labels, ...labels } },
});

function mapEntries<Made>(
  tree: Node,
  section: string,
  make: (node: Node, name: string) => Made,
): Readonly<Record<string, Made>> {
  return Object.fromEntries(
    entriesAt(tree, section).map(([name, { node }]) => [name, make(node, name)]),
  );
}

/** Keys that the stack has by name; every other one that Swarm reads goes into `other`. */
const named = new Set([
  ...['image', 'command', 'entrypoint', 'environment', 'labels', 'user', 'working_dir', 'hostname'],
  ...['init', 'tty', 'stdin_open', 'read_only', 'stop_signal', 'stop_grace_period', 'healthcheck'],
  ...['volumes', 'networks', 'ports', 'configs', 'secrets', 'deploy'],
]);

function serviceOf(
  node: Node,
  exposed: ReadonlyMap<string, string>,
  program: StackOptions['program'],
): StackService {
  const written = toJson(node) as JsonObject;
  const known: Record<string, Json> = {};
  const other: Record<string, Json> = {};
  for (const [key, value] of Object.entries(written)) {
    if (value === null || key.startsWith('x-') || isIgnored(key, program)) continue;
    if (named.has(key)) known[key] = value;
    else other[key] = value;
  }
  // The tools that deploy recipes give the service `app` every variable that it does not set itself.
  const environment = { ...Object.fromEntries(exposed), ...(known['environment'] as JsonObject) };
  const { networks, ...rest } = known;
  return {
    ...(rest as unknown as StackService),
    ...(Object.keys(environment).length === 0 ? {} : { environment }),
    ...startOf(written, program),
    ...networksOf(networks),
    ...(known['volumes'] === undefined ? {} : { volumes: boundMounts(known['volumes']) }),
    ...(Object.keys(other).length === 0 ? {} : { other }),
  } as StackService;
}

const composeKeys = new Set(['expose', 'oom_score_adj', 'shm_size', 'tmpfs']);
const isIgnored = (key: string, program: StackOptions['program']): boolean =>
  key in ignoredKeys && !(program === 'compose' && composeKeys.has(key));

/** When a service starts, and starts again: in a Swarm by its policy alone. */
function startOf(
  written: JsonObject,
  program: StackOptions['program'],
): Pick<StackService, 'restart' | 'depends_on' | 'deploy'> {
  const {
    restart,
    depends_on: before,
    deploy,
  } = written as { readonly restart?: string } & JsonObject;
  if (program === 'compose')
    return {
      ...(restart === undefined ? {} : { restart }),
      ...(before === undefined ? {} : { depends_on: dependsOn(before) }),
    };
  const own = (deploy ?? {}) as NonNullable<StackService['deploy']>;
  const policy =
    own.restart_policy ?? (restart === undefined ? undefined : restartPolicyOf(restart));
  return policy === undefined ? {} : { deploy: { ...own, restart_policy: policy } };
}

const dependsOn = (before: Json): JsonObject =>
  Array.isArray(before)
    ? Object.fromEntries(before.map((name) => [String(name), { condition: 'service_started' }]))
    : (before as JsonObject);

/** A network without settings is written as nothing; a stack wants an empty mapping. None is the default one. */
function networksOf(networks: Json | undefined): Pick<StackService, 'networks'> {
  const all = Object.entries((networks ?? {}) as JsonObject);
  if (all.length === 0) return {};
  const named = Object.fromEntries(all.map(([name, settings]) => [name, settings ?? {}]));
  return { networks: named as NonNullable<StackService['networks']> };
}

/** `consistency` means nothing to Swarm. */
const boundMounts = (volumes: Json): NonNullable<StackService['volumes']> =>
  (volumes as readonly JsonObject[]).map((volume) =>
    Object.fromEntries(Object.entries(volume).filter(([key]) => key !== 'consistency')),
  ) as unknown as NonNullable<StackService['volumes']>;

/** `external: false` and empty settings say nothing. */
function objectOf(node: Node, name: string): JsonObject {
  const written = toJson(node) as JsonObject;
  const kept = Object.entries(written).filter(
    ([key, value]) => value !== null && value !== false && !key.startsWith('x-'),
  );
  const made = Object.fromEntries(kept);
  return made['external'] === true ? { name, ...made } : made;
}

function configsOf({ configs, tree }: Recipe): Readonly<Record<string, StackConfig>> {
  const used = new Set(
    entriesAt(tree, 'services').flatMap(([, { node }]) =>
      itemsAt(node, 'configs').map((item) => textAt(item, 'source') ?? ''),
    ),
  );
  const ofHooks = entriesAt(tree, 'configs')
    .filter(([key, { node }]) => used.has(key) && isTrue(at(node, 'external')))
    .map(([key, { node }]): [string, StackConfig] => [key, { name: textAt(node, 'name') ?? key }]);
  return Object.fromEntries([
    ...ofHooks,
    ...configs.map(({ key, name, bytes }): [string, StackConfig] => {
      const { template_driver, labels } = objectOf(
        at(tree, 'configs', key) as Node,
        key,
      ) as Partial<StackConfig>;
      const config: StackConfig = {
        ...{ name, ...contentOf(bytes) },
        ...(template_driver === undefined ? {} : { template_driver }),
        ...(labels === undefined ? {} : { labels }),
      };
      return [key, config];
    }),
  ]);
}

/** As text where it is one; a mark at the beginning belongs to it. */
function contentOf(bytes: Uint8Array): Pick<StackConfig, 'content' | 'encoding'> {
  try {
    return { content: new TextDecoder('utf-8', { ignoreBOM: true, fatal: true }).decode(bytes) };
  } catch {
    return { content: Buffer.from(bytes).toString('base64'), encoding: 'base64' };
  }
}

const secretsOf = (
  { secrets }: Recipe,
  given: StackOptions['given'],
): Readonly<Record<string, StackSecret>> =>
  Object.fromEntries(
    secrets.map(({ key, name, length, charset }) => {
      const value = given[key];
      return [
        key,
        {
          name,
          value: value === undefined ? { generate: { length, charset } } : { given: value },
        },
      ];
    }),
  );

const needsValue = ({ key, generate, file }: RecipeSecret, given: StackOptions['given']): boolean =>
  given[key] === undefined && (!generate || file !== undefined);

const withoutValue = ({ secrets }: Recipe, { given }: StackOptions): readonly RecipeProblem[] =>
  secrets
    .filter((secret) => needsValue(secret, given))
    .map(({ key, place }) =>
      problemAt(place, 'RCP035', `The secret \`${key}\` is not generated and has no value.`, {
        hint: 'Give it one in `secrets` of the manifest.',
      }),
    );

/** A path beside the compose file, which nobody can allow to be there. */
const isOfCheckout = (kind: string, name: string): boolean =>
  kind === 'mount' && !name.startsWith('/');

function refusedAccess(recipe: Recipe, { hostAccess }: StackOptions): readonly RecipeProblem[] {
  return hostAccessOf(recipe)
    .filter(
      ({ kind, name }) =>
        isOfCheckout(kind, name) || !hostAccess.some((allowed) => allowed[kind] === name),
    )
    .map(({ kind, name, service, place }) =>
      problemAt(place, 'RCP022', `\`${service}\` asks for the host's ${kind} \`${name}\`.`, {
        severity: 'error',
        hint: isOfCheckout(kind, name)
          ? 'A checkout is gone after its run: make it a config, or name a path of the host in full.'
          : `Allow it with \`hostAccess: [{${kind}: ${name}, reason: …}]\` in your own manifest.`,
      }),
    );
}
