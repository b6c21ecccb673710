// Checks of the whole run, asked once after the removal.

import type { ExpectedCheck } from '../evidence/record.ts';
import type { JsonObject } from '../ports/json.ts';
import { failed, inconclusive, notRun, passed, type Answer } from './answer.ts';

/** What an operation left: engine ids by service, and those of volumes, which tell when each was made. */
export type Lasting = {
  readonly operation: string;
  readonly services: JsonObject;
  readonly volumes: JsonObject;
};

/** The one operation that makes anew what otherwise lasts: an id may change there, and nowhere else. */
const remade = { services: 'rebuild', volumes: 'restore' } as const;

/**
 * `run.deployment.once`: exactly one deployment was created, by the install, and one for each dependency; services and
 * volumes kept their ids from each operation to the next, but for services across a rebuild and volumes across a restore.
 */
export function judgeDeploymentOnce(facts: {
  readonly created: number;
  readonly installs: number;
  /** Apps that were to be deployed beside the app. */
  readonly dependencies: number;
  /** From the snapshots, by operation in order. */
  readonly lasting: readonly Lasting[];
}): Answer {
  const evidence = {
    created: facts.created,
    installs: facts.installs,
    dependencies: facts.dependencies,
    lasting: facts.lasting.map((each) => ({ ...each })),
  };
  const nothingRan = facts.lasting.every(({ services }) => Object.keys(services).length === 0);
  // An install that the testbed cut short is not the app's fault, and no second deployment either.
  if (facts.created <= facts.dependencies && facts.installs <= 1 && nothingRan)
    return notRun('no deployment was completed');
  const wanted = 1 + facts.dependencies;
  if (facts.created !== wanted || facts.installs !== 1)
    return failed(
      'driver',
      `${String(facts.created)} deployments and ${String(facts.installs)} installs in the journal, wanted ${wanted === 1 ? 'one each' : `${String(wanted)} and one`}`,
      evidence,
    );
  if (facts.lasting.length === 0)
    return inconclusive('driver', 'no service was ever observed', evidence);
  const moved = [...moves(facts.lasting, 'services'), ...moves(facts.lasting, 'volumes')];
  return moved.length === 0
    ? passed(
        'driver',
        'one deployment; services until rebuilt and volumes until destroyed were the same ones',
        evidence,
      )
    : failed(
        'driver',
        `made anew, though no operation is to: ${moved.join(', ')}: a second deployment`,
        evidence,
      );
}

/** Whatever has another id than the last time that it was seen. */
function moves(lasting: readonly Lasting[], kind: keyof typeof remade): readonly string[] {
  const known = new Map<string, unknown>();
  const moved: string[] = [];
  for (const each of lasting) {
    if (each.operation === remade[kind]) known.clear();
    for (const [name, id] of Object.entries(each[kind])) {
      if (known.has(name) && known.get(name) !== id)
        moved.push(`${kind.slice(0, -1)} ${name} in ${each.operation}`);
      known.set(name, id);
    }
  }
  return moved;
}

/** `run.expected.kept`: no check that the last green run of this scenario expected has disappeared. */
export function judgeExpectedKept(facts: {
  readonly expected: readonly ExpectedCheck[];
  readonly lastGreen: { readonly run: string; readonly expected: readonly ExpectedCheck[] };
}): Answer {
  const now = new Set(facts.expected.filter(({ skip }) => skip === undefined).map(({ id }) => id));
  const gone = facts.lastGreen.expected
    .filter(({ id, skip }) => skip === undefined && !now.has(id))
    .map(({ id }) => id);
  const evidence = { lastGreen: facts.lastGreen.run, gone, expected: now.size };
  return gone.length === 0
    ? passed('state', `every check of run ${facts.lastGreen.run} is still asked`, evidence)
    : failed(
        'state',
        `expected-shrunk: run ${facts.lastGreen.run} asked ${gone.join(', ')}, this one does not`,
        evidence,
      );
}

export type SecretHit = { readonly name: string; readonly form: string; readonly where: string };

/** `run.secrets.absent`: no secret, plain or encoded, in what the run kept or the app printed. */
export function judgeSecretsAbsent(facts: {
  readonly hits: readonly SecretHit[];
  readonly planted: readonly string[];
  /** Planted secrets that the app was seen to hold. */
  readonly held: readonly string[];
  readonly scannedBytes: number;
  readonly unscanned: readonly string[];
}): Answer {
  const evidence = {
    hits: facts.hits.map((hit) => ({ ...hit })),
    planted: facts.planted,
    held: facts.held,
    scannedBytes: facts.scannedBytes,
    unscanned: facts.unscanned,
  };
  if (facts.hits.length > 0)
    return failed('state', facts.hits.slice(0, 5).map(tell).join('; '), evidence);
  if (facts.unscanned.length > 0)
    return inconclusive('state', `could not be scanned: ${facts.unscanned.join(', ')}`, evidence);
  if (facts.planted.length === 0 || facts.held.length < facts.planted.length)
    return inconclusive(
      'state',
      'planted secrets were not seen in the app, so absence proves nothing',
      evidence,
    );
  return facts.scannedBytes === 0
    ? inconclusive('state', 'there was nothing to scan', evidence)
    : passed('state', `${String(facts.planted.length)} planted secrets appear nowhere`, evidence);
}

const tell = ({ name, form, where }: SecretHit): string => `${name} (${form}) in ${where}`;

/** `run.secrets.redactor-alive`: one probe per form went through the writer and came out masked. */
export function judgeRedactorAlive(facts: {
  readonly forms: readonly string[];
  readonly leaked: readonly string[];
}): Answer {
  const evidence = { forms: facts.forms, leaked: facts.leaked };
  if (facts.forms.length === 0) return inconclusive('state', 'no form was probed', evidence);
  return facts.leaked.length === 0
    ? passed('state', `all ${String(facts.forms.length)} forms are masked`, evidence)
    : failed('state', `the redactor lets through: ${facts.leaked.join(', ')}`, evidence);
}
