// gates.yaml: what a person writes to declare gates. The one source for its loader, its published
// JSON Schema and its types.

import * as z from 'zod';
import {
  check,
  checkId,
  checkKinds,
  environment,
  planting,
  relativePath,
  writtenCheck,
} from './check-schema.ts';
import { duration } from './duration.ts';
import { pointer } from './matcher-schema.ts';

export const gateKinds = [...checkKinds, 'manual'] as const;
export const gateName = /^[a-z][a-z0-9_]{0,63}$/u;

const argv = z.tuple([z.string().min(1)], z.string());
const path = z.string().regex(/^\//u, 'GT008 Write a path from /.');

const target = z
  .strictObject({
    start: argv.describe('program and arguments; no shell'),
    ready: z
      .union([
        z.enum(['stdout-json', 'port']),
        z.strictObject({ get: path, status: z.int().default(200) }),
      ])
      .default('port')
      .describe('stdout-json: a line {"ready":true,"url":…}; port: somebody listens; or a request'),
    stop: z.enum(['SIGTERM', 'SIGINT']).default('SIGTERM'),
    cwd: z.string().optional().describe('default: an empty folder'),
    env: environment.optional(),
    boot: z.number().positive().max(600).default(20).describe('seconds until it is ready'),
    faults: z
      .strictObject({
        variable: z.string().default('SEATRIAL_KERNEL_FAULTS'),
        get: path.optional(),
        json: pointer.default('/faults'),
      })
      .prefault({})
      .describe('how a fault is switched on, and where the target says which are'),
  })
  .describe('the system under judgement, started once for each gate');

const manual = z
  .strictObject({
    signers: z.array(z.string().min(1)).min(1).describe('key ids, or owners in the keys file'),
    evidence: z.array(z.string().min(1)).default([]).describe('names of files that must be given'),
    max_age: duration.default('72h'),
    min_signers: z.int().min(1).max(20).default(1),
    not_author: z.boolean().default(false).describe('the author of the commit does not count'),
    role: z.string().optional(),
  })
  .describe('what a named person has to confirm');

const canary = z
  .strictObject({
    fault: z.string().min(1).optional().describe('a fault switch of the target'),
    env: planting.env,
    put: z.string().optional().describe('a path in the data folder'),
    from: z.string().optional().describe('the file put there'),
    stub: planting.stub,
    red: z.union([checkId, z.array(checkId).min(1)]).describe('checks that must go red'),
    verdict: z.enum(['failed', 'error']).default('failed'),
    also: z
      .array(z.union([checkId, z.string().regex(/^gate\.runner\.leak\.[a-z0-9-]+$/u)]))
      .default([])
      .describe('further checks that may go red with it, also the gate’s gate.runner.leak.<gate>'),
  })
  .refine(
    (value) =>
      [value.fault, value.env, value.put, value.stub].filter((each) => each !== undefined)
        .length === 1 && (value.put === undefined) === (value.from === undefined),
    'GT008 Plant exactly one: fault, env, stub, or put with from.',
  );

const repository = z
  .strictObject({
    at: relativePath.describe('where it is made, in the folder of the gate'),
    commits: z
      .array(z.string().min(1).max(1024))
      .min(1)
      .max(20)
      .describe('a folder with the whole tree for each commit; the first is main, the rest work'),
  })
  .describe('a git repository made for the gate; `put` comes after it and is uncommitted');

const gateOf = <Check extends z.ZodType>(item: Check) =>
  z
    .strictObject({
      kind: z.enum(gateKinds).describe('what its checks are, unless one says its own kind'),
      title: z.string().min(1).max(120).optional(),
      required: z.boolean().default(true).describe('false: shown, never counted'),
      parallel: z.enum(['exclusive', 'safe']).default('exclusive'),
      live: z
        .enum(['auto', 'safe', 'never'])
        .default('auto')
        .describe('whether it may judge a running system (--target); auto: when it only reads'),
      timeout: z.number().positive().max(86_400).default(120).describe('seconds, of all checks'),
      owner: z.string().optional(),
      max_age: duration.optional(),
      target: z.union([z.literal('none'), target]).optional(),
      manual: manual.optional(),
      repository: repository.optional(),
      checks: z.array(item).default([]),
      canary: z.array(canary).default([]),
      ...planting,
    })
    .describe('a go/no-go rule');

const fileOf = <Check extends z.ZodType>(item: Check) =>
  z.strictObject({
    version: z.literal(1),
    target: target.optional(),
    risks: z.string().optional().describe('the list of residual risks, a file beside this one'),
    watch: z
      .array(z.string().min(1))
      .default([])
      .describe('paths beside this file that no gate may change'),
    gates: z
      .record(z.string().regex(gateName, 'GT003 Write a name like agents_api.'), gateOf(item))
      .refine((gates) => Object.keys(gates).length > 0, 'GT008 Declare at least one gate.'),
  });

export const gatesSchema = fileOf(check);
/** As people may write it; the loader then gives every check its kind. */
export const writtenGatesSchema = fileOf(writtenCheck);

export type GatesFile = z.infer<typeof gatesSchema>;
export type Gate = GatesFile['gates'][string];
export type TargetSettings = z.infer<typeof target>;
export type ManualSettings = z.infer<typeof manual>;
export type GateCanary = z.infer<typeof canary>;
