// `run --scenario` of a validation: members that are fresh are taken, the others are run, and the audit is
// asked about exactly their bundles.

import { join } from 'node:path';
import { memberFacts, type MemberFacts } from '../audit/validation-facts.ts';
import { runValidation, type ValidationResult } from '../audit/run-validation.ts';
import { loadQueue } from '../audit/load-queue.ts';
import type { Row } from '../audit/queue-schema.ts';
import { decodeSource } from '../diagnostics/source.ts';
import { systemFiles } from '../drivers/files.ts';
import { openStore } from '../evidence/store.ts';
import { closeBundle } from '../lifecycle/close-bundle.ts';
import { runId } from '../lifecycle/open-session.ts';
import { WorldError } from '../ports/world-error.ts';
import type { Pack } from '../scenario/load-pack.ts';
import type { Validation } from '../scenario/scenario-schema.ts';
import { validationCheckOf, validationChecks } from '../scenario/validation-checks.ts';
import { UsageError, type Terminal } from './command.ts';
import { openFreshRuns } from './fresh-runs.ts';
import { howStopped } from './gates-run.ts';
import { packageRoot } from './packs.ts';
import { projectReports } from './projections.ts';
import { runPack } from './run-pack.ts';
import { findSigner } from './signing.ts';
import { openRun, type OpenedRun } from './store.ts';
import { openVerifier, type VerifierOptions } from './verifier.ts';
import { version } from './version.ts';
import { describeHost, makeSystem } from './world.ts';

export type ValidationRun = {
  readonly pack: Pack;
  /** Id. */
  readonly validation: string;
  /** Absolute. */
  readonly store: string;
  readonly key?: string;
  readonly allowSystem?: boolean;
  readonly waitMs: number;
  readonly maxLifetimeMs: number;
  /** How many members are run at once. */
  readonly parallel: number;
  /** Told of each member that is run or taken. */
  readonly onMember?: (line: string) => void;
  /** Default: this program, as it is installed. */
  readonly verifier?: VerifierOptions['argv'];
};

type Members = { readonly wanted: readonly string[]; readonly also: readonly string[] };

export async function planValidation({
  pack,
  validation,
}: Pick<ValidationRun, 'pack' | 'validation'>): Promise<Members & { readonly file: Validation }> {
  const file = pack.validations.get(validation)?.value;
  if (file === undefined) throw new UsageError(`${pack.file.id} has no validation ${validation}`);
  return { file, ...(await membersOf(pack, file)) };
}

export function renderValidationPlan(planned: Awaited<ReturnType<typeof planValidation>>): string {
  const { metadata, spec } = planned.file;
  const said = (title: string, lines: readonly string[]): readonly string[] =>
    lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${line}`)];
  const titleOf = (id: string): string => {
    const name = validationCheckOf(id, metadata.phase);
    return name === undefined ? id : `${id}: ${validationChecks[name]}`;
  };
  return [
    `plan of validation ${metadata.id}: ${metadata.title}`,
    ...said('given', spec.text.given),
    ...said('when', spec.text.when),
    ...said('then', spec.text.then),
    ...said('rows', spec.rows),
    ...said('members, run unless a fresh bundle is there', planned.wanted),
    ...said('members, where this host can', planned.also),
    ...said('claims', spec.claims),
    ...said('expected checks', spec.expectedChecks.map(titleOf)),
    ...['', 'A plan is no evidence.', ''],
  ].join('\n');
}

/** `planned`: those of the rows; scenarios that rows only may be shown by are taken along. */
async function membersOf(pack: Pack, { spec }: Validation): Promise<Members> {
  if (spec.members !== 'planned') return { wanted: spec.members, also: [] };
  const rows = await rowsOf(pack, spec.rows);
  const wanted = [...new Set(rows.flatMap(({ planned }) => planned.scenarios))];
  const also = [...new Set(rows.flatMap(({ planned }) => planned.also ?? []))];
  return { wanted, also: also.filter((each) => !wanted.includes(each)) };
}

const queueMaxBytes = 64 * 1024 * 1024;

async function rowsOf({ root }: Pack, ids: readonly string[]): Promise<readonly Row[]> {
  for (const name of ['audit/queue.yaml', 'audit/queue.jsonl']) {
    const path = join(root, name);
    if ((await systemFiles.stat(path)) === undefined) continue;
    const { rows } = loadQueue(
      decodeSource(path, await systemFiles.read(path, queueMaxBytes)).source,
    );
    const found = rows.filter(({ id }) => ids.includes(id));
    const unknown = ids.find((id) => !found.some((row) => row.id === id));
    if (unknown === undefined) return found;
    throw new UsageError(`the queue has no row ${unknown}`, 'seatrial audit status tells more');
  }
  throw new UsageError('the pack has no audit queue', 'a validation is about its rows');
}

export async function runPackValidation(
  asked: ValidationRun,
  terminal: Terminal,
): Promise<ValidationResult> {
  const { pack, store: root } = asked;
  const { file, ...members } = await planValidation(asked);
  const system = makeSystem(terminal);
  const signer = await findSigner(asked.key === undefined ? {} : { key: asked.key }, terminal);
  const world = {
    ...system,
    ...(signer === undefined ? {} : { signer }),
    ...{ host: describeHost(), pid: terminal.pid, toolVersion: version },
  };
  const store = await openStore({ ...system, root });
  const subject = pack.file.subjects[0]?.id ?? '';
  const { node, env, signal } = terminal;
  return runValidation(world, {
    ...{ store, run: runId(world), pack: pack.file.id, subject, validation: file, ...members },
    ...{ parallel: asked.parallel, signal, howStopped },
    runMember: memberRunner(asked, terminal),
    verifier: openVerifier({
      argv: asked.verifier ?? [node, join(packageRoot, 'dist/cli/main.js')],
      ...{ processes: system.processes, store: root, pack: pack.root, rows: file.spec.rows },
      ...{ subject, signal, env },
    }),
    close: (bundle) => closeBundle(world, bundle, { store, project: projectReports(root) }),
  });
}

function memberRunner(
  asked: ValidationRun,
  terminal: Terminal,
): (scenario: string) => Promise<MemberFacts> {
  const { pack, store, key, allowSystem, waitMs, maxLifetimeMs, onMember } = asked;
  const fresh = openFreshRuns(store, terminal);
  const factsOf = ({ state, objects }: OpenedRun): MemberFacts => memberFacts(state, objects);
  return async (scenario) => {
    if (!pack.scenarios.has(scenario))
      throw new WorldError('not-found', `the pack has no scenario ${scenario}`);
    const member = { pack, scenario, store, ...(key === undefined ? {} : { key }) };
    const known = await fresh.find(member);
    if (known !== undefined) {
      onMember?.(`${scenario}: taken from run ${known.run}`);
      return factsOf(known);
    }
    const { run } = await runPack(
      { ...member, allowSystem: allowSystem === true, waitMs, maxLifetimeMs },
      terminal,
    );
    const opened = await openRun(store, run);
    onMember?.(`${scenario}: ${opened.state.verdict} in run ${run}`);
    return factsOf(opened);
  };
}
