// Which expected checks the found overlays add to a plan, and which files run after an operation.

import type { ExpectedCheck, Stage } from '../evidence/record.ts';
import type { OverlayFile } from '../scenario/plan.ts';

type OverlayCheck = OverlayFile['checks'][number];

/**
 * The operation a check follows. Where an upgrade is planned, install deploys the base release, so
 * that a check of install that asks about the head waits for the upgrade.
 */
export function operationOf(file: OverlayFile, check: OverlayCheck, upgrades: boolean): string {
  return file.operation === 'install' && check.stage === 'head' && upgrades
    ? 'upgrade'
    : file.operation;
}

/** `upgrades`: whether an upgrade is planned and not skipped. */
export const expectedOverlayChecks = (
  files: readonly OverlayFile[],
  upgrades: boolean,
): readonly ExpectedCheck[] =>
  files.flatMap((file) =>
    file.checks.map((check) => ({
      id: check.id,
      after: operationOf(file, check, upgrades),
      // Most checks ask the app over HTTP; a module says so where it does not.
      boundary: check.boundary ?? 'http',
      source: 'overlay' as const,
      title: check.title ?? `${check.name} (${file.path})`,
    })),
  );

/** The files to run after an operation, each with the checks that are due. */
export const overlaysAfter = (
  files: readonly OverlayFile[],
  operation: string,
  upgrades: boolean,
): readonly OverlayFile[] =>
  files
    .map((file) => ({
      ...file,
      checks: file.checks.filter((check) => operationOf(file, check, upgrades) === operation),
    }))
    .filter((file) => file.checks.length > 0);

/** A check of install that failed on the base release without having said that it means the base. */
export const assertedOnBase = (file: OverlayFile, id: string, stage: Stage): boolean =>
  stage === 'base' &&
  file.operation === 'install' &&
  file.checks.some((check) => check.id === id && check.stage === undefined);
