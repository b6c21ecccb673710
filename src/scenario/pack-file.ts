// pack.yaml: what a pack is, and which of its functions do what.

import * as z from 'zod';
import { boundaries, kebab, moduleExport, reservedLayers } from './schema-names.ts';
import { distinct, filePath, reason } from './schema-parts.ts';
import { registryOf } from './read-by-schema.ts';

const argv = z.tuple([z.string().min(1)], z.string());
const layer = kebab.refine(
  (name) => !reservedLayers.includes(name),
  'The layer is reserved for checks that every run has.',
);

const subject = z.strictObject({
  id: kebab.describe('what a run names with `--subject`'),
  open: moduleExport.describe('function that puts the product in place for a run'),
  settings: z
    .strictObject({
      file: filePath.describe('file of settings, which whoever has the product writes'),
      schema: filePath.describe('JSON Schema of the file, relative to the pack'),
    })
    .optional()
    .describe('what must be said about a product that the pack does not bring'),
});

/** How the harness recognises what a check touches. Places may hold `{product}`, `{home}`, `{work}`. */
const surfaces = z.strictObject({
  'host-cli': z
    .strictObject({ folders: distinct(z.string().min(1)).min(1).describe('where programs lie') })
    .optional()
    .describe('programs of the product or its installer on the host'),
  gateway: z
    .strictObject({
      socket: z.string().min(1).optional().describe('its socket'),
      address: z.string().min(1).optional().describe('its address, `host:port`'),
      pidFile: z.string().min(1).describe('file that names its process'),
    })
    .optional()
    .describe('gateway'),
  sandbox: z
    .strictObject({ label: z.string().min(1).describe('label of containers') })
    .optional()
    .describe('containers of sandboxes'),
  agent: z
    .strictObject({
      programs: distinct(z.string().min(1)).min(1).describe('names of its programs'),
      ports: distinct(z.int().min(1).max(65_535)).default([]).describe('its ports in the sandbox'),
    })
    .optional()
    .describe('agents in sandboxes'),
  state: z
    .strictObject({ folders: distinct(z.string().min(1)).min(1).describe('where files lie') })
    .optional()
    .describe('state files of the product'),
  http: z
    .strictObject({ address: z.string().min(1).describe('published address') })
    .optional()
    .describe('published address of the app'),
});

/** A file of the product's state in which fixtures stage entries. */
const staging = z.strictObject({
  file: z.string().min(1).describe('file of JSON'),
  entries: z
    .string()
    .regex(/^(?:\/(?:[^~]|~[01])*)?$/, 'Write a JSON Pointer.')
    .describe('JSON Pointer to the mapping that holds the entries; empty for the whole file'),
  lock: z
    .string()
    .min(1)
    .optional()
    .describe('folder that the product makes while it writes the file'),
  list: argv.optional().describe('command of the product whose output names each entry'),
  mode: z
    .string()
    .regex(/^0?[0-7]{3}$/, 'Write permissions in octal, like `0600`.')
    .default('0600')
    .describe('permissions of a file that was absent'),
});

const variable = z.string().regex(/^[A-Z][A-Z0-9_]{0,63}$/, 'A name of a variable.');

const policy = z.strictObject({
  get: argv.describe('command that prints the live policy of `{sandbox}`'),
  set: argv.describe('command that sets the policy of `{sandbox}` from `{file}`'),
  gone: distinct(z.int().min(1).max(255))
    .default([])
    .describe('exit codes of `get` that mean that there is none any more'),
});

export const packSchema = z.strictObject({
  id: kebab.describe('name of the pack'),
  owner: kebab.describe('name or team'),
  layers: distinct(layer).default([]).describe('first part of its check ids'),
  subjects: z.array(subject).default([]).describe('what its evidence can be about'),
  phases: distinct(z.int().min(0)).default([]).describe('phases of its audit'),
  manifest: z
    .strictObject({
      apiVersion: z.string().min(1).describe('of its instance manifests'),
      kind: z.string().min(1).describe('of its instance manifests'),
      spec: filePath.describe('JSON Schema of `spec`, relative to the pack'),
    })
    .optional()
    .describe('its instance manifests'),
  actions: z
    .record(kebab, moduleExport)
    .default({})
    .describe('what operations and actions do, by name'),
  observers: z
    .record(kebab, moduleExport)
    .default({})
    .describe('what forbidden side effects are observed by, by name'),
  surfaces: surfaces.default({}).describe('how what a check touches is recognised'),
  staging: z
    .record(kebab, staging)
    .default({})
    .describe('files in which fixtures stage entries, by the name of the input'),
  mutants: z
    .strictObject({
      variable: variable.describe('variable that names a planted fault'),
      nonce: variable.describe('variable that repeats what `<home>/.seatrial-canary` holds'),
    })
    .optional()
    .describe('how its programs are told to have a fault'),
  prepared: z
    .array(
      z.strictObject({
        id: kebab.describe('what scenarios need as `prepared:<id>`'),
        folders: z
          .record(kebab, filePath)
          .describe('folders with a package.json and its lockfile, by the name they get'),
      }),
    )
    .default([])
    .describe('sets of packages that `seatrial fixtures prepare` fetches'),
  policy: policy.optional().describe('how a fixture sets a policy'),
});

export const packRegistry = registryOf(packSchema, 'Seatrial pack');
export type PackFile = z.output<typeof packSchema>;

export const contractSchema = z.strictObject({
  id: kebab.describe('id of the contract'),
  reason: reason('why there is no instance', 40),
  subject: z.string().regex(/\S/, 'Say what it is about.').describe('what it is about instead'),
  forbids: distinct(z.enum(['manifest', 'onboarding', 'releases'])).describe(
    'what a scenario under it may not declare',
  ),
  touches: distinct(z.enum(boundaries)).min(1).describe('surfaces that its checks touch'),
});

export const contractRegistry = registryOf(contractSchema, 'Seatrial contract');
export type Contract = z.output<typeof contractSchema>;
