// The set of checks that a run must answer, fixed before it starts.

import { recipeChecks } from '../checks/floor-recipe.ts';
import { expectedFloor, runChecks, type FloorSkips } from '../checks/floor.ts';
import type { ExpectedCheck, Skip } from '../evidence/record.ts';
import type { Manifest } from '../scenario/manifest.ts';
import type { OverlayFile, PlannedOperation } from '../scenario/plan.ts';
import { floorSkip } from '../scenario/skip-rules.ts';

export function expectedChecks(facts: {
  readonly manifest: Manifest;
  readonly operations: readonly PlannedOperation[];
  readonly overlays: readonly OverlayFile[];
  readonly upgrades: boolean;
  readonly markers: Skip | undefined;
  /** Why no marker can come back from a backup. */
  readonly restoredMarkers?: Skip | undefined;
  /** Present where the releases are recipes: why a check of them is not asked, by id. */
  readonly recipe?: Readonly<Partial<Record<string, Skip>>>;
  readonly shrunk: Skip | undefined;
}): readonly ExpectedCheck[] {
  const { manifest, operations, overlays, shrunk } = facts;
  const skips = floorSkips(facts);
  const run = runChecks.map((check) => ({
    ...check,
    after: 'run',
    source: 'run' as const,
    ...(check.id === 'run.expected.kept' && shrunk !== undefined ? { skip: shrunk } : {}),
  }));
  return [
    ...expectedRecipe(facts.recipe),
    ...operations.flatMap(({ name }) => [
      ...expectedFloor(name, skips),
      ...overlays.flatMap((file) => expectedOverlays(file, { ...facts, after: name })),
    ]),
    ...run.map((check) => ({ ...check })),
  ].map((check) => withTitle(check, manifest));
}

const expectedRecipe = (
  skips: Readonly<Partial<Record<string, Skip>>> | undefined,
): readonly ExpectedCheck[] =>
  skips === undefined
    ? []
    : recipeChecks.map(({ id, boundary, title }) => {
        const skip = skips[id];
        const check = { id, after: 'recipe', boundary, source: 'floor' as const, title };
        return skip === undefined ? check : { ...check, skip };
      });

const withTitle = (check: ExpectedCheck, { app }: Manifest): ExpectedCheck =>
  check.title === '' ? { ...check, title: `asked by ${app}'s own checks` } : check;

function floorSkips({
  manifest,
  operations,
  markers,
  restoredMarkers,
}: Parameters<typeof expectedChecks>[0]): FloorSkips {
  const skipped = operations.flatMap(({ name, skip }) => {
    const reason = skip ?? floorSkip(manifest, name);
    return reason === undefined ? [] : [[name, reason] as const];
  });
  return {
    images: runsImages.has(manifest.driver),
    operation: Object.fromEntries(skipped),
    needs: {
      ...('none' in manifest.health
        ? { http: { kind: 'declared', reason: manifest.health.none } as const }
        : {}),
      ...(markers === undefined ? {} : { markers }),
      ...(restoredMarkers === undefined ? {} : { 'restored-markers': restoredMarkers }),
      ...(manifest.backup.command === undefined ? {} : { contents: ownDump }),
    },
  };
}

const runsImages: ReadonlySet<string> = new Set(['compose', 'swarm', 'abra', 'fake']);

const ownDump: Skip = {
  kind: 'structural',
  reason: 'the backup is the app’s own dump; only an overlay can prove what it holds',
};

/** An install overlay that declares stage `head` is asked after the upgrade, when head runs. */
function expectedOverlays(
  file: OverlayFile,
  {
    after,
    operations,
    upgrades,
  }: {
    readonly after: string;
    readonly operations: readonly PlannedOperation[];
    readonly upgrades: boolean;
  },
): readonly ExpectedCheck[] {
  const skip = operations.find(({ name }) => name === after)?.skip;
  return file.checks
    .filter(({ stage }) => {
      const deferred = file.operation === 'install' && stage === 'head' && upgrades;
      return (deferred ? 'upgrade' : file.operation) === after;
    })
    .map(({ id, title = '', boundary = 'http' }) => ({
      id,
      after,
      boundary,
      source: 'overlay' as const,
      title,
      ...(file.authority === undefined ? {} : { authority: file.authority }),
      ...(skip === undefined ? {} : { skip }),
    }));
}
