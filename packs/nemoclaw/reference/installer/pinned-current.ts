// What this release of the product needs of openshell, where nobody says otherwise.

export const pinnedVersion = '0.0.44';

/** What a gateway of the pinned release can do; its binary names it. */
export const neededMarkers: readonly string[] = [
  'request-body-credential-rewrite',
  'websocket-credential-rewrite',
];
