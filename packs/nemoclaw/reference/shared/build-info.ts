// What a program says of its own build. The values are put in by build.ts; sources that are run
// unbuilt say so.

export type BuildInfo = {
  readonly program: string;
  readonly version: string;
  readonly release: string;
  readonly stateSchema: number;
  /** SHA-256 over the built files, in hex. */
  readonly tree: string;
};

export const buildInfo: BuildInfo = {
  program: 'unbuilt',
  version: '0.0.0',
  release: 'unbuilt',
  stateSchema: 0,
  tree: '0'.repeat(64),
};
