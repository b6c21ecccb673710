// What can show a row of the acceptance list of coop-cloud: a planted fault that goes red, a run that ends as
// it must, a command line that is refused, a plan, or tests of what only a private engine or a kill can show.

type Verdicts = Readonly<Record<string, string>>;

type Planned = {
  readonly base: { readonly ref?: string; readonly skipped?: string };
  readonly expected: readonly { readonly after: string; readonly skip?: object }[];
};

export type Evidence =
  | { readonly canary: string; readonly pack?: string }
  | {
      readonly run: readonly string[];
      readonly code?: number;
      readonly holds?: (verdicts: Verdicts, report: Readonly<Record<string, unknown>>) => boolean;
    }
  | {
      readonly refused: readonly string[];
      readonly says: string;
      readonly env?: Readonly<Record<string, string>>;
    }
  | {
      readonly plan: readonly string[];
      readonly holds: (plan: Planned) => boolean;
    }
  | { readonly tests: readonly string[]; readonly row: string };

type Holds = (verdicts: Verdicts, report: Readonly<Record<string, unknown>>) => boolean;
export const ran = (args: readonly string[], holds: Holds = () => true, code = 0): Evidence => ({
  run: args,
  code,
  holds,
});
export const planned = (args: readonly string[], holds: (plan: Planned) => boolean): Evidence => ({
  plan: args,
  holds,
});

export const canary = (...ids: readonly string[]): readonly Evidence[] =>
  ids.map((id) => ({ canary: id }));
export const floor = (...ids: readonly string[]): readonly Evidence[] =>
  ids.map((id) => ({ canary: id, pack: 'floor' }));
/** A manifest, by its path in the repository, that is no valid input of a plan. */
export const refused = (
  manifest: string,
  says: string,
): Extract<Evidence, { refused: unknown }> => ({
  refused: ['plan', '--manifest', `${process.cwd()}/${manifest}`],
  says,
});
/** The tests of these files that are named after the row; their runs leave bundles. */
export const tests = (row: string, ...files: readonly string[]): Evidence => ({
  tests: files.map((file) => `test/${file}.test.ts`),
  row,
});

export const allPassed =
  (...ids: readonly string[]) =>
  (verdicts: Verdicts): boolean =>
    ids.every((id) => verdicts[id] === 'passed');

export const wholeLife = (app: string, ...ids: readonly string[]): Evidence => ({
  run: [app],
  holds: allPassed('floor.recipe.lint', 'floor.upgrade.identity', 'run.deployment.once', ...ids),
});
export const staticLife = wholeLife('static', 'floor.restore.markers-back', 'floor.rebuild.fresh');
export const notesLife = wholeLife(
  'notes',
  'overlay.upgrade.keeps-the-category',
  'overlay.restore.rows-are-those-of-the-backup',
);
/** Nothing to back up: what does not apply is left out. */
export const tcpLife = ran(
  ['tcp'],
  (verdicts) =>
    allPassed('floor.upgrade.identity', 'run.deployment.once')(verdicts) &&
    verdicts['floor.restore.done'] === 'skipped',
);
/** Signs in at the provider that is deployed beside it: one deployment more, and it is counted. */
export const portalLife = ran(
  ['portal'],
  (verdicts, { deployments }) =>
    deployments === 2 &&
    allPassed(
      'overlay.install.signs-in',
      'overlay.upgrade.signs-in',
      'overlay.rebuild.signs-in',
      'run.deployment.once',
      'floor.remove.no-leftovers',
    )(verdicts),
);
export const shopLife = wholeLife(
  'shop',
  'floor.upgrade.no-orphans',
  'overlay.upgrade.worker-is-set-up',
);

export const change = (app: string): Evidence => ({
  run: [app, '--change', '7'],
  holds: allPassed('floor.upgrade.identity', 'floor.upgrade.applied', 'floor.upgrade.base-differs'),
});
export const head = (name: string, app = 'static'): Evidence => ({
  run: [app, '--head', `git:fault/${name}`, '--ops', 'upgrade'],
  holds: allPassed('floor.upgrade.identity', 'floor.upgrade.applied'),
});
