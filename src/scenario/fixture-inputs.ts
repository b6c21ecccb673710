// What `with` of a fixture may say, by kind. Texts may hold placeholders, so paths are judged when they are used.

import * as z from 'zod';
import { kebab } from './schema-names.ts';
import { distinct, exactlyOne } from './schema-parts.ts';
import type { FixtureKind } from './scenario-schema.ts';

const path = z.string().min(1).max(4096);
const pointer = z.string().regex(/^\/(?:[^~]|~[01])+$/, 'Write a JSON Pointer like `/a/b`.');
const octal = z.string().regex(/^0?[0-7]{3,4}$/, 'Write permissions in octal, like `0644`.');
const name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/, 'A plain name is required.');

const consent = {
  inPlace: z.boolean().default(false).describe('also where the file is linked or mounted'),
  system: z.boolean().default(false).describe('it belongs to the host, not to the run'),
};

const changes = {
  set: z.record(pointer, z.json()).default({}).describe('values by JSON Pointer'),
  remove: distinct(pointer).default([]).describe('keys that must be absent'),
};
const somethingChanges = (value: {
  readonly set: Readonly<Record<string, unknown>>;
  readonly remove: readonly string[];
}): boolean => Object.keys(value.set).length + value.remove.length > 0;
const nothingChanges = 'Say what to `set` or `remove`.';

const file = exactlyOne(['content', 'from', 'replace'], {
  path: path.describe('file'),
  content: z.string().optional().describe('its whole content'),
  from: path.optional().describe('file of the pack whose content it gets'),
  replace: z
    .array(z.strictObject({ find: z.string().min(1), with: z.string() }))
    .min(1)
    .optional()
    .describe('texts that are each there once'),
  mode: octal.optional().describe('permissions'),
  ...consent,
});

const directory = z.strictObject({
  path: path.describe('folder'),
  from: path.describe('folder of the pack that it becomes a copy of'),
  ...consent,
});

const key = z
  .strictObject({ file: path.describe('file of JSON or YAML'), ...changes, ...consent })
  .refine(somethingChanges, nothingChanges);

const daemonConfig = z.strictObject({
  ...changes,
  reports: z
    .record(pointer, z.json())
    .default({})
    .describe('what the daemon must then say about itself'),
});

const policy = exactlyOne(['sandbox', 'file'], {
  sandbox: z.string().min(1).optional().describe('name of the sandbox whose policy it is'),
  file: path.optional().describe('file from which the product makes policies of sandboxes'),
  presets: distinct(path).default([]).describe('preset files of the pack, for a sandbox'),
  paths: z
    .strictObject({
      read_only: distinct(path).default([]).describe('added to those that may be read'),
      read_write: distinct(path).default([]).describe('added to those that may be written'),
    })
    .default({ read_only: [], read_write: [] })
    .describe('paths to allow'),
}).refine(
  ({ file, presets }) => file === undefined || presets.length === 0,
  'Presets are chosen for a sandbox; a file gets paths alone.',
);

const imageBuild = z.strictObject({
  recipe: path.describe('folder with a Dockerfile, of the pack or the run'),
  base: z.string().min(1).optional().describe('image that it builds on, as argument BASE'),
  release: kebab.optional().describe('release of the pack, as argument RELEASE'),
  args: z.record(z.string(), z.string()).default({}).describe('more build arguments'),
  tags: distinct(z.string().min(1)).default([]).describe('names under which the product sees it'),
  version: z
    .strictObject({
      argv: z.tuple([z.string().min(1)], z.string()).describe('what prints it inside'),
      matches: z.string().min(1).describe('regular expression on what it prints'),
    })
    .optional()
    .describe('the version that must be inside'),
});

const stateStaging = z.record(kebab, z.union([path, z.record(z.string(), z.json())]));

