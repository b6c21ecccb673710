// Every code that a recipe can be told, once. The reference page is rendered from this table.

import type { Diagnostic } from '../diagnostics/diagnostic.ts';

type Meaning = { readonly severity: Diagnostic['severity']; readonly means: string };

export const recipeCodes = {
  RCP001: { severity: 'error', means: 'a file is not YAML, or larger or deeper than allowed' },
  RCP002: { severity: 'error', means: 'a key that `docker stack deploy` refuses' },
  RCP003: { severity: 'error', means: 'a value of the wrong type or form' },
  RCP004: { severity: 'error', means: 'a `$` form that Docker refuses, like `${X:+y}` or `${1}`' },
  RCP005: { severity: 'error', means: 'a required variable (`${X:?…}`) has no value' },
  RCP006: { severity: 'error', means: 'a file that the recipe names is not there' },
  RCP007: { severity: 'error', means: 'compose versions that do not exist or do not fit together' },
  RCP008: {
    severity: 'error',
    means: 'a network, volume, secret or config is used and not declared',
  },
  RCP009: { severity: 'warning', means: 'a line of `.env.sample` that assigns nothing' },
  RCP010: { severity: 'error', means: 'a service without an image' },
  RCP011: { severity: 'error', means: 'no version label, so that operators cannot be told apart' },
  RCP012: { severity: 'error', means: 'a config whose name holds no version' },
  RCP013: { severity: 'error', means: 'a config has new content under its old name' },
  RCP014: { severity: 'error', means: 'a secret written into a file of the recipe' },
  RCP015: { severity: 'error', means: 'backup labels that select no volume' },
  RCP016: {
    severity: 'warning',
    means: 'a default inside a default, which Docker takes literally',
  },
  RCP017: {
    severity: 'warning',
    means: 'a variable that neither `.env.sample` nor a default gives a value',
  },
  RCP018: {
    severity: 'warning',
    means: 'a variable that is new since the base and has no default for those who deployed before',
  },
  RCP019: { severity: 'warning', means: 'a variable in a key, where none is filled in' },
  RCP020: { severity: 'error', means: 'a path that leads out of the recipe' },
  RCP021: { severity: 'error', means: 'a proxy rule for a host that is not the app’s' },
  RCP022: {
    severity: 'warning',
    means: 'access to the host: its files, devices, network or rights',
  },
  RCP023: { severity: 'error', means: 'two services publish one port' },
  RCP024: { severity: 'warning', means: 'a duration or number whose variable may be empty' },
  RCP025: { severity: 'warning', means: 'a key, a tag or a further document that Swarm ignores' },
  RCP026: { severity: 'warning', means: '`.env.sample` is missing at the root' },
  RCP027: {
    severity: 'warning',
    means: 'a service name that other stacks on a shared network have too',
  },
  RCP028: { severity: 'warning', means: 'a version label that names no version' },
  RCP029: { severity: 'error', means: 'a secret without a version, which cannot be made' },
  RCP030: {
    severity: 'warning',
    means: 'a word that some clients read as true or false, or as a time',
  },
  RCP031: {
    severity: 'warning',
    means: 'lists that are joined where one should replace the other',
  },
  RCP032: { severity: 'warning', means: 'a comment behind a secret that is not understood' },
  RCP033: { severity: 'error', means: 'a label or name that is reserved' },
  RCP034: { severity: 'warning', means: 'a backup label that backup tools ignore' },
  RCP035: { severity: 'error', means: 'a secret that is not generated has no value' },
  RCP036: {
    severity: 'error',
    means: 'an overlay of the harness that sets what the release is made of',
  },
  RCP037: { severity: 'error', means: 'a network that services of a Swarm cannot join' },
  SWM001: { severity: 'error', means: 'a name longer than the engine takes' },
} as const satisfies Readonly<Record<string, Meaning>>;

export type RecipeCode = keyof typeof recipeCodes;

export const severityOf = (code: RecipeCode): Diagnostic['severity'] => recipeCodes[code].severity;
