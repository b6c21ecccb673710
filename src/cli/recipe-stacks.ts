// Recipes for the drivers that deploy containers: from a prepared release to its stack, and to what it
// says of itself before anything is deployed.

import { positionAt, type Source } from '../diagnostics/source.ts';
import { renderProblems } from '../diagnostics/render.ts';
import { readScope } from '../drivers/docker/backup-scope.ts';
import { portName } from '../drivers/docker/rewrite-ports.ts';
import { openRecipeFolder } from '../drivers/recipes/recipe-folder.ts';
import { canonicalJson, sha256Hex } from '../evidence/canonical.ts';
import type { JsonObject } from '../ports/json.ts';
import type { RecipeFinding, RecipeReader, RecipeRequest, RecipeView } from '../ports/recipes.ts';
import type { PreparedRelease } from '../ports/release.ts';
import type { Stack, StackRequest, StackSource } from '../ports/stack.ts';
import { WorldError } from '../ports/world-error.ts';
import { isRecipe, timeoutOf } from '../recipe/claims.ts';
import { lintRecipe } from '../recipe/lint.ts';
import { versionLabels } from '../recipe/lint-versions.ts';
import { loadRecipe, type LoadedRecipe, type Recipe } from '../recipe/load-recipe.ts';
import { isError, problemsByFile, type RecipeProblem } from '../recipe/problem.ts';
import { stackNameOf } from '../recipe/stack-name.ts';
import { stackOfRecipe, type StackOptions } from '../recipe/stack.ts';

export type RecipeOwner = {
  /** Who deploys releases, where that is not a Swarm. */
  readonly program?: 'compose';
  /** Values that the manifest gives to secrets, by key. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Compose files that the manifest puts over base and head. */
  readonly overlays?: readonly Source[];
  /** Another one over base alone. */
  readonly repair?: Source;
};

export function makeRecipeStacks(owner: RecipeOwner): StackSource {
  return {
    stackOf: async (release, request) => {
      const { recipe, problems } = load(release, owner, request);
      if (recipe === undefined) throw refused(problems);
      const made = stackOfRecipe(recipe, optionsFor(owner, release, request, recipe));
      if (made.stack === undefined) throw refused(made.problems);
      return Promise.resolve(made.stack);
    },
  };
}

export function makeRecipeReader(owner: RecipeOwner): RecipeReader {
  return {
    look: async (release, request) => Promise.resolve(look(owner, release, request)),
  };
}

/** Zone of instances where the environment names no domain; never looked up. */
const zone = 'seatrial.test';

type Asked = Pick<StackRequest, 'stage' | 'app' | 'instance' | 'env' | 'settings'>;

function load(
  { root }: PreparedRelease,
  { overlays = [], repair, program }: RecipeOwner,
  { stage, app, instance, env }: Asked,
): LoadedRecipe {
  const domain = env['DOMAIN'] ?? `${instance}.${zone}`;
  const repaired = stage === 'base' && repair !== undefined ? [repair] : [];
  return loadRecipe(openRecipeFolder(root), {
    ...{ app, domain, env, stack: stackNameOf(domain) },
    ...(program === undefined ? {} : { program }),
    overlays: [...overlays, ...repaired],
  });
}

const optionsFor = (
  { secrets, program }: RecipeOwner,
  release: PreparedRelease,
  { app, settings, env }: Asked,
  recipe: Recipe,
): StackOptions => ({
  ...(program === undefined ? {} : { program }),
  // A hook hands a secret on under its own key.
  given: { ...pick(env, recipe.secrets), ...secrets },
  hostAccess: accessOf(settings),
  claims: { recipe: app, ...chaosOf(release) },
});

/** Of what is no published release: a commit, or a folder as it lies there. */
function chaosOf({ release, digest }: PreparedRelease): { readonly chaosVersion?: string } {
  const { origin, ref, commit } = release;
  if (origin === 'git')
    return /^git:v?\d/.test(ref) ? {} : { chaosVersion: (commit ?? digest).slice(0, 8) };
  return origin === 'directory' && release.version === undefined
    ? { chaosVersion: `${digest.slice(0, 8)}+U` }
    : {};
}