const route = z.strictObject({
  method: z.enum(['GET', 'POST', 'PUT', 'DELETE', 'HEAD']).default('GET'),
  path: z.string().regex(/^\//, 'A path begins with `/`.'),
  status: z.int().min(100).max(599).default(200),
  headers: z.record(z.string(), z.string()).default({}),
  body: z.json().optional().describe('text, or JSON'),
});

const endpointFault = z.strictObject({
  path: z.string().regex(/^\//, 'A path begins with `/`.'),
  status: z.int().min(100).max(599).optional(),
  delayMs: z.int().min(0).max(600_000).optional(),
  malformed: z.literal(true).optional().describe('a body that is no JSON'),
});

const httpEndpoint = z.strictObject({
  routes: z.array(route).default([]).describe('what is answered'),
  models: distinct(z.string().min(1))
    .default([])
    .describe('models that answer with the nonce they are given, reversed'),
  faults: z.array(endpointFault).default([]).describe('what goes wrong'),
});

const asset = exactlyOne(['from', 'content'], {
  from: path.optional().describe('file of the pack or the run'),
  content: z.string().optional().describe('its content'),
});
const assetFault = z.strictObject({
  path: z.string().regex(/^\//, 'A path begins with `/`.'),
  fault: z.union([
    z.enum(['wrong-digest', 'truncated', 'not-found']),
    z.strictObject({ closeAt: z.int().min(0).describe('byte after which it hangs up') }),
    z.strictObject({ redirect: z.string().min(1) }),
    z.strictObject({ slowMs: z.int().min(1).max(600_000) }),
  ]),
});
const assetServer = z.strictObject({
  assets: z
    .record(z.string().regex(/^\//, 'A path begins with `/`.'), asset)
    .refine((all) => Object.keys(all).length > 0, 'At least one asset is required.')
    .describe('by path'),
  checksums: z
    .record(z.string().regex(/^\//, 'A path begins with `/`.'), distinct(z.string()).min(1))
    .default({})
    .describe('by path, lists of SHA-256 of assets, in the form of sha256sum'),
  build: z
    .strictObject({
      component: z.string().min(1).describe('as the builds of the subject are named'),
      version: z.string().min(1).describe('what it says of itself'),
      executable: path.describe('file in it whose digest a running instance is known by'),
    })
    .optional()
    .describe('build that is served, where a role asks for an old one'),
  faults: z.array(assetFault).default([]).describe('what goes wrong'),
});

const reply = z.strictObject({
  args: z.array(z.string()).optional().describe('exactly these; absent: any'),
  stdout: z.string().default(''),
  stderr: z.string().default(''),
  exit: z.int().min(0).max(255).default(0),
  delayMs: z.int().min(0).max(600_000).default(0),
  through: path.optional().describe('program that is run instead, with the same arguments'),
});
const pathStub = z.strictObject({
  commands: z
    .record(name, z.array(reply).min(1))
    .refine((all) => Object.keys(all).length > 0, 'At least one command is required.')
    .describe('replies by command, the first that fits'),
});

const crossDevice = z.strictObject({
  cause: z.enum(['mount', 'bind', 'lower-layer', 'landlock', 'control']).describe('why it fails'),
  source: path.optional().describe('what is renamed, instead of something that is made for it'),
  target: path.optional().describe('what it is renamed to'),
  sandbox: z.string().min(1).optional().describe('sandbox that the paths are in; absent: the host'),
});

const landlock = z.strictObject({
  abi: z.union([z.literal(1), z.literal(2)]).describe('2 allows to rename across folders'),
  read: distinct(path).default([]).describe('folders that may be read and executed'),
  write: distinct(path).default([]).describe('folders that may also be written'),
});

const mount = z.strictObject({
  source: path.optional().describe('absent: a file system in memory'),
  target: path,
  readOnly: z.boolean().default(false),
});
const container = z.strictObject({
  image: z.string().min(1).describe('image, which must be here unless `build` makes it'),
  build: z
    .tuple([z.string().min(1)], z.string())
    .optional()
    .describe('command of the product that makes the image before'),
  user: z.string().min(1).optional(),
  env: z.record(z.string(), z.string()).default({}),
  mounts: z.array(mount).default([]),
  entrypoint: z.array(z.string()).optional(),
  command: z.array(z.string()).optional(),
  labels: z.record(z.string(), z.string()).default({}),
});

export const fixtureInputs = {
  file,
  directory,
  key,
  'daemon-config': daemonConfig,
  policy,
  'image-build': imageBuild,
  'state-staging': stateStaging,
  'http-endpoint': httpEndpoint,
  'asset-server': assetServer,
  'path-stub': pathStub,
  'cross-device': crossDevice,
  landlock,
  container,
} as const satisfies Readonly<Record<FixtureKind, z.ZodType>>;

export type FixtureInputs = {
  readonly [Kind in FixtureKind]: z.output<(typeof fixtureInputs)[Kind]>;
};
