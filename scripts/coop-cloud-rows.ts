// The rows of the acceptance list of coop-cloud, and what shows each: a planted fault that goes red, a run that
// passes, a command line that is refused, or a test of what only a private engine or a kill can show.

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
  | { readonly refused: readonly string[]; readonly says: string }
  | {
      readonly plan: readonly string[];
      readonly holds: (plan: Planned) => boolean;
    }
  | { readonly test: string; readonly name: string };

export type Row = {
  readonly id: string;
  readonly claim: string;
  readonly shownBy: readonly Evidence[];
};

type Holds = (verdicts: Verdicts, report: Readonly<Record<string, unknown>>) => boolean;
const ran = (args: readonly string[], holds: Holds = () => true, code = 0): Evidence => ({
  run: args,
  code,
  holds,
});
const planned = (args: readonly string[], holds: (plan: Planned) => boolean): Evidence => ({
  plan: args,
  holds,
});

const canary = (...ids: readonly string[]): readonly Evidence[] =>
  ids.map((id) => ({ canary: id }));
const floor = (...ids: readonly string[]): readonly Evidence[] =>
  ids.map((id) => ({ canary: id, pack: 'floor' }));
const test = (file: string, name: string): Evidence => ({ test: file, name });

const allPassed =
  (...ids: readonly string[]) =>
  (verdicts: Verdicts): boolean =>
    ids.every((id) => verdicts[id] === 'passed');

const wholeLife = (app: string, ...ids: readonly string[]): Evidence => ({
  run: [app],
  holds: allPassed('floor.recipe.lint', 'floor.upgrade.identity', 'run.deployment.once', ...ids),
});
const staticLife = wholeLife('static', 'floor.restore.markers-back', 'floor.rebuild.fresh');
const notesLife = wholeLife(
  'notes',
  'overlay.upgrade.keeps-the-category',
  'overlay.restore.rows-are-those-of-the-backup',
);
const shopLife = wholeLife('shop', 'floor.upgrade.no-orphans', 'overlay.upgrade.worker-is-set-up');

const change = (app: string): Evidence => ({
  run: [app, '--change', '7', '--ops', 'upgrade'],
  holds: allPassed('floor.upgrade.identity', 'floor.upgrade.applied', 'floor.upgrade.base-differs'),
});
const head = (name: string): Evidence => ({
  run: ['static', '--head', `git:fault/${name}`, '--ops', 'upgrade'],
  holds: allPassed('floor.upgrade.identity', 'floor.upgrade.applied'),
});

const stepsBack = planned(
  ['static', '--head', 'git:1.1.0+1.22.0'],
  ({ base }) => base.ref === 'git:1.0.0+1.22.0',
);
const nothingOlder = planned(
  ['static', '--head', 'git:1.0.0+1.22.0'],
  ({ base, expected }) =>
    base.skipped === 'no-older-release' &&
    expected.every(({ after, skip }) => after !== 'upgrade' || skip !== undefined),
);

