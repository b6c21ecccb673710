// The releases of each program. What they differ by is code: files ending in -old.ts stand in for
// their -current.ts twins when an old release is built.

export type ProgramName = 'openshell' | 'nemoclaw' | 'openclaw' | 'hermes';

export type Release = {
  readonly version: string;
  /** Which twin of the sources is built. */
  readonly sources: 'old' | 'current';
  readonly stateSchema: number;
};

export type ProgramFiles = {
  readonly folder: string;
  /** Executables by name: the source file of each, below `folder`. */
  readonly executables: Readonly<Record<string, string>>;
  /** Files that are copied as they are: folders below `reference/`, with the name they get. */
  readonly data: Readonly<Record<string, string>>;
  readonly releases: Readonly<Record<string, Release>>;
};

export const programs: Readonly<Record<ProgramName, ProgramFiles>> = {
  openshell: {
    folder: 'openshell',
    executables: {
      openshell: 'openshell.ts',
      'openshell-gateway': 'openshell-gateway.ts',
      'openshell-sandbox': 'openshell-sandbox.ts',
    },
    data: {},
    releases: {
      old: { version: '0.0.36', sources: 'old', stateSchema: 1 },
      current: { version: '0.0.44', sources: 'current', stateSchema: 2 },
      'too-new': { version: '0.0.45', sources: 'current', stateSchema: 2 },
    },
  },
  nemoclaw: {
    folder: '.',
    executables: {
      nemoclaw: 'nemoclaw/nemoclaw.ts',
      'nemoclaw-start': 'entrypoint/nemoclaw-start.ts',
      'nemoclaw-install': 'installer/nemoclaw-install.ts',
      'install-openshell': 'installer/install-openshell.ts',
      'setup-spark': 'installer/setup-spark.ts',
    },
    data: { blueprint: 'blueprint', 'installer/scripts': 'scripts' },
    releases: {
      old: { version: '0.4.0', sources: 'old', stateSchema: 1 },
      current: { version: '0.5.0', sources: 'current', stateSchema: 1 },
    },
  },
  openclaw: {
    folder: 'agents/openclaw',
    executables: { openclaw: 'openclaw.ts' },
    data: {},
    releases: {
      old: { version: '2026.3.11', sources: 'old', stateSchema: 1 },
      current: { version: '2026.5.22', sources: 'current', stateSchema: 2 },
    },
  },
  hermes: {
    folder: 'agents/hermes',
    executables: { hermes: 'hermes.ts' },
    data: {},
    releases: {
      old: { version: '2026.3.12', sources: 'old', stateSchema: 1 },
      current: { version: '2026.5.10', sources: 'current', stateSchema: 2 },
    },
  },
};
