import { Failure } from '../shared/failure.ts';
import { mutant } from '../shared/mutant.ts';
import { pinnedVersion } from './pinned-current.ts';

export type Bounds = { readonly min: string; readonly max: string; readonly pin: string };

const grammar = /^\d{1,4}\.\d{1,4}\.\d{1,4}$/;

/** Throws exit 2 for what is no version, or for bounds that nothing can satisfy. */
export function readBounds(env: NodeJS.ProcessEnv): Bounds {
  const read = (name: string): string => {
    const value = env[`NEMOCLAW_OPENSHELL_${name}_VERSION`] ?? pinnedVersion;
    if (!grammar.test(value) && !mutant('pin.accept-garbage'))
      throw new Failure(2, `NEMOCLAW_OPENSHELL_${name}_VERSION is no version: ${value}`);
    return value;
  };
  const bounds = { min: read('MIN'), max: read('MAX'), pin: read('PIN') };
  if (compareVersions(bounds.min, bounds.max) > 0)
    throw new Failure(2, `the minimum ${bounds.min} is above the maximum ${bounds.max}`);
  if (isBelow(bounds.pin, bounds) || isAbove(bounds.pin, bounds))
    throw new Failure(2, `the pin ${bounds.pin} is not within ${bounds.min} and ${bounds.max}`);
  return bounds;
}

export const isBelow = (version: string, { min }: Bounds): boolean =>
  compareVersions(version, min) < 0;
export const isAbove = (version: string, { max }: Bounds): boolean =>
  compareVersions(version, max) > 0;

function compareVersions(a: string, b: string): number {
  const [left, right] = [a.split('.').map(Number), b.split('.').map(Number)];
  const index = [0, 1, 2].find((at) => left[at] !== right[at]) ?? 0;
  return (left[index] ?? 0) - (right[index] ?? 0);
}
