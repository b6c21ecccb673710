// The kinds of checks of a gate and the fields of each.

import * as z from 'zod';
import { duration } from './duration.ts';
import { matcher, pointer } from './matcher-schema.ts';

const checkIdPattern = /^gate(?:\.[a-z0-9]+(?:-[a-z0-9]+)*){2}$/u;

export const checkId = z
  .string()
  .max(120)
  .regex(checkIdPattern, 'GT008 Write gate.<domain>.<behaviour>, in lower case.')
  .describe('stable id of the check, gate.<domain>.<behaviour>');

const variable = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/u, 'GT008 This is no variable name.');
export const environment = z
  .record(variable, z.string().max(32_768))
  .describe('variables of the target and of commands; nothing is inherited');

export const relativePath = z
  .string()
  .min(1)
  .max(1024)
  .regex(/^(?!\/)(?!.*(?:^|\/)\.\.(?:\/|$))/u, 'GT008 Write a path that stays inside the folder.')
  .describe('a path below the folder');
const filePath = z.string().min(1).max(1024);

/** What a fault or a check needs beside the target's usual start. */
export const planting = {
  env: environment.optional(),
  put: z
    .record(relativePath, filePath)
    .optional()
    .describe('files put into the data folder before the start: path there → file'),
  stub: z
    .record(z.string().regex(/^[\w.+-]{1,64}$/u, 'GT008 Name a program.'), filePath)
    .optional()
    .describe('programs replaced on PATH: name → file'),
};

const common = {
  id: checkId,
  title: z.string().max(200).optional().describe('what the check asks, in a few words'),
  evidence: z.string().max(80).optional().describe('name of its evidence in the sign-off'),
  details: z
    .record(z.string().regex(/^[a-z][a-z0-9_]{0,63}$/u), pointer)
    .optional()
    .describe('members of the gate’s details: name → pointer into the facts of this check'),
  ...planting,
};

const path = z
  .string()
  .max(4096)
  .regex(/^(?:\/|\$|https?:\/\/)/u, 'GT008 Write a path from /, or an address.');
const methods = ['get', 'post', 'put', 'patch', 'delete', 'head', 'options'] as const;
export type Method = (typeof methods)[number];

export const request = z
  .strictObject({
    ...(Object.fromEntries(methods.map((name) => [name, path.optional()])) as Record<
      Method,
      z.ZodOptional<typeof path>
    >),
    headers: z.record(z.string().max(200), z.string().max(8192)).optional(),
    body: z.json().optional().describe('text as it is; anything else as JSON'),
    timeout: z.number().positive().max(3600).optional().describe('seconds (default 10)'),
  })
  .refine(
    (value) => methods.filter((name) => value[name] !== undefined).length === 1,
    'GT008 Give exactly one method, such as `get: /path`.',
  )
  .describe('one request: {get: /path, headers, body}');
export type Request = z.infer<typeof request>;

const status = z
  .union([z.int().min(100).max(599), z.array(z.int().min(100).max(599)).min(1)])
  .describe('the status, or those that are right');
const matchers = z.record(pointer, matcher).describe('JSON pointer → what stands there');
const headers = z.record(z.string().max(200), matcher).describe('header → what it says');
const names = z.array(z.string().max(200)).min(1);

/** Empty lists and maps say nothing either. */
const saysSomething = (expected: Readonly<Record<string, unknown>>): boolean =>
  Object.values(expected).some(
    (value) =>
      value !== undefined &&
      (typeof value !== 'object' || value === null || Object.keys(value).length > 0),
  );

const http = {
  request,
  concurrent: z.int().min(1).max(256).optional().describe('so many at once; each must fit'),
  expect: z
    .strictObject({
      status: status.optional(),
      headers: headers.optional(),
      json: matchers.optional(),
      absent: z.array(pointer).optional().describe('pointers at which nothing may stand'),
      text: matcher.optional().describe('the body as text'),
    })
    .refine(saysSomething, 'GT006 Say what is expected; every answer would pass.'),
};

const counter = z.strictObject({
  get: path,
  json: pointer.optional(),
  metric: z.string().max(400).optional().describe('a sample of a Prometheus page, with labels'),
  growth: z.int().min(0).default(1).describe('what each stream adds, resumed or not'),
});

