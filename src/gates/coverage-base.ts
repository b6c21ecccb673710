// The coverage that a change is held against: recorded for the merge base, or made anew in a copy of
// it. That of any other commit is refused.

import { unasked, type AskContext, type GateAnswer } from './ask.ts';
import type { CheckOf } from './check-schema.ts';
import type { Fraction } from './coverage.ts';
import { makeReports, readReports, readText } from './coverage-reports.ts';
import { readRecorded, recordedPath } from './recorded-coverage.ts';
import { resolvePath } from './resolve-path.ts';

type Check = CheckOf<'coverage'>;

export type BaseCoverage = {
  readonly commit: string;
  readonly files: Readonly<Record<string, Fraction>>;
};

export async function readBase(
  check: Check,
  workspace: string,
  context: AskContext,
): Promise<BaseCoverage | GateAnswer> {
  const { world, here, computeBase } = context;
  const commit = await world.trees.mergeBase(workspace, check.base);
  const path = recordedPath(resolvePath(here, check.recorded), commit);
  if ((await world.files.stat(path)) !== undefined) {
    const recorded = readRecorded(await readText(world.files, path), commit);
    return 'fault' in recorded ? unasked(`${path}: ${recorded.fault}`) : recorded;
  }
  if (computeBase || check.compute_base) return makeBase(check, { workspace, commit }, context);
  return unasked(
    `no coverage is recorded for the base commit ${commit.slice(0, 12)}; --compute-base makes it`,
  );
}

/** A copy, since the repository itself is the person's, and a second work tree would stay in it. */
async function makeBase(
  check: Check,
  { workspace, commit }: { readonly workspace: string; readonly commit: string },
  context: AskContext,
): Promise<BaseCoverage | GateAnswer> {
  const { world, folder } = context;
  if (check.run === undefined)
    return unasked('the coverage of the base cannot be made: the check has no `run`');
  const copy = `${folder}/.base-${check.id}`;
  const base = await world.trees.checkOut(workspace, commit, copy);
  const trouble = await makeReports(check, base, context);
  if (trouble !== undefined) return onBase(trouble, commit);
  const read = await readReports(check, base, context);
  return 'verdict' in read ? onBase(read, commit) : { commit, files: read.files };
}

/** Whatever went wrong there is no word about the head. */
const onBase = ({ message, facts }: GateAnswer, commit: string): GateAnswer =>
  unasked(`on the base commit ${commit.slice(0, 12)}: ${message}`, facts);
