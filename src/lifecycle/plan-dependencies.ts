// The apps that are deployed beside the app: which release of each, under which name, and how long they may
// take. An app's manifest decides which they are; each one's own manifest says how it is deployed.

import { sha256Hex } from '../evidence/canonical.ts';
import type { RecipeReader } from '../ports/recipes.ts';
import type { Release } from '../ports/release.ts';
import type { DependencyPlan, Plan, PlannedOperation } from '../scenario/plan.ts';
import { budgetMs } from './budgets.ts';
import { progressOf, unnamedHead } from './choose-releases.ts';
import { digestHooks } from './digest-hooks.ts';
import type { DependencyRequest, PlanRequest } from './plan-request.ts';
import type { PlannedDependency } from './planned-run.ts';
import { lookAt, withRecipeTimeout } from './recipe-views.ts';
import type { World } from './world.ts';

/** `identity`: of the app's own deployment, so that those beside it are its own too. */
export async function planDependencies(
  world: World,
  request: PlanRequest,
  identity: string,
): Promise<readonly PlannedDependency[]> {
  const planned: PlannedDependency[] = [];
  for (const dependency of request.dependencies ?? [])
    planned.push(await planDependency(world, request, { dependency, identity }));
  return planned;
}

async function planDependency(
  world: World,
  request: PlanRequest,
  { dependency, identity }: { readonly dependency: DependencyRequest; readonly identity: string },
): Promise<PlannedDependency> {
  const { as, given, folder, settings, releases, recipes, manifest: own } = dependency;
  const release = await releaseOf(dependency, request);
  const head = await releases.prepare(release, progressOf(request));
  const asked = { ...request, manifest: own, folder, settings };
  const around = { ...world, recipes: recipes as RecipeReader };
  const seen = recipes && (await lookAt(around, asked, head, { stage: 'head' }));
  const manifest = withRecipeTimeout(own, seen && { head: seen });
  const plan: DependencyPlan = {
    ...{ as, app: own.app, manifest },
    instance: instanceOf(own.app, `${identity}|${as}`),
    release: { ...head.release, digest: head.digest },
    hooks: await digestHooks(world, { manifest, folder }),
  };
  return { as, given, folder, settings, head, plan };
}

/** As a run of that app alone would choose its head. */
async function releaseOf(
  { releases, manifest }: DependencyRequest,
  { signal }: PlanRequest,
): Promise<Release> {
  const { head } = manifest.source;
  if (head !== undefined) return releases.resolve(head, signal);
  const asked = signal === undefined ? { manifest } : { manifest, signal };
  return (await unnamedHead({ releases }, asked)).release;
}

/** `<first 4 of app>-<6 hex>`: the same identity gives the same instance, so two runs serialise. */
export const instanceOf = (app: string, identity: string): string =>
  `${app.slice(0, 4)}-${sha256Hex(identity).slice(0, 6)}`;

/** They come up during the installation, and go with the removal. */
export const withDependencies = (
  operations: readonly PlannedOperation[],
  dependencies: readonly PlannedDependency[],
): readonly PlannedOperation[] =>
  operations.map((operation) =>
    operation.name === 'install' || operation.name === 'remove'
      ? {
          ...operation,
          budgetMs: dependencies.reduce(
            (sum, { plan }) => sum + budgetMs(operation.name, plan.manifest),
            operation.budgetMs,
          ),
        }
      : operation,
  );

export const dependenciesInPlan = (
  dependencies: readonly PlannedDependency[],
): Pick<Plan, 'dependencies'> =>
  dependencies.length === 0 ? {} : { dependencies: dependencies.map(({ plan }) => plan) };
