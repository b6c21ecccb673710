// What a run of a pack's scenario is bound to, in one canonical value: its digest is the plan's (S6). Comments, key
// order and files that the scenario does not use are no part of it.

import type { Json, JsonObject } from '../ports/json.ts';
import { canonicalJson, sha256Hex } from '../evidence/canonical.ts';
import type { Pack } from './load-pack.ts';
import type { Scenario } from './scenario-schema.ts';

export const scenarioPlanFormat = 'seatrial.scenario-plan/v1';

/** Throws for a scenario that is not of the pack. */
export function scenarioPlan(pack: Pack, id: string): JsonObject {
  const found = pack.scenarios.get(id);
  if (found === undefined) throw new Error(`${pack.file.id} has no scenario ${id}`);
  const scenario = found.value;
  const { manifest, noManifestReason, expectedChecks } = scenario.spec;
  return asJson({
    format: scenarioPlanFormat,
    pack: pack.file,
    scenario,
    manifest:
      manifest === undefined ? null : { path: manifest, value: pack.manifests.get(manifest) },
    contract: noManifestReason === undefined ? null : pack.contracts.get(noManifestReason.contract),
    register: expectedChecks.map((check) => pack.register.get(check.id)),
    canaries: pack.canaries.filter((canary) => canary.scenario === id),
    files: usedFiles(pack, scenario),
  }) as JsonObject;
}

/** Hex SHA-256. */
export const planDigestOf = (plan: JsonObject): string => sha256Hex(canonicalJson(plan));

/** Digest over the modules that are loaded for checks and actions: every one below these folders. */
export function collectorsDigest({ digests }: Pack): string {
  const lines = [...digests]
    .filter(([path]) => /^(?:checks|actions)\/.*\.(?:ts|mjs|js)$/.test(path))
    .map(([path, sha256]) => `${path} ${sha256}\n`);
  return sha256Hex(lines.sort().join(''));
}

/** Files of the pack that inputs name, and everything below folders that they name. */
function usedFiles({ digests }: Pack, { spec }: Scenario): Readonly<Record<string, string>> {
  const named = [...spec.fixtures, ...spec.runtimeActions].flatMap(({ with: inputs }) =>
    texts(inputs),
  );
  const used = [...digests].filter(([path]) =>
    named.some((name) => path === name || path.startsWith(`${name.replace(/\/$/, '')}/`)),
  );
  return Object.fromEntries(used.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function texts(value: Json): readonly string[] {
  if (typeof value === 'string') return value === '' || value === '.' ? [] : [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value as JsonObject).flatMap(texts);
}

/** Members that are undefined take no part. */
const asJson = (value: unknown): Json => JSON.parse(JSON.stringify(value)) as Json;
