// The order of releases by their versions: `X.Y.Z`, `vX.Y.Z`, and of recipes `X.Y.Z+app`, whose own
// part counts first and the app's after it.

import semver from 'semver';

export type Version = {
  readonly recipe: string;
  readonly app?: string;
  readonly preRelease: boolean;
};

const lengthMax = 200;

/** Undefined for what is no version; such releases are listed and left out. */
export function parseVersion(text: string): Version | undefined {
  if (text.length > lengthMax) return undefined;
  const plus = text.indexOf('+');
  const recipe = semver.parse(plus === -1 ? text : text.slice(0, plus));
  const app = plus === -1 ? undefined : text.slice(plus + 1);
  if (recipe === null || app === '' || !/^v?\d/.test(text)) return undefined;
  const preRelease = recipe.prerelease.length > 0;
  return { recipe: recipe.version, preRelease, ...(app === undefined ? {} : { app }) };
}

/** Negative when `a` is older. Versions without an app part are older than the same with one. */
export function compareVersions(a: Version, b: Version): number {
  return semver.compare(a.recipe, b.recipe) || compareApps(a.app, b.app);
}

function compareApps(a: string | undefined, b: string | undefined): number {
  if (a === undefined || b === undefined) return Number(a !== undefined) - Number(b !== undefined);
  const [left, right] = [semver.parse(a), semver.parse(b)];
  // Apps follow semantic versioning or rules of their own; then runs of digits count as numbers.
  return (left !== null && right !== null && semver.compare(left, right)) || compareRuns(a, b);
}

function compareRuns(a: string, b: string): number {
  const runs = (text: string): readonly string[] => text.replace(/^v/, '').match(/\d+|\D+/g) ?? [];
  const [left, right] = [runs(a), runs(b)];
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const order = compareRun(left[index] ?? '', right[index] ?? '');
    if (order !== 0) return order;
  }
  return 0;
}

function compareRun(a: string, b: string): number {
  const numbers = /^\d/.test(a) && /^\d/.test(b);
  const [left, right] = numbers ? [a.replace(/^0+/, ''), b.replace(/^0+/, '')] : [a, b];
  if (numbers && left.length !== right.length) return left.length - right.length;
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
