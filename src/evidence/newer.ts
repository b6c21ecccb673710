import semver from 'semver';

const dotted = /^v?\d{1,15}(?:\.\d{1,15}){0,7}$/;
const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/;

/**
 * Whether one version, or one moment (RFC 3339, UTC), is later than another: semantic versions by their own
 * order, otherwise numbers with dots, part by part. Undefined when the two cannot be compared.
 */
export function isNewer(one: string, other: string): boolean | undefined {
  if (instant.test(one) && instant.test(other)) return instantKey(one) > instantKey(other);
  const [left, right] = [semver.parse(one), semver.parse(other)];
  if (left !== null && right !== null) return semver.gt(left, right);
  return dotted.test(one) && dotted.test(other) ? isGreater(parts(one), parts(other)) : undefined;
}

function isGreater(ours: readonly number[], theirs: readonly number[]): boolean {
  const at = ours.findIndex((part, index) => part !== (theirs[index] ?? 0));
  return at === -1 ? false : (ours[at] ?? 0) > (theirs[at] ?? 0);
}

const parts = (version: string): readonly number[] =>
  version.replace(/^v/, '').split('.').map(Number);

/** Fractions of a second have any length; padded they sort as text. */
function instantKey(moment: string): string {
  const [seconds = '', fraction = ''] = moment.slice(0, -1).split('.');
  return `${seconds}.${fraction.padEnd(9, '0')}`;
}
