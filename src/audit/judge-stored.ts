// The judge asked again, with the object that a check left and with nothing else.

import type { BundleReading } from '../evidence/bundle-reading.ts';
import { readEvidenceObject, type EvidenceObject } from '../evidence/evidence-object.ts';
import { canonicalJson, sha256Hex } from '../evidence/canonical.ts';
import type { Expectation } from '../evidence/expectation.ts';
import { judgeFacts } from '../evidence/judge.ts';
import type { ObjectRef } from '../evidence/record.ts';
import type { CheckState } from '../evidence/run-state.ts';
import type { Json, JsonObject } from '../ports/json.ts';
import type { Judged } from './summary.ts';

/** Larger ones are no facts that anybody compares. */
const objectMaxBytes = 8 * 1024 * 1024;

/** Undefined when no object of the evidence schema about this check can be read. */
export async function judgeStored(
  check: CheckState,
  reading: BundleReading,
): Promise<Judged | undefined> {
  const answers: Judged[] = [];
  for (const ref of check.evidence) {
    const object = await readJsonObject(ref, reading);
    const evidence = object === undefined ? undefined : readEvidenceObject(object);
    if (evidence?.check === check.id) answers.push(judge(evidence));
  }
  const [first, ...rest] = answers;
  return first === undefined ? undefined : rest.reduce(worse, first);
}

export async function readJsonObject(
  ref: ObjectRef,
  { object }: BundleReading,
): Promise<Json | undefined> {
  if (ref.bytes > objectMaxBytes || ref.mediaType !== 'application/json') return undefined;
  const bytes = await object(ref);
  if (bytes === undefined) return undefined;
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as Json;
  } catch {
    return undefined;
  }
}

/** Of expectations as a register has them and as an object repeats them. */
export const expectDigestOf = (expect: readonly Expectation[]): string =>
  sha256Hex(canonicalJson(JSON.parse(JSON.stringify(expect)) as Json));

function judge({ observed, expect, sources }: EvidenceObject): Judged {
  const { verdict, reasons } = judgeFacts(observed, expect);
  const places = expect.flatMap(({ at, to }) => [at, to ?? '']);
  return {
    ...{ verdict, reasons },
    expectDigest: expectDigestOf(expect),
    facts: factsOf(observed),
    asksBefore: places.some((place) => place === '/before' || place.startsWith('/before/')),
    sources: sources.map(({ call, transport, output, target }) => ({
      ...{ call, transport, output },
      ...(target === undefined ? {} : { target }),
    })),
  };
}

const weight = { passed: 0, inconclusive: 1, failed: 2 };
const worse = (a: Judged, b: Judged): Judged => (weight[b.verdict] > weight[a.verdict] ? b : a);

const factsMax = 200;

const pointerStep = (name: string): string =>
  `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;

function factsOf(observed: JsonObject): Judged['facts'] {
  const facts: Record<string, { digest: string; empty: boolean }> = {};
  const add = (pointer: string, value: Json): void => {
    if (Object.keys(facts).length >= factsMax) return;
    facts[pointer] = { digest: sha256Hex(canonicalJson(value)), empty: isEmpty(value) };
  };
  for (const [key, value] of Object.entries(observed)) {
    const first = pointerStep(key);
    add(first, value);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) continue;
    for (const [below, inner] of Object.entries(value)) add(first + pointerStep(below), inner);
  }
  return facts;
}

const isEmpty = (value: Json): boolean =>
  value === null || value === '' || (typeof value === 'object' && Object.keys(value).length === 0);
