// The manifests of the apps that are deployed beside the app, read like its own. What cannot be deployed there
// ends the command: left out without a word it would be missed by the app, or by nobody.

import { dirname, sep } from 'node:path';
import type { DependencyRequest } from '../lifecycle/plan-request.ts';
import type { DriverKind } from '../ports/app-driver.ts';
import type { StackSource } from '../ports/stack.ts';
import type { Manifest } from '../scenario/manifest.ts';
import { checkSecrets } from './check-secrets.ts';
import { UsageError, type Terminal } from './command.ts';
import { manifestOfApp, manifestText, readManifest, type ProblemReport } from './load-manifest.ts';
import { releasesFor, settingsOf } from './manifest-parts.ts';
import { packageRoot, preparePack } from './packs.ts';
import type { RunInputs } from './run-options.ts';
import type { RecipeOwner } from './recipe-stacks.ts';

type Wanted = NonNullable<Manifest['dependencies']>[number];

export type OpenedDependency = {
  readonly as: string;
  readonly given: readonly string[];
  readonly manifest: Manifest;
  /** Of its manifest. */
  readonly folder: string;
  readonly recipes?: {
    readonly stacks: StackSource;
    readonly reader: NonNullable<DependencyRequest['recipes']>;
  };
};

type Around = { readonly terminal: Terminal; readonly problems: ProblemReport };

/** Drivers of which one can hold several apps of a run. */
const drivers: ReadonlySet<DriverKind> = new Set(['swarm', 'compose', 'fake']);

export async function openDependencies(
  { driver, dependencies = [] }: Manifest,
  { folder }: Pick<RunInputs, 'folder'>,
  around: Around,
): Promise<readonly OpenedDependency[]> {
  if (dependencies.length > 0 && !drivers.has(driver))
    throw new UsageError(
      `dependencies: driver ${driver} deploys one app and nothing beside it`,
      'take driver swarm or compose, or deploy them before the run and leave the key out',
    );
  const opened: OpenedDependency[] = [];
  for (const wanted of dependencies) opened.push(await openOne(wanted, { driver, folder }, around));
  return opened;
}

async function openOne(
  wanted: Wanted,
  { driver, folder }: { readonly driver: DriverKind; readonly folder: string },
  around: Around,
): Promise<OpenedDependency> {
  const { app, as, env } = wanted;
  const manifestPath = manifestOfApp(app, folder);
  if (manifestPath === undefined) throw new UsageError(`dependencies: there is no app ${app}`);
  const { terminal, problems } = around;
  const pack = `${packageRoot}${sep}packs${sep}coop-cloud`;
  if (manifestPath.startsWith(`${pack}${sep}`)) preparePack(pack, terminal.node);
  const place = { manifestPath, folder: dirname(manifestPath) };
  const own = await readManifest(place, problems);
  problems.end();
  checkFit(wanted, own, driver);
  const manifest = { ...own, driver, env: { ...own.env, ...env } };
  checkSecrets(manifest, terminal.env, new TextDecoder().decode(await manifestText(place)));
  const opened = { as, given: Object.keys(env), manifest, folder: place.folder };
  if (driver === 'fake') return opened;
  const { readOwner } = await import('./recipe-owner.ts');
  return {
    ...opened,
    recipes: await recipesOf(await readOwner(manifest, { ...place, ...around })),
  };
}

async function recipesOf(owner: RecipeOwner): Promise<OpenedDependency['recipes'] & object> {
  const { makeRecipeReader, makeRecipeStacks } = await import('./recipe-stacks.ts');
  return { stacks: makeRecipeStacks(owner), reader: makeRecipeReader(owner) };
}

/** What the manifest of a dependency may not say, and what nobody does for one. */
function checkFit({ app, as, warm }: Wanted, own: Manifest, driver: DriverKind): void {
  const refuse = (what: string, hint: string): never => {
    throw new UsageError(`dependency ${as}: ${what}`, hint);
  };
  if (warm)
    refuse(
      'nothing is kept between runs, so none is warm',
      'leave `warm` out: it is deployed for the run and goes with it',
    );
  if (own.app !== app)
    refuse(
      `the manifest in folder ${app} is that of ${own.app}`,
      'an app has the name of its folder',
    );
  if (kindOf(own.driver) !== kindOf(driver))
    refuse(
      `${app} has driver ${own.driver}, and the app ${driver}`,
      'what a run deploys, one driver deploys',
    );
  if ((own.dependencies ?? []).length > 0)
    refuse(
      `${app} has dependencies of its own`,
      'name them in this manifest too, before it, and have its own manifest without them',
    );
}

/** One of containers deploys what is written for another. */
const kindOf = (driver: DriverKind): DriverKind => (driver === 'compose' ? 'swarm' : driver);

export const dependencyRequest = (
  { as, given, manifest, folder, recipes }: OpenedDependency,
  { store }: Pick<RunInputs, 'store'>,
  terminal: Terminal,
): DependencyRequest => ({
  ...{ as, given, manifest, folder },
  settings: settingsOf(manifest, folder),
  releases: releasesFor(manifest, { folder, store }, terminal),
  ...(recipes === undefined ? {} : { recipes: recipes.reader }),
});

/** The driver of a run reads the stacks of every app in it. */
export function withStacksOf(
  stacks: StackSource,
  beside: readonly OpenedDependency[],
): StackSource {
  const others = new Map(beside.map(({ manifest, recipes }) => [manifest.app, recipes?.stacks]));
  return {
    stackOf: (release, request) => (others.get(request.app) ?? stacks).stackOf(release, request),
  };
}
