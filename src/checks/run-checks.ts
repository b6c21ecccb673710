// Checks of the whole run, asked once after the removal.

import type { ExpectedCheck } from '../evidence/record.ts';
import type { JsonObject } from '../ports/json.ts';
import { failed, inconclusive, notRun, passed, type Answer } from './answer.ts';

/** `run.deployment.once`: exactly one deployment was created, by the install, and services kept their ids. */
export function judgeDeploymentOnce(facts: {
  readonly created: number;
  readonly installs: number;
  /** Engine ids per service, by operation in order, from the snapshots. */
  readonly serviceIds: readonly { readonly operation: string; readonly ids: JsonObject }[];
}): Answer {
  const evidence = {
    created: facts.created,
    installs: facts.installs,
    serviceIds: facts.serviceIds.map((each) => ({ ...each })),
  };
  const nothingRan = facts.serviceIds.every(({ ids }) => Object.keys(ids).length === 0);
  // An install that the testbed cut short is not the app's fault, and no second deployment either.
  if (facts.created === 0 && facts.installs <= 1 && nothingRan)
    return notRun('no deployment was completed');
  if (facts.created !== 1 || facts.installs !== 1)
    return failed(
      'driver',
      `${String(facts.created)} deployments and ${String(facts.installs)} installs in the journal, wanted one each`,
      evidence,
    );
  const first = facts.serviceIds[0]?.ids;
  if (first === undefined) return inconclusive('driver', 'no service was ever observed', evidence);
  // Rebuilding removes services and makes them anew: that is what it is for, and no deployment.
  const lasting = facts.serviceIds.filter(({ operation }) => operation !== 'rebuild');
  const moved = lasting.filter(({ ids }) =>
    Object.entries(first).some(([name, id]) => name in ids && ids[name] !== id),
  );
  return moved.length === 0
    ? passed('driver', 'one deployment, the same services until they were rebuilt', evidence)
    : failed(
        'driver',
        `services have other engine ids after ${moved.map(({ operation }) => operation).join(', ')}: a second deployment`,
        evidence,
      );
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
