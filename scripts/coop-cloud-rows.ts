// The rows of the acceptance list of coop-cloud: a green that would be false (FG), and the claims HC and DG.
// What must survive and what must not leak stands in coop-cloud-rows-survive.ts.

import {
  allPassed,
  canary,
  change,
  type Evidence,
  floor,
  head,
  notesLife,
  planned,
  portalLife,
  ran,
  refused,
  shopLife,
  staticLife,
  tests,
  tcpLife,
} from './coop-cloud-evidence.ts';
import { survived } from './coop-cloud-rows-survive.ts';

export type Row = {
  readonly id: string;
  readonly claim: string;
  readonly shownBy: readonly Evidence[];
};

/** The whole life of a recipe under the other driver of containers. */
const onCompose = `${process.cwd()}/packs/coop-cloud/apps/shop/on-compose.yaml`;

/** The app and the one beside it. */
const portalOnCompose = `${process.cwd()}/packs/coop-cloud/apps/portal/on-compose.yaml`;

/** One part of the floor is set aside there. */
const lowered = `${process.cwd()}/packs/coop-cloud/apps/static/lowered.yaml`;

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
  {
    id: 'FG-01',
    claim: 'a base that is not what was asked for',
    shownBy: canary('fg-01-base-is-not-what-was-asked'),
  },
  {
    id: 'FG-02',
    claim: 'an upgrade to another release, or to nothing',
    shownBy: canary('fg-02-upgrade-to-another-release', 'fg-02-upgrade-does-nothing'),
  },
  {
    id: 'FG-03',
    claim: 'head that is the newest tag, or the only one',
    shownBy: [stepsBack, nothingOlder],
  },
  {
    id: 'FG-04',
    claim: 'a change without a bump is not red',
    shownBy: [change('static'), head('label-only'), head('other-image')],
  },
  {
    id: 'FG-05',
    claim: 'labels claim a version that does not run; one tag with new content',
    shownBy: [...canary('fg-05-claims-a-version'), tests('FG-05', 'drivers/swarm/faults')],
  },
  { id: 'FG-06', claim: 'an update that is rolled back', shownBy: canary('fg-06-rolled-back') },
  {
    id: 'FG-07',
    claim: 'an overlay that pins an image; a dropped service that stays',
    shownBy: [
      refused('packs/coop-cloud/apps/static/pinned.yaml', 'RCP036'),
      ...canary('fg-07-orphan-stays'),
    ],
  },
  { id: 'FG-08', claim: 'a crash loop that reads 1/1', shownBy: canary('fg-08-crash-loop') },
  {
    id: 'FG-09',
    claim: 'answers that are not the app’s',
    shownBy: [
      ...canary('fg-09-answers-404', 'fg-09-answers-nothing'),
      tests('FG-09', 'packs/coop-cloud/accept/ingress', 'drivers/http-through', 'checks/ingress'),
    ],
  },
  {
    id: 'FG-10',
    claim: 'one alias in two stacks, and the other one answers',
    shownBy: [tests('FG-10', 'packs/coop-cloud/accept/engine', 'packs/coop-cloud/accept/ingress')],
  },
  {
    id: 'FG-11',
    claim: 'every test of an overlay skips, and its runner ends with 0; no dependency to be had',
    shownBy: [
      tests('FG-11', 'packs/coop-cloud/accept/overlays'),
      ...canary('dependency-stays-down', 'dependency-is-forgotten'),
    ],
  },
  {
    id: 'FG-12',
    claim: 'an overlay without tests, a test that went away, no pytest',
    shownBy: [tests('FG-12', 'packs/coop-cloud/accept/overlays')],
  },
  {
    id: 'FG-13',
    claim: 'checks that have disappeared',
    shownBy: [...floor('check-dropped'), tests('FG-13', 'lifecycle/run')],
  },
  {
    id: 'FG-14',
    claim: 'a capture that omits a volume; an old artifact',
    shownBy: canary('fg-14-capture-omits-a-volume', 'fg-14-old-artifact'),
  },
  {
    id: 'FG-15',
    claim: 'a hook that fails left of a pipe; every volume excluded; the label lost',
    shownBy: canary(
      'fg-15-hook-fails-left-of-a-pipe',
      'fg-15-every-volume-excluded',
      'backup-label-lost',
      'notes-dump-fails',
    ),
  },
  {
    id: 'FG-16',
    claim: 'a restore that does nothing, or brings back the later state',
    shownBy: canary('fg-16-restore-does-nothing', 'fg-16-restores-the-later-state'),
  },
  {
    id: 'FG-17',
    claim: 'a destroy that does nothing; an empty dump that restores without a word',
    shownBy: canary('fg-17-destroy-does-nothing', 'fg-17-empty-dump'),
  },
  {
    id: 'FG-19',
    claim: 'killed after install; no expected check at all',
    shownBy: [tests('FG-19', 'lifecycle/crash', 'lifecycle/run')],
  },
  {
    id: 'FG-20',
    claim: 'a floor lowered by an inherited variable; a misspelt key of a manifest',
    shownBy: [
      refused('test/fixtures/misspelt.yaml', 'SC002'),
      {
        ...refused('packs/coop-cloud/apps/static/seatrial.yaml', 'CCCI_SKIP_GENERIC'),
        env: { CCCI_SKIP_GENERIC: '1' },
      },
      tests('FG-20', 'trust/floor-beside'),
    ],
  },
  {
    id: 'FG-21',
    claim: 'an overlay that ends the app; a second installation',
    shownBy: [...floor('counter-dies-when-asked'), ...canary('fg-21-installs-a-second-time')],
  },
];