const fg: readonly Row[] = [
  ['FG-01', 'a base that is not what was asked for', canary('fg-01-base-is-not-what-was-asked')],
  [
    'FG-02',
    'an upgrade to another release, or to nothing',
    canary('fg-02-upgrade-to-another-release', 'fg-02-upgrade-does-nothing'),
  ],
  ['FG-03', 'head that is the newest tag, or the only one', [stepsBack, nothingOlder]],
  [
    'FG-04',
    'a change without a bump is not red',
    [change('static'), head('label-only'), head('other-image')],
  ],
  [
    'FG-05',
    'labels claim a version that does not run; one tag with new content',
    [
      ...canary('fg-05-claims-a-version'),
      test('test/drivers/swarm/faults.test.ts', 'another image under the tag of before'),
    ],
  ],
  ['FG-06', 'an update that is rolled back', canary('fg-06-rolled-back')],
  [
    'FG-07',
    'an overlay that pins an image; a dropped service that stays',
    [
      {
        refused: [
          'plan',
          '--manifest',
          `${process.cwd()}/packs/coop-cloud/apps/static/pinned.yaml`,
        ],
        says: 'RCP036',
      },
      ...canary('fg-07-orphan-stays'),
    ],
  ],
  ['FG-08', 'a crash loop that reads 1/1', canary('fg-08-crash-loop')],
  ['FG-09', 'answers that are not the app’s', canary('fg-09-answers-404', 'fg-09-answers-nothing')],
  ['FG-13', 'checks that have disappeared', floor('check-dropped')],
  [
    'FG-14',
    'a capture that omits a volume; an old artifact',
    canary('fg-14-capture-omits-a-volume', 'fg-14-old-artifact'),
  ],
  [
    'FG-15',
    'a hook that fails left of a pipe; every volume excluded; the label lost',
    canary(
      'fg-15-hook-fails-left-of-a-pipe',
      'fg-15-every-volume-excluded',
      'backup-label-lost',
      'notes-dump-fails',
    ),
  ],
  [
    'FG-16',
    'a restore that does nothing, or brings back the later state',
    canary('fg-16-restore-does-nothing', 'fg-16-restores-the-later-state'),
  ],
  [
    'FG-17',
    'a destroy that does nothing; an empty dump that restores without a word',
    canary('fg-17-destroy-does-nothing', 'fg-17-empty-dump'),
  ],
  [
    'FG-20',
    'a misspelt key of a manifest',
    [
      {
        refused: ['plan', '--manifest', `${process.cwd()}/test/fixtures/misspelt.yaml`],
        says: 'SC002',
      },
    ],
  ],
  [
    'FG-21',
    'an overlay that ends the app; a second installation',
    [...floor('counter-dies-when-asked'), ...canary('fg-21-installs-a-second-time')],
  ],
].map(([id, claim, shownBy]) => ({ id, claim, shownBy }) as Row);

const others: readonly Row[] = [
  {
    id: 'FR-03',
    claim: 'one-shots, none to run, a slow start: passed; one-shots that fail: red',
    shownBy: [shopLife, ...canary('fr-03-one-shot-fails', 'worker-without-its-secret')],
  },
  { id: 'LK-10', claim: 'a secret in a log, base64', shownBy: canary('lk-10-secret-in-a-log') },
  {
    id: 'HC1',
    claim: 'the upgrade goes from the last release to head, proven by content',
    shownBy: [
      change('notes'),
      stepsBack,
      ...canary('fg-02-upgrade-does-nothing', 'notes-silent-downgrade'),
    ],
  },
  {
    id: 'HC3',
    claim: 'the floor beside overlays, on one deployment',
    shownBy: [
      ran(
        ['notes'],
        (verdicts) =>
          allPassed('run.deployment.once', 'overlay.upgrade.keeps-the-category')(verdicts) &&
          Object.keys(verdicts).filter((each) => each.startsWith('floor.upgrade.')).length >= 9,
      ),
    ],
  },
  {
    id: 'DG1',
    claim: 'installation without any configuration',
    shownBy: [{ run: ['static', '--ops', 'install'] }],
  },
  {
    id: 'DG2',
    claim: 'upgrade without any configuration',
    shownBy: [{ run: ['static', '--ops', 'upgrade'] }],
  },
  {
    id: 'DG3',
    claim: 'backup and restore without code of the app; left out cleanly where there is none',
    shownBy: [
      { run: ['static', '--ops', 'restore'] },
      ran(['tcp', '--ops', 'restore'], (verdicts) => verdicts['floor.restore.done'] === 'skipped'),
    ],
  },
  {
    id: 'DG4',
    claim: 'one deployment and one removal, counted; overlays add',
    shownBy: [notesLife, ...canary('fg-21-installs-a-second-time')],
  },
  {
    id: 'DG5',
    claim: 'a step of preparation that is missing is red, and green when it is there',
    shownBy: [
      notesLife,
      {
        run: [
          '--manifest',
          `${process.cwd()}/packs/coop-cloud/apps/notes/unprepared.yaml`,
          '--ops',
          'upgrade',
        ],
        code: 1,
      },
    ],
  },
  {
    id: 'DG7',
    claim: 'nothing is softened: whole lives pass, each planted fault of data and recipe is red',
    shownBy: [
      staticLife,
      notesLife,
      shopLife,
      wholeLife('tcp'),
      ...canary(
        'volume-renamed',
        'rebuild-does-nothing',
        'recipe-refused-variable',
        'recipe-no-image',
        'recipe-config-without-version',
      ),
    ],
  },
  {
    id: 'DG8',
    claim: 'repeatable from the guide alone',
    shownBy: [test('test/packs/coop-cloud-guide.test.ts', 'every command of the guide')],
  },
];

export const coopRows: readonly Row[] = [...fg, ...others];
