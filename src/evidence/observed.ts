// Observations that proofs of audit rows are made from. Each is an object of its own behind a record
// `observation`, whose `what` is the name below; the runner writes them, collectors cannot.

import type { Json, JsonObject } from '../ports/json.ts';
import type { Boundary } from './record.ts';

/** A container or process that ran at that moment, asked for its version by its own binary. */
export type InstanceObservation = {
  readonly schema: 'seatrial.instance/v1';
  /** Which part of the product it is an instance of, as the subject's builds are named. */
  readonly component: string;
  /** Which of the app's instances: the sandbox's or gateway's name. */
  readonly name: string;
  /** Container id, or pid and start time. */
  readonly id: string;
  /** Identity of what it runs: image id, or digest of the executable. */
  readonly content: string;
  readonly version: string;
  /** What was asked for the version; the same text means the same probe. */
  readonly probe: string;
};

/** An image that the product took into use, and whether it built it then. */
export type ImageUseObservation = {
  readonly schema: 'seatrial.image-use/v1';
  readonly fixture: string;
  readonly image: string;
  /** Creation time as the engine tells it. */
  readonly created: string;
  readonly built: boolean;
};

/** Requests that arrived at an endpoint fixture, as its own log has them. */
export type RequestsObservation = {
  readonly schema: 'seatrial.requests/v1';
  readonly fixture: string;
  readonly requests: readonly {
    readonly nonce: string;
    /** Where it was sent from; `host-cli` is the harness's own side. */
    readonly from: Boundary;
  }[];
};

/** Planted faults that the product's programs report of themselves; anything but none is a mutant. */
export type MutantsObservation = {
  readonly schema: 'seatrial.mutants/v1';
  readonly mutants: readonly string[];
};

export type ProofObservation =
  InstanceObservation | ImageUseObservation | RequestsObservation | MutantsObservation;

/** `what` of the record, by schema. */
export const observationNames = {
  'seatrial.instance/v1': 'instance',
  'seatrial.image-use/v1': 'image-use',
  'seatrial.requests/v1': 'requests',
  'seatrial.mutants/v1': 'mutants',
} as const satisfies Readonly<Record<ProofObservation['schema'], string>>;

/** The value as one of these; undefined when it is anything else. */
export function readProofObservation(value: Json): ProofObservation | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const object = value as JsonObject;
  const schema = object['schema'];
  if (typeof schema !== 'string' || !Object.hasOwn(shapes, schema)) return undefined;
  return shapes[schema as ProofObservation['schema']](object)
    ? (object as unknown as ProofObservation)
    : undefined;
}

const texts =
  (...fields: readonly string[]) =>
  (value: JsonObject): boolean =>
    fields.every((field) => typeof value[field] === 'string' && value[field] !== '');

const shapes: Readonly<Record<ProofObservation['schema'], (value: JsonObject) => boolean>> = {
  'seatrial.instance/v1': texts('component', 'name', 'id', 'content', 'version', 'probe'),
  'seatrial.image-use/v1': (value) =>
    texts('fixture', 'image', 'created')(value) && typeof value['built'] === 'boolean',
  'seatrial.requests/v1': (value) =>
    texts('fixture')(value) &&
    Array.isArray(value['requests']) &&
    (value['requests'] as readonly Json[]).every(
      (each) => isObject(each) && texts('nonce', 'from')(each),
    ),
  'seatrial.mutants/v1': ({ mutants }) =>
    Array.isArray(mutants) &&
    (mutants as readonly Json[]).every((each) => typeof each === 'string'),
};

const isObject = (value: Json): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
