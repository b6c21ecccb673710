// What the releases of a run say as recipes, looked at while it is planned: it decides what can be
// upgraded from what, what there is to back up, and how long the app may take to come up.

import type { Skip } from '../evidence/record.ts';
import type { Capability } from '../ports/app-driver.ts';
import type { RecipeView } from '../ports/recipes.ts';
import type { PreparedRelease } from '../ports/release.ts';
import type { EnvValue, Manifest } from '../scenario/manifest.ts';
import { lintSkip } from '../scenario/skip-rules.ts';
import { timeoutMaxS } from '../scenario/manifest-rules.ts';
import type { PlanRequest } from './plan-request.ts';
import type { World } from './world.ts';

export type RecipeViews = { readonly base?: RecipeView; readonly head: RecipeView };

type Capabilities = Readonly<Record<Capability, true | string>>;

/** Undefined where the driver deploys no recipes. */
export async function lookAt(
  world: World,
  request: PlanRequest,
  release: PreparedRelease,
  { stage, base }: { readonly stage: 'base' | 'head'; readonly base?: PreparedRelease },
): Promise<RecipeView | undefined> {
  const { manifest, settings } = request;
  const { app, env, upgradeEnv } = manifest;
  return world.recipes?.look(release, {
    ...{ stage, app, settings },
    instance: `${app.slice(0, 4)}-000000`,
    env: resolved(world, { ...env, ...(stage === 'head' ? upgradeEnv : {}) }),
    ...(base === undefined ? {} : { base }),
  });
}

/** A value from outside that is not set is told when the run starts. */
const resolved = (
  { environment }: Pick<World, 'environment'>,
  values: Readonly<Record<string, EnvValue>>,
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : (environment(value.from.replace(/^env:/, '')) ?? ''),
    ]),
  );

/** Problems for which nothing may be deployed at all, whoever is to blame: they end the command. */
const refusing = new Set(['RCP020', 'RCP021', 'RCP022', 'RCP033', 'SWM001']);

export const refusedBy = (
  views: RecipeViews | undefined,
  manifest: Pick<Manifest, 'ports'>,
): string | undefined =>
  views === undefined ? undefined : (refusedFiles(views) ?? unknownPorts(manifest, views));

function refusedFiles(views: RecipeViews): string | undefined {
  const { base, head } = views;
  const found = [head, ...(base === undefined ? [] : [base])].flatMap(({ errors, lint }) => [
    ...errors,
    ...lint,
  ]);
  const refused = found.filter(({ code, severity }) => severity === 'error' && refusing.has(code));
  return refused.length === 0
    ? undefined
    : refused
        .map(
          ({ path, line, column, code, message, hint }) =>
            `${path}:${String(line)}:${String(column)}: error[${code}]: ${message}${hint === undefined ? '' : `\n  hint: ${hint}`}`,
        )
        .join('\n');
}

/** Ports of the manifest that no release publishes; a release that does not render may publish any. */
function unknownPorts(
  { ports = {} }: Pick<Manifest, 'ports'>,
  views: RecipeViews,
): string | undefined {
  const all = [views.head, ...(views.base === undefined ? [] : [views.base])];
  if (all.some(({ errors }) => errors.length > 0)) return undefined;
  const known = all.flatMap((view) => view.ports);
  const unknown = Object.keys(ports).find((port) => !known.includes(port));
  const told = known.length === 0 ? 'none' : [...new Set(known)].join(', ');
  return unknown === undefined
    ? undefined
    : `error[MF012]: \`ports\` names ${unknown}, which no release publishes; published: ${told}`;
}

/** The longest time that either release asks for. */
export function withRecipeTimeout(manifest: Manifest, views: RecipeViews | undefined): Manifest {
  const asked = Math.max(views?.base?.timeoutS ?? 0, views?.head.timeoutS ?? 0);
  const { timeouts } = manifest;
  return asked <= timeouts.deploy
    ? manifest
    : { ...manifest, timeouts: { ...timeouts, deploy: Math.min(asked, timeoutMaxS) } };
}

/** What the driver can do, of these releases: without labels a recipe has no backup. */
export function recipeCapabilities(
  able: Capabilities,
  views: RecipeViews | undefined,
  { backup: { capable } }: Pick<Manifest, 'backup'>,
): Capabilities {
  if (views === undefined) return able;
  const all = [views.head, ...(views.base === undefined ? [] : [views.base])];
  const asks = capable === true || all.some(({ asksForBackup }) => asksForBackup);
  const unlabelled = views.head.recipe && !asks;
  const noBackup = 'no service asks for a backup (label backupbot.backup=true)';
  return {
    ...able,
    ...(unlabelled ? { backup: noBackup, restore: noBackup } : {}),
    ...(all.every(({ errors, volumes }) => errors.length === 0 && volumes.length === 0)
      ? { 'data-markers': 'no-volume: the recipe has no named volume' }
      : {}),
  };
}

/** Markers lie at the root of a volume, where a backup of single paths does not look. */
export const restoredMarkerSkip = (views: RecipeViews | undefined): Skip | undefined =>
  views === undefined || views.head.errors.length > 0 || views.head.wholeVolumes.length > 0
    ? undefined
    : {
        kind: 'structural',
        reason: 'no-markable-path: contents are proven by files-back only',
      };

export function recipeSkips(
  { head, base }: RecipeViews,
  manifest: Manifest,
): Readonly<Partial<Record<string, Skip>>> {
  const declared = lintSkip(manifest);
  const isRecipe = head.recipe || base?.recipe === true;
  const lint: Skip | undefined =
    declared ??
    (isRecipe
      ? undefined
      : { kind: 'structural', reason: 'a Compose file alone is no recipe of operators' });
  return lint === undefined ? {} : { 'floor.recipe.lint': lint };
}

/** Said in every report, changing no verdict. */
export function recipeNotes(
  views: RecipeViews | undefined,
  { compose = [], base }: Manifest,
): readonly { readonly code: string; readonly message: string }[] {
  if (views === undefined) return [];
  const { head } = views;
  return [
    ...(head.recipe && !head.asksForBackup && head.volumes.length > 0
      ? [{ code: 'volumes-not-backed-up', message: `volumes ${head.volumes.join(', ')}` }]
      : []),
    ...(compose.length > 0
      ? [{ code: 'compose-overlay', message: `over base and head: ${compose.join(', ')}` }]
      : []),
    ...(base.repair === undefined
      ? []
      : [{ code: 'base-repaired', message: `over base alone: ${base.repair}` }]),
  ];
}
