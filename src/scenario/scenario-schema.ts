// The registry of scenario files, of both kinds: loader, JSON Schemas and reference come from it. What
// one part says about another is in scenario-rules.ts.

import * as z from 'zod';
import { reference } from './manifest-schema.ts';
import {
  boundaries,
  checkId,
  duration,
  evidenceName,
  kebab,
  pointer,
  rowId,
  rowNameOrAll,
  sentence,
} from './schema-names.ts';
import { distinct, exactlyOne, filePath, reason } from './schema-parts.ts';

export const fixtureKinds = [
  ...(['file', 'directory', 'key', 'daemon-config', 'policy', 'image-build'] as const),
  ...(['state-staging', 'http-endpoint', 'asset-server', 'path-stub', 'cross-device'] as const),
  ...(['landlock', 'container'] as const),
] as const;
export type FixtureKind = (typeof fixtureKinds)[number];
/** It ends with the process that it wraps: there is nothing to restore. */
export const selfEndingKinds: readonly string[] = ['landlock'];

export const operationWords = [
  ...(['install', 'upgrade', 'backup', 'restore', 'rebuild', 'custom', 'remove'] as const),
  'action',
] as const;

const anything = z.record(z.string(), z.json());

const text = z.strictObject({
  given: z.array(sentence).min(1).describe('what holds before'),
  when: z.array(sentence).min(1).describe('what is done'),
  then: z.array(sentence).min(1).describe('what must hold after'),
});

const environment = z.strictObject({
  os: distinct(z.enum(['linux', 'darwin', 'win32']))
    .min(1)
    .describe('operating systems'),
  arch: distinct(z.enum(['x64', 'arm64']))
    .min(1)
    .describe('processors'),
  driver: z
    .enum(['process', 'compose', 'swarm', 'abra', 'sandbox', 'fake'])
    .describe('how the app is deployed'),
  product: distinct(kebab).min(1).describe('subjects that it may run on, like `reference`'),
  network: z.enum(['none', 'loopback']).describe('what the run may reach'),
  needs: distinct(
    z
      .string()
      .regex(
        /^(?:docker|root|netns|landlock>=[1-9]\d?|prepared:[a-z0-9]+(?:-[a-z0-9]+)*)$/,
        'A need is `docker`, `root`, `netns`, `landlock>=N` or `prepared:<id>`.',
      ),
  )
    .default([])
    .describe('what the host must have; unmet, nothing is done and the exit code is 3'),
});

const fixture = z.strictObject({
  id: kebab.describe('name within the file'),
  kind: z
    .enum(fixtureKinds, { error: 'FX004 The kind of fixture is unknown.' })
    .describe('a kind that can be restored'),
  role: kebab.optional().describe('role in the audit row'),
  with: anything.default({}).describe('inputs of the kind'),
  restore: z
    .strictObject({ budget: duration.describe('time for the undo') })
    .optional()
    .describe('how long its undo may take'),
});

const expectation = z.strictObject({
  exit: z
    .union([z.literal(0), z.literal('nonzero'), z.int().min(1).max(255)])
    .default(0)
    .describe('`0`, `nonzero` or a number'),
});

const action = z.strictObject({
  id: kebab.describe('name within the file'),
  use: z
    .enum(operationWords, { error: 'SC022 The operation is unknown.' })
    .describe('an operation, or `action`'),
  action: kebab.optional().describe('with `use: action`, which one'),
  with: anything.default({}).describe('inputs'),
  timeout: duration.describe('time it may take'),
  expect: expectation.optional().describe('how it must end; its exit status is never a verdict'),
});

const expectedCheck = z.strictObject({
  id: checkId.describe('id in the register'),
  after: kebab.describe('action or fixture that it follows'),
  boundary: z.enum(boundaries).describe('surface that it touches'),
  evidence: distinct(evidenceName).min(1).describe('names of the objects that it leaves'),
  rows: distinct(rowId).describe('audit rows that it covers'),
});

const noSideEffects = 'SC040 A failure must say which side effects are forbidden.';
const absent =
  (message: string) =>
  ({ input }: { readonly input?: unknown }): string | undefined =>
    input === undefined ? message : undefined;

