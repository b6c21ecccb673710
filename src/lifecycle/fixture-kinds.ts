import { assetServerKind } from './fixture-asset-server.ts';
import { containerKind } from './fixture-container.ts';
import { crossDeviceKind } from './fixture-cross-device.ts';
import { daemonConfigKind } from './fixture-daemon-config.ts';
import { directoryKind, fileKind } from './fixture-file.ts';
import { httpEndpointKind } from './fixture-http-endpoint.ts';
import { imageBuildKind } from './fixture-image-build.ts';
import { keyKind } from './fixture-key.ts';
import type { Kind } from './fixture-kind.ts';
import { landlockKind } from './fixture-landlock.ts';
import { pathStubKind } from './fixture-path-stub.ts';
import { policyKind } from './fixture-policy.ts';
import { stagingKind } from './fixture-staging.ts';

/** Inputs are those of the kind: whoever asks has judged them by its registry. */
const kinds = {
  file: fileKind,
  directory: directoryKind,
  key: keyKind,
  'daemon-config': daemonConfigKind,
  'asset-server': assetServerKind,
  container: containerKind,
  'cross-device': crossDeviceKind,
  'http-endpoint': httpEndpointKind,
  'image-build': imageBuildKind,
  landlock: landlockKind,
  'path-stub': pathStubKind,
  policy: policyKind,
  'state-staging': stagingKind,
} as const;

export const kindNamed = (name: string): Kind<never> | undefined =>
  Object.hasOwn(kinds, name) ? kinds[name as keyof typeof kinds] : undefined;
