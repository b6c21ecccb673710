// What the release before needed: gateways had no features yet by which they could be told apart.

export const pinnedVersion = '0.0.36';

export const neededMarkers: readonly string[] = [];
