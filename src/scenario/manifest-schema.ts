// The one registry of the manifest's keys: the loader reads by it, and the published JSON Schema and
// the reference table are rendered from it. What one key says about another is in manifest-rules.ts.

import * as z from 'zod';
import { argv, distinct, exactlyOne, filePath, reason } from './schema-parts.ts';

export const driverKinds = ['process', 'compose', 'swarm', 'abra', 'fake'] as const;
const hookMeanings = {
  prepare: 'run before install',
  preUpgrade: 'run before the upgrade',
  seed: 'changes data before upgrade and backup',
  mutate: 'changes data before the restore destroys it',
  backupVerify: 'says whether a capture is good',
  ready: 'more readiness, asked until it ends with 0',
} as const;
/** What may be declared not applicable: operations that can be skipped, and rungs of the ladder. */
export const notApplicableNames = [
  'upgrade',
  'backup',
  'restore',
  'rebuild',
  'custom',
  'data',
  'lint',
] as const;
export const skipFloorNames = [
  'all',
  'install',
  'upgrade',
  'backup',
  'restore',
  'rebuild',
  'custom',
] as const;

const path = z.string().regex(/^\/\S*$/, 'A path begins with `/` and has no spaces.');
const statusCodes = distinct(z.int().min(100).max(599)).min(1);
const hostName = z
  .string()
  .regex(
    /^(?=.{1,253}$)[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})){0,40}(?::\d{1,5})?$/,
    'A host name has letters, digits, dots and dashes.',
  );
const word = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, 'A name has letters, digits, `.`, `_` and `-`.');
const shortName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,30}$/, 'A name has small letters, digits and dashes, at most 31.');
export const appName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'A name has small letters, digits and dashes, at most 40.');
/** Nothing that a tool could take for an option, and no control characters. */
export const reference = z
  .string()
  .regex(/^(?!-)[^\p{Cc}\s]{1,200}$/u, 'A reference has no spaces and does not begin with `-`.');