const claims: readonly Row[] = [
  {
    id: 'HC1',
    claim: 'the upgrade goes from the last release to head, proven by content',
    shownBy: [
      change('static'),
      change('notes'),
      stepsBack,
      ...canary('fg-02-upgrade-does-nothing', 'notes-silent-downgrade'),
    ],
  },
  {
    id: 'HC2',
    claim: 'code of a change runs only when approved; one byte revokes',
    shownBy: [tests('HC2', 'trust/hostile-change', 'trust/local-hooks', 'drivers/sandbox/hostile')],
  },
  {
    id: 'HC3',
    claim: 'the floor beside overlays, on one deployment; set aside by an explicit word alone',
    shownBy: [
      ran(
        ['notes'],
        (verdicts) =>
          allPassed('run.deployment.once', 'overlay.upgrade.keeps-the-category')(verdicts) &&
          Object.keys(verdicts).filter((each) => each.startsWith('floor.upgrade.')).length >= 9,
      ),
      ran(['--manifest', lowered], (verdicts) => verdicts['floor.rebuild.fresh'] === 'skipped'),
      tests('HC3', 'trust/floor-beside'),
    ],
  },
  {
    id: 'DG1',
    claim: 'installation without any configuration',
    shownBy: [
      staticLife,
      ...canary('install-of-another-release', 'install-crash-loop', 'install-answers-404'),
    ],
  },
  {
    id: 'DG2',
    claim: 'upgrade without any configuration',
    shownBy: [staticLife, ran(['--manifest', onCompose]), ran(['--manifest', portalOnCompose])],
  },
  {
    id: 'DG3',
    claim: 'backup and restore without code of the app; left out cleanly where there is none',
    shownBy: [staticLife, tcpLife],
  },
  {
    id: 'DG4',
    claim: 'one deployment and one removal, counted; overlays add',
    shownBy: [notesLife, portalLife, ...canary('fg-21-installs-a-second-time')],
  },
  {
    id: 'DG5',
    claim: 'a step of preparation that is missing is red, and green when it is there',
    shownBy: [
      notesLife,
      ran(
        ['--manifest', `${process.cwd()}/packs/coop-cloud/apps/notes/unprepared.yaml`],
        () => true,
        1,
      ),
      portalLife,
      ran(
        ['--manifest', `${process.cwd()}/packs/coop-cloud/apps/portal/unprepared.yaml`],
        (verdicts) => verdicts['overlay.install.signs-in'] === 'failed',
        1,
      ),
      ...canary('notes-hook-cannot-sign-in'),
    ],
  },
  {
    id: 'DG7',
    claim: 'nothing is softened: whole lives pass, each planted fault of data and recipe is red',
    shownBy: [
      staticLife,
      notesLife,
      shopLife,
      tcpLife,
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
    shownBy: [tests('DG8', 'packs/coop-cloud-guide')],
  },
];

export const coopRows: readonly Row[] = [...fg, ...survived, ...claims];
