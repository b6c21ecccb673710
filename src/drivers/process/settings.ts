// The process driver's settings: parts of the manifest, which its loader has already validated.

import type { JsonObject } from '../../ports/json.ts';

export type Argv = readonly [string, ...string[]];

export type ProcessProbe =
  | { readonly tcp: string }
  | { readonly http: { readonly path: string; readonly status: readonly number[] } }
  | { readonly log: string }
  | { readonly exec: Argv };

export type ProcessHealth =
  | {
      readonly path: string;
      readonly status: readonly number[];
      readonly port?: number;
      readonly scheme: 'http' | 'https';
    }
  | { readonly none: string };

export type ProcessBackup = {
  readonly capable: 'auto' | true | { readonly no: string };
  readonly how: 'stopped' | 'live';
  readonly quiesce?: Argv;
  readonly resume?: Argv;
  readonly command?: Argv;
  readonly restoreCommand?: Argv;
};

/** `folder` is the manifest's own; files named in `process.config` lie below it. Timeouts in seconds. */
export type ProcessSettings = {
  readonly folder: string;
  readonly process: {
    readonly start: Argv;
    readonly cwd: string;
    readonly configure?: Argv;
    readonly ports: readonly string[];
    readonly config: Readonly<
      Record<string, { readonly file: string } | { readonly text: string }>
    >;
    readonly stop: { readonly signal: string; readonly graceS: number };
  };
  readonly probes: readonly ProcessProbe[];
  readonly health: ProcessHealth;
  readonly backup: ProcessBackup;
  readonly timeouts: {
    readonly deploy: number;
    readonly hook: number;
    readonly backup: number;
    readonly restore: number;
  };
};

/** Throws on a missing section: the caller composed the settings wrongly, which is a bug. */
export function readProcessSettings(settings: JsonObject): ProcessSettings {
  for (const key of ['folder', 'process', 'probes', 'health', 'backup', 'timeouts'])
    if (settings[key] === undefined) throw new Error(`process driver: settings lack ${key}`);
  return settings as unknown as ProcessSettings;
}