const packageName = z
  .string()
  .regex(
    /^(?=.{1,214}$)(?:@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/,
    'Write the package as the registry knows it.',
  );

export const isReference = (text: string): boolean => reference.safeParse(text).success;
export const isPackageName = (text: string): boolean => packageName.safeParse(text).success;

const outside = z.strictObject({
  from: z
    .string()
    .regex(/^env:[A-Za-z_][A-Za-z0-9_]{0,127}$/, 'Write `env:` and the name of a variable.')
    .describe('where the value is taken from when the run starts: `env:NAME`'),
});
const variableName = z
  .string()
  .regex(
    /^(?!SEATRIAL_)[A-Za-z_][A-Za-z0-9_]{0,127}$/,
    'A variable has letters, digits and `_`, and does not begin with `SEATRIAL_`.',
  );
const environment = z.record(variableName, z.union([z.string(), outside]));

const overridesMax = 100;

const source = z.strictObject({
  npm: packageName.optional().describe('npm package whose versions are the published releases'),
  git: reference
    .optional()
    .describe('URL or path of the canonical remote whose tags are the releases'),
  directory: z
    .string()
    .min(1)
    .optional()
    .describe('folder with one sub-folder or tarball per version'),
  path: z.string().min(1).default('.').describe('folder of the app or recipe'),
  head: reference.optional().describe('default head, when the command names none'),
  npmScripts: z
    .boolean()
    .default(false)
    .describe('run install scripts of npm packages while a release is prepared'),
  overrides: z
    .record(
      packageName,
      z
        .string()
        .regex(/^[0-9A-Za-z.+^~<>=|* -]{1,100}$/, 'Write a version or a range of versions.'),
    )
    .refine((entries) => Object.keys(entries).length <= overridesMax, 'At most 100 packages.')
    .optional()
    .describe('package → version that npm installs of it, whatever others ask for'),
});

const configFile = exactlyOne(['file', 'text'], {
  file: filePath.optional(),
  text: z.string().optional().describe('content, placeholders filled'),
});

const process = z.strictObject({
  start: argv.describe(
    'program and arguments; placeholders {release} {data} {config} {port} {port.<name>} {node}',
  ),
  cwd: z.string().min(1).default('{release}').describe('folder in which the app starts'),
  prepare: argv.optional().describe('run once per release in its tree, before it is digested'),
  configure: argv.optional().describe('run before each start of a new release'),
  ports: distinct(shortName)
    .default(['http'])
    .describe('names of the ports that the app listens on; {port} is the first'),
  config: z
    .record(
      z
        .string()
        .regex(
          /^(?!(?:.*\/)?\.\.?(?:\/|$))[A-Za-z0-9._-]{1,100}(?:\/[A-Za-z0-9._-]{1,100}){0,8}$/,
          'A file name is relative and stays in {config}.',
        ),
      configFile,
    )
    .default({})
    .describe('files written to {config}'),
  stop: z
    .strictObject({
      signal: z
        .enum(['SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGKILL'])
        .default('SIGTERM')
        .describe('what it is asked with'),
      graceS: z.number().min(0).max(300).default(10).describe('seconds until it is killed'),
    })
    .prefault({})
    .describe('how the app is stopped'),
});

const health = z.strictObject({
  none: reason('the app has no HTTP; the reason').optional(),
  path: path.default('/').describe('what is asked for'),
  status: statusCodes.default([200, 301, 302]).describe('answers that mean healthy'),
  contains: z.string().min(1).optional().describe('text that the answer must hold'),
  host: hostName.optional().describe('Host header; default the domain of the instance'),
  redirectsTo: distinct(hostName).default([]).describe('other hosts that it may redirect to'),
  via: z
    .enum(['auto', 'ingress', 'published', 'task'])
    .default('auto')
    .describe(
      'route; `ingress` where the host names a proxy and the app is on its network, else `published`, else `task`',
    ),
  service: word.default('app').describe('service that answers'),
  port: z.int().min(1).max(65535).optional().describe('port in the service; default from labels'),
  scheme: z
    .enum(['http', 'https'])
    .optional()
    .describe(
      'default for containers what the proxy is told of the port that is asked, else `https` for 443 and 8443; else `http`; the proxy of `ingress` is always asked by TLS',
    ),
});

const probe = exactlyOne(['tcp', 'http', 'log', 'exec'], {
  tcp: z.string().min(1).max(200).optional().describe('port that accepts connections'),
  http: z
    .strictObject({
      path: path.default('/').describe('what is asked for'),
      status: statusCodes.default([200]).describe('answers that mean ready'),
    })
    .optional()
    .describe('request that is answered'),
  log: z.string().min(1).max(1000).optional().describe('text of a line that the app writes'),
  exec: argv.optional().describe('command that ends with 0'),
  service: word.optional().describe('service that is asked'),
});

const seconds = (value: number) => z.number().min(1).max(7200).default(value);
const timeouts = z.strictObject({
  deploy: seconds(600).describe('from start to ready'),
  http: seconds(300).describe('for three good answers in a row'),
  settle: z
    .number()
    .min(0)
    .max(7200)
    .optional()
    .describe('unchanged for so long; default 10, process 2, fake 0'),
  overlay: seconds(120).describe('for one overlay'),
  hook: seconds(120).describe('for one hook'),
  backup: seconds(600).describe('for a backup'),
  restore: seconds(900).describe('for a restore'),
  remove: seconds(180).describe('for removal'),
});

const backup = z.strictObject({
  capable: z
    .union([
      z.literal('auto'),
      z.literal(true),
      z.strictObject({ no: reason('why there is nothing to back up') }),
    ])
    .default('auto')
    .describe('whether the app can be backed up'),
  attempts: z.int().min(1).max(3).default(1).describe('captures while `backupVerify` says no'),
  how: z
    .enum(['stopped', 'live'])
    .default('stopped')
    .describe('process driver: snapshot of the stopped app, or between quiesce and resume'),
  quiesce: argv.optional().describe('makes the data folder safe to copy while the app runs'),
  resume: argv.optional().describe('ends what quiesce began'),
  command: argv.optional().describe("the app's own dump into the folder {artifact}"),
  restoreCommand: argv.optional().describe('reads what `command` wrote'),
  restore: z.enum(['auto', 'live', 'cold']).default('auto').describe('app up or down'),
  destroy: z.enum(['volumes', 'paths']).default('volumes').describe('what is emptied first'),
});

const hook = z.strictObject({
  file: filePath,
  needs: distinct(z.enum(['docker']))
    .default([])
    .describe('authority that it needs'),
});

const hookShape = Object.fromEntries(
  Object.entries(hookMeanings).map(([name, meaning]) => [name, hook.optional().describe(meaning)]),
) as Record<keyof typeof hookMeanings, z.ZodOptional<typeof hook>>;

const dependency = z.strictObject({
  app: appName.describe('app to deploy beside this one'),
  as: appName.optional().describe('name of its facts, `deps.<as>`; default its app name'),
  env: environment.default({}).describe('added to what its own manifest says'),
  warm: z.boolean().default(false).describe('to be kept between runs: refused'),
});

const screenshot = z.union([
  z.literal('off'),
  z.strictObject({
    path: path.default('/').describe('page'),
    waitFor: z.string().min(1).optional().describe('selector to wait for'),
    mask: distinct(z.string().min(1)).default([]).describe('selectors that are painted over'),
    hook: filePath.optional(),
  }),
]);

const hostAccess = exactlyOne(['mount', 'network', 'capability'], {
  mount: z.string().min(1).optional().describe('host path or volume'),
  network: z.string().min(1).optional().describe('network of the host'),
  capability: z.string().min(1).optional().describe('kernel capability'),
  reason: reason('why the app needs it'),
});

export const manifestSchema = z.strictObject({
  seatrial: z.literal(1).describe('format of this file'),
  app: appName.describe('name of the app'),
  driver: z.enum(driverKinds).default('swarm').describe('how the app is deployed'),
  source: source.prefault({}).describe('where releases come from; npm, git or directory'),
  process: process.optional().describe('driver `process`; required there'),
  fake: z
    .record(z.string(), z.json())
    .optional()
    .describe('settings of the fake driver, whose runs are never evidence'),
  health: health.prefault({}).describe('how the app shows that it answers'),
  probes: z.array(probe).default([]).describe('more readiness; all must hold'),
  timeouts: timeouts.prefault({}).describe('seconds, at most 7200'),
  env: environment.default({}).describe("the app's environment"),
  upgradeEnv: environment.default({}).describe('added from the upgrade on'),
  secrets: z.record(variableName, outside).default({}).describe('secrets that are not generated'),
  compose: z.array(filePath).default([]).describe("the harness's own overlay, base and head"),
  base: z
    .strictObject({
      release: reference.optional().describe('release to upgrade from'),
      skip: reason('why there is none').optional(),
      repair: filePath.optional().describe('overlay for the base only, always a finding'),
    })
    .prefault({})
    .describe('base release'),
  backup: backup.prefault({}).describe('backup and restore'),
  data: z
    .strictObject({
      markers: z
        .union([z.literal('on'), z.strictObject({ off: reason('why no marker may be written') })])
        .default('on')
        .describe('marker files at the root of volumes'),
      exclude: distinct(word).default([]).describe('volumes that bear no foreign file'),
    })
    .prefault({})
    .describe('data markers'),
  hooks: z.strictObject(hookShape).default({}).describe("programs of the app's owner"),
  dependencies: z
    .array(dependency)
    .default([])
    .describe('apps deployed before this one, and removed after it'),
  notApplicable: z
    .partialRecord(z.enum(notApplicableNames), reason('why it does not apply'))
    .default({})
    .describe('operation or rung that does not apply, with the reason'),
  skipFloor: z
    .partialRecord(z.enum(skipFloorNames), reason('why its floor checks are skipped'))
    .default({})
    .describe('operations whose floor checks are skipped, with the reason'),
  screenshot: screenshot.default('off').describe('never in a verdict'),
  ports: z
    .record(
      z.string().regex(/^\d{1,5}\/(?:tcp|udp)$/, 'Write the published port as `8080/tcp`.'),
      z.enum(['keep', 'auto', 'drop']),
    )
    .default({})
    .describe('what happens to published ports'),
  hostAccess: z.array(hostAccess).default([]).describe('allows what is refused otherwise'),
  oneshot: distinct(word).default([]).describe('services that end with 0'),
  resolveImage: z
    .enum(['always', 'changed', 'never'])
    .default('always')
    .describe('`never` for images that are only on this host'),
});

/** A manifest as parsed, defaults that depend on the driver not yet filled in. */
export type ParsedManifest = z.output<typeof manifestSchema>;