const expectedFailure = z.strictObject({
  action: kebab.describe('action that must fail'),
  exit: z.union([z.literal('nonzero'), z.int().min(1).max(255)]).describe('how it must end'),
  says: z
    .strictObject({
      stream: z.enum(['stdout', 'stderr']).describe('where it says so'),
      matches: z.string().min(1).describe('regular expression'),
    })
    .describe('what it must say'),
  check: checkId.describe('check that judges it'),
  forbiddenSideEffects: z
    .array(
      z.strictObject({
        id: kebab.describe('name of the effect'),
        observe: kebab.describe('what is observed before and after'),
        mustEqualBefore: distinct(pointer).min(1).describe('parts that must be equal'),
      }),
      { error: absent(noSideEffects) },
    )
    .min(1, noSideEffects)
    .describe('what must not have changed'),
});

const noAction = 'SC020 At least one runtime action is required.';

const scenarioSpec = exactlyOne(
  ['manifest', 'noManifestReason'],
  {
    environment: environment.describe('where it can run'),
    manifest: filePath.optional(),
    noManifestReason: z
      .strictObject({
        contract: kebab.describe('contract that stands in for a manifest'),
        reason: reason('why there is no instance', 40),
      })
      .optional()
      .describe('instead of a manifest'),
    releases: z
      .strictObject({
        base: reference.optional().describe('release to start from'),
        head: reference.describe('release to end with'),
      })
      .optional()
      .describe('absent when no version moves'),
    text: text.describe('quoted unchanged in reports'),
    fixtures: z.array(fixture).default([]).describe('state prepared before, in order'),
    noFixturesReason: reason('why nothing is prepared').optional(),
    runtimeActions: z
      .array(action, { error: absent(noAction) })
      .min(1, noAction)
      .describe('what is done, in order, each once'),
    expectedChecks: z.array(expectedCheck).min(1).describe('what must be shown'),
    expectedFailure: expectedFailure.optional().describe('only where something must fail'),
    budget: duration.describe('wall-clock limit without cleanup'),
  },
  { none: 'SC010', many: 'SC010' },
);

const apiVersion = z.literal('seatrial/v1').describe('format of this file');

export const scenarioSchema = z.strictObject({
  apiVersion,
  kind: z.literal('Scenario').describe('one run'),
  metadata: z
    .strictObject({
      id: kebab.describe('id of the scenario'),
      title: sentence.describe('one line for people'),
      rows: distinct(rowId).describe('audit rows that it is planned for; may be empty'),
    })
    .describe('what it is called'),
  spec: scenarioSpec.describe('what it does and shows'),
});

const rowStatus = z.strictObject({
  status: z
    .enum(['unresolved', 'evidence-complete', 'audit-amended'])
    .describe('what must be derived'),
  reasons: distinct(kebab).default([]).describe('reasons that must be among the given ones'),
});

export const validationSchema = z.strictObject({
  apiVersion,
  kind: z.literal('Validation').describe('a scenario over runs and the audit'),
  metadata: z
    .strictObject({
      id: z
        .string()
        .regex(/^[a-z0-9]+(?:[.-][a-z0-9]+){0,20}$/, 'An id has small letters, digits, `.`, `-`.')
        .describe('id of the validation'),
      title: sentence.describe('one line for people'),
      phase: z.int().min(0).describe('phase of the audit'),
    })
    .describe('what it is called'),
  spec: z
    .strictObject({
      text: text.describe('quoted unchanged in reports'),
      path: z.enum(['happy', 'sad']).describe('whether the audit must agree or refuse'),
      rows: distinct(rowId).min(1).describe('audit rows'),
      members: z
        .union([z.literal('planned'), distinct(kebab).min(1)])
        .describe('scenarios, or `planned`: those of the rows'),
      claims: distinct(filePath).default([]).describe('files of claims'),
      expectAudit: z
        .strictObject({
          exit: z.int().min(0).max(255).describe('exit code of the audit'),
          rows: z
            .record(z.string().regex(rowNameOrAll, 'Write the id of a row, or `*`.'), rowStatus)
            .describe('by row id, or `*` for all'),
        })
        .describe('what the audit must answer'),
      forbidden: distinct(
        z.enum(['row-status-changed', 'pack-file-changed', 'write-outside-store']),
      )
        .default([])
        .describe('effects that a refused claim must not have'),
      expectedChecks: distinct(checkId).min(1).describe('ids that must be shown'),
    })
    .describe('what it does and shows'),
});

export type Scenario = z.output<typeof scenarioSchema>;
export type Validation = z.output<typeof validationSchema>;

/** Milliseconds of a duration that the registry accepted. */
export function durationMs(written: string): number {
  const unit = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
  const [, amount = '', name = ''] = /^(\d+)(ms|s|m|h)$/.exec(written) ?? [];
  return Number(amount) * unit[name as keyof typeof unit];
}
