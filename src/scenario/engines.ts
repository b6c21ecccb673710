// Whether an app runs on this Node, as its package.json says.

import semver from 'semver';
import type { Manifest } from './manifest.ts';

/** What cannot be read as a range promises nothing and excludes nothing. */
export const supportsNode = (engines: string, node: string): boolean =>
  semver.validRange(engines) === null ||
  semver.satisfies(node, engines, { includePrerelease: true });

/** Apps that bring a Node of their own, or none, are not measured by ours. */
export const startsOurNode = ({ process }: Manifest): boolean =>
  process?.start[0] === '{node}' || process?.start[0] === 'node';
