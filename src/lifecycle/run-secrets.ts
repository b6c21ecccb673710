// The secrets of one run: those of its manifest, and canaries that are planted to prove that none
// gets out. They live in memory only.

import { makeCanarySecrets } from '../evidence/canary-secrets.ts';
import { makeRedactor } from '../evidence/redact.ts';
import { unmaskedForms } from '../evidence/redactor-alive.ts';
import { forms } from '../evidence/secret-forms.ts';
import type { Redactor } from '../evidence/redactor.ts';
import { sha256Hex } from '../evidence/canonical.ts';
import { scanStream, type SecretScan } from '../evidence/secret-scan.ts';
import type { Ids } from '../ports/ids.ts';
import type { Manifest } from '../scenario/manifest.ts';

export type Secret = { readonly name: string; readonly value: string };

export type RunSecrets = {
  readonly redactor: Redactor;
  /** Planted canaries; each is a variable of the app's environment. */
  readonly planted: readonly Secret[];
  /** Hex SHA-256 of a planted value, to compare with what the app holds. */
  readonly digestOf: (name: string) => string | undefined;
  /** A matcher written apart from the redactor, for every secret known by now. */
  readonly scanner: () => SecretScan;
  readonly probeRedactor: () => {
    readonly forms: readonly string[];
    readonly leaked: readonly string[];
  };
};

const blindPrefix = 'form-off:';

/** `canary` may be `form-off:<form>`, which blinds the redactor to one encoding. */
export function makeRunSecrets(ids: Ids, canary: string | undefined): RunSecrets {
  const blind =
    canary?.startsWith(blindPrefix) === true ? canary.slice(blindPrefix.length) : undefined;
  const inner = makeRedactor(blind === undefined ? {} : { blind: blind as never });
  const known: Secret[] = [];
  const redactor: Redactor = {
    ...inner,
    add: (secret) => {
      known.push(secret);
      inner.add(secret);
    },
  };
  const planted = makeCanarySecrets(ids).map(({ shape, value }) => ({
    name: variableOf(shape),
    value,
  }));
  for (const secret of planted) redactor.add(secret);
  const values = new Map(planted.map(({ name, value }) => [name, value]));
  return {
    redactor,
    planted,
    digestOf: (name) => {
      const value = values.get(name);
      return value === undefined ? undefined : sha256Hex(value);
    },
    scanner: () => scanStream(known),
    probeRedactor: () => ({ forms, leaked: unmaskedForms(redactor, ids) }),
  };
}

/** Apps keep such secrets in their environment. */
const variableOf = (shape: string): string =>
  `SEATRIAL_CANARY_${shape.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}`;

/** Variables whose values no snapshot may show: what comes from outside, and planted secrets. */
export function secretNamesOf(
  manifest: Manifest,
  { planted }: Pick<RunSecrets, 'planted'>,
): string[] {
  const { env, upgradeEnv, secrets } = manifest;
  const fromOutside = Object.entries({ ...env, ...upgradeEnv })
    .filter(([, value]) => typeof value !== 'string')
    .map(([name]) => name);
  return [...fromOutside, ...Object.keys(secrets), ...planted.map(({ name }) => name)];
}