const sse = {
  request,
  expect: z
    .strictObject({
      status: status.optional(),
      headers: headers.optional(),
      first: z.string().optional().describe('type of the first event'),
      last: z.string().optional().describe('type of the last event; nothing follows it'),
      order: names.optional().describe('types of the first events, in this order'),
      before: z
        .array(z.tuple([z.string(), z.string()]))
        .optional()
        .describe('pairs of types: every first stands before every second'),
      once: names.optional().describe('types that come exactly once'),
      forbid: names.optional().describe('types that never come'),
      ids: z.enum(['consecutive', 'increasing']).optional(),
      envelope: matchers.optional().describe('in the data of every event'),
      header_equals: z
        .strictObject({ header: z.string(), event: z.string(), pointer })
        .optional()
        .describe('a header that is the same JSON as a part of an event'),
      count: z.strictObject({ min: z.int().min(0), max: z.int().min(0).optional() }).optional(),
    })
    .prefault({}),
  resume: z
    .strictObject({
      cut: z.literal('every').describe('after each event, from none to all but the last'),
      mid_frame: z.boolean().default(false).describe('and in the middle of each event'),
      carry: z
        .array(
          z.strictObject({
            from: z.string().describe('header of the first answer'),
            header: z.string().optional().describe('header of the resuming request'),
            query: z.string().optional().describe('or parameter of its address'),
          }),
        )
        .default([]),
      request: request.optional().describe('the resuming request, where it differs'),
      log: z
        .enum(['replay', 'uncut'])
        .default('replay')
        .describe('held against the same stream from its start, or the first, uncut one'),
      counter: counter.optional(),
    })
    .optional(),
};

const argv = z.tuple([z.string().min(1)], z.string());
const command = {
  run: argv.describe('program and arguments; no shell'),
  cwd: filePath.optional().describe('default: an empty folder'),
  stdin: z.string().max(1_048_576).optional(),
  expect: z
    .strictObject({
      exit: z.union([z.int().min(0).max(255), z.array(z.int().min(0).max(255)).min(1)]).default(0),
      stdout: matcher.optional(),
      stderr: matcher.optional(),
      json: matchers.optional().describe('of standard output'),
      files: z.record(relativePath, matcher).optional().describe('file of the folder → its text'),
    })
    .prefault({}),
};

const scenario = {
  scenario: z.string().min(1).describe('lifecycle, fresh, or the id of a scenario'),
  app: z.string().optional(),
  verdict: z.enum(['passed', 'failed']).default('passed'),
  same_commit: z.boolean().default(true).describe('its head is the commit under test'),
  max_age: duration.optional().describe('default: the gate’s, else 24h'),
};

const audit = {
  pack: z.string().min(1).max(1024).describe('a shipped pack, or a folder beside this file'),
  gate: z
    .string()
    .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/u)
    .optional()
    .describe('a gate of the audit, such as evidence-gate; without one its rows are asked'),
  rows: z
    .array(z.string().min(1).max(40))
    .min(1)
    .optional()
    .describe('default: all; AQ-050..AQ-056'),
  phase: z.int().min(0).max(9999).optional(),
  status: z
    .enum(['evidence-complete', 'audit-amended', 'any'])
    .default('evidence-complete')
    .describe('what each row must be; any: complete or amended'),
  max_age: duration.optional().describe('how old the end of a run may be (default 7d)'),
};

const findings = {
  input: z.array(z.string().min(1)).min(1).describe('KIND:PATH, as findings commands take it'),
  reference: filePath.describe('the baseline it is held against'),
  modes: z.array(z.enum(['ratchet', 'per-fingerprint'])).default([]),
  thresholds: z
    .strictObject({
      abs: z.number().min(0).optional(),
      rel: z.number().min(0).optional(),
      any: z.boolean().optional(),
    })
    .prefault({}),
  suppressions: filePath.optional(),
  max_age: duration.optional().describe('of the inputs; default: written during this run'),
  run: argv.optional().describe('makes the inputs; runs first'),
  cwd: filePath.optional(),
};

const globs = z.array(z.string().min(1).max(400)).min(1);
const workspace = filePath.optional().describe('a git work tree; default: the folder of the file');

