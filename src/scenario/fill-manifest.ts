import type { Manifest, Probe } from './manifest.ts';
import { settleS } from './manifest-rules.ts';
import type { ParsedManifest } from './manifest-schema.ts';

/**
 * The manifest with the defaults that depend on its driver. Keys without a value are left out, so equal
 * manifests are equal values however they were written.
 */
export function fillManifest(parsed: ParsedManifest): Manifest {
  const { health, timeouts, driver } = parsed;
  const filled = {
    ...parsed,
    health:
      health.none === undefined
        ? { ...health, scheme: health.scheme ?? (isEngine(driver) ? undefined : 'http') }
        : { none: health.none },
    timeouts: { ...timeouts, settle: timeouts.settle ?? settleS[driver].usual },
    probes: parsed.probes.map(fillProbe),
    dependencies: parsed.dependencies.map((each) => ({ ...each, as: each.as ?? each.app })),
  };
  // The registry guarantees the shape; only absent keys, written as undefined, differ from the type.
  return withoutUndefined(filled) as Manifest;
}

/** What a port of a container speaks is known when the release is. */
function isEngine(driver: ParsedManifest['driver']): boolean {
  return driver === 'compose' || driver === 'swarm' || driver === 'abra';
}

function fillProbe(probe: ParsedManifest['probes'][number]): Probe {
  return withoutUndefined(probe) as Probe;
}

function withoutUndefined(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutUndefined);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, each]) => each !== undefined)
      .map(([key, each]) => [key, withoutUndefined(each)]),
  );
}