const pick = (
  env: Readonly<Record<string, string>>,
  secrets: Recipe['secrets'],
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    secrets.flatMap(({ key }) => (env[key] === undefined ? [] : [[key, env[key]]])),
  );

const accessOf = (settings: JsonObject): StackOptions['hostAccess'] =>
  (settings['hostAccess'] ?? []) as StackOptions['hostAccess'];

function refused(problems: readonly RecipeProblem[]): WorldError {
  const errors = problems.filter(isError);
  const [first] = errors;
  const { message = '', hint = '' } = first?.diagnostic ?? {};
  return new WorldError('refused', `The recipe cannot be deployed: ${message}`, {
    hint: `${hint}\n${renderProblems(problemsByFile(errors))}`.trim(),
  });
}

function look(owner: RecipeOwner, release: PreparedRelease, request: RecipeRequest): RecipeView {
  const { recipe, problems } = load(release, owner, request);
  if (recipe === undefined) return { ...nothing, errors: findings(problems.filter(isError)) };
  const { stack, problems: refusals } = stackOfRecipe(
    recipe,
    optionsFor(owner, release, request, recipe),
  );
  const before =
    request.base === undefined
      ? undefined
      : load(request.base, owner, { ...request, stage: 'base' }).recipe;
  const linted = lintRecipe({ recipe, ...(before === undefined ? {} : { base: before }) });
  return {
    recipe: isRecipe(recipe),
    errors: findings(refusals.filter(isError)),
    lint: findings([...problems, ...linted]),
    ...said(recipe),
    ...(stack === undefined ? noScope : { digest: digestOf(stack), ...scopeOf(stack) }),
  };
}

const noScope = { ports: [], volumes: [], asksForBackup: false, wholeVolumes: [] } as const;
const nothing: RecipeView = { recipe: true, errors: [], lint: [], ...noScope };

function said(recipe: Recipe): Pick<RecipeView, 'version' | 'timeoutS'> {
  const version = versionLabels(recipe)[0]?.version;
  const timeoutS = timeoutOf(recipe);
  return {
    ...(version === undefined ? {} : { version }),
    ...(timeoutS === undefined ? {} : { timeoutS }),
  };
}

/** Labels that claim a version are not part of what runs, so they alone make no other release. */
const claim = /^coop-cloud\.[^.]+\.(?:recipe|version|chaos|chaos-version)$/;

function digestOf(stack: Stack): string {
  const kept = JSON.stringify(stack, (key, value: unknown) =>
    claim.test(key) ? undefined : value,
  );
  return sha256Hex(canonicalJson(JSON.parse(kept) as JsonObject));
}

function scopeOf({
  services,
  volumes = {},
}: Stack): Pick<RecipeView, 'ports' | 'volumes' | 'asksForBackup' | 'wholeVolumes'> {
  const keys = Object.entries(volumes)
    .filter(([, { external }]) => external !== true)
    .map(([key]) => key)
    .sort();
  const labels = Object.entries(services).map(
    ([name, service]) => [name, { ...service.labels, ...service.deploy?.labels }] as const,
  );
  const scope = readScope(Object.fromEntries(labels), keys);
  const ports = Object.values(services).flatMap((service) => service.ports ?? []);
  return {
    ports: ports.flatMap((port) => portName(port) ?? []),
    volumes: keys,
    asksForBackup: scope.services.length > 0,
    wholeVolumes: scope.volumes
      .filter(({ paths }) => paths === undefined)
      .map(({ volume }) => volume),
  };
}

const findings = (problems: readonly RecipeProblem[]): readonly RecipeFinding[] =>
  problemsByFile(problems).flatMap(({ source, diagnostics }) =>
    diagnostics.map(({ code, severity, message, hint, span }) => ({
      ...{ code, severity: severity === 'error' ? severity : ('warning' as const), message },
      ...{ path: source.path, ...positionAt(source, span.start) },
      ...(hint === undefined ? {} : { hint }),
    })),
  );