const coverage = {
  rule: z.enum(['total', 'files', 'real']).default('total'),
  reports: z.array(filePath).min(1),
  run: argv.optional().describe('makes the reports; runs first'),
  workspace,
  base: z.string().min(1).default('main').describe('a branch; the merge base with it counts'),
  recorded: filePath
    .default('.seatrial/coverage')
    .describe('folder of what `gates coverage record` wrote'),
  tolerance: z.number().min(0).max(100).default(0).describe('percentage points'),
  min_changed: z.number().min(0).max(100).optional().describe('per cent of changed lines'),
  strip: z.string().optional(),
  map: z.record(z.string(), z.string()).optional(),
  max_age: duration.optional().describe('of the reports; default: written during this run'),
  compute_base: z
    .boolean()
    .default(false)
    .describe('where nothing is recorded, `run` in a fresh copy of the base commit'),
};

const specTests = {
  workspace,
  base: z.string().min(1).default('main'),
  sources: globs,
  tests: globs,
  exempt: z.array(z.string()).default([]),
  mapping: z.record(z.string(), globs).default({}).describe('source → its tests'),
  changed: z
    .array(z.string().min(1))
    .default([])
    .describe('paths that must be among the changes, committed, edited or untracked'),
  executed: z
    .array(filePath)
    .default([])
    .describe(
      'reports that say which test ran which line: LCOV with TN, coverage.py with contexts',
    ),
  run: argv.optional().describe('makes the reports; runs first'),
  strip: z.string().optional(),
  map: z.record(z.string(), z.string()).optional(),
  max_age: duration.optional().describe('of the reports; default: written during this run'),
};

const signing = {
  roots: z.array(filePath).min(1).describe('folders of scripts; none may be empty'),
  planted: z
    .record(filePath, z.enum(['accepted', 'refused']))
    .default({})
    .describe('files of known answer'),
  keys: filePath.default('seatrial.keys.yaml'),
  strict: z.boolean().default(true),
};

const networkPolicy = {
  via: z
    .strictObject({ request: request.optional(), command: argv.optional() })
    .refine(
      (value) => (value.request === undefined) !== (value.command === undefined),
      'GT008 Give request or command; $destination in it is the address to call.',
    ),
  allow: z.array(z.string().min(1)).default([]).describe('host names that must be reached'),
  deny: z.array(z.string().min(1)).default([]).describe('host names that must not be reached'),
  tricks: z
    .array(z.string().min(1))
    .default([])
    .describe('whole addresses that must not reach; $port is that of the denied listener'),
  refused: z
    .strictObject({ status: status.optional(), exit: z.int().optional() })
    .optional()
    .describe('how a refusal answers'),
};

export const shapes = {
  http,
  sse,
  command,
  scenario,
  audit,
  'findings-regression': findings,
  coverage,
  'spec-tests': specTests,
  signing,
  'network-policy': networkPolicy,
} as const;

export type CheckKind = keyof typeof shapes;
export const checkKinds = Object.keys(shapes) as readonly CheckKind[];

export const checkOf = {
  http: z.strictObject({ kind: z.literal('http'), ...common, ...http }),
  sse: z.strictObject({ kind: z.literal('sse'), ...common, ...sse }),
  command: z.strictObject({ kind: z.literal('command'), ...common, ...command }),
  scenario: z.strictObject({ kind: z.literal('scenario'), ...common, ...scenario }),
  audit: z.strictObject({ kind: z.literal('audit'), ...common, ...audit }),
  'findings-regression': z.strictObject({
    kind: z.literal('findings-regression'),
    ...common,
    ...findings,
  }),
  coverage: z.strictObject({ kind: z.literal('coverage'), ...common, ...coverage }),
  'spec-tests': z.strictObject({ kind: z.literal('spec-tests'), ...common, ...specTests }),
  signing: z.strictObject({ kind: z.literal('signing'), ...common, ...signing }),
  'network-policy': z.strictObject({
    kind: z.literal('network-policy'),
    ...common,
    ...networkPolicy,
  }),
} as const;

export const check = z.discriminatedUnion('kind', [
  checkOf.http,
  checkOf.sse,
  checkOf.command,
  checkOf.scenario,
  checkOf.audit,
  checkOf['findings-regression'],
  checkOf.coverage,
  checkOf['spec-tests'],
  checkOf.signing,
  checkOf['network-policy'],
]);

export type GateCheck = z.infer<typeof check>;
export type CheckOf<Kind extends CheckKind> = Extract<GateCheck, { kind: Kind }>;

/** As written: the kind is the gate's unless the check says its own. */
export const writtenCheck = z.union(
  checkKinds.map((kind) =>
    z.strictObject({ kind: z.literal(kind).optional(), ...common, ...shapes[kind] }),
  ),
);
