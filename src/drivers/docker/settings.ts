// The container drivers' settings: parts of the manifest, which its loader has already validated.

import type { JsonObject } from '../../ports/json.ts';
import type { PortRules } from './rewrite-ports.ts';

export type DockerHealth =
  | {
      readonly service: string;
      readonly port?: number;
      /** Of a published port, never of the proxy; absent: by what the proxy is told of it, else by its number. */
      readonly scheme?: 'http' | 'https';
      readonly via?: 'auto' | 'ingress' | 'published' | 'task';
    }
  | { readonly none: string };

/** Timeouts in seconds. */
export type DockerSettings = {
  readonly health: DockerHealth;
  readonly backup: {
    readonly capable: 'auto' | true | { readonly no: string };
    readonly restore?: 'auto' | 'live' | 'cold';
    /** What a restore empties first: every volume, or what the backup has of them. Default `volumes`. */
    readonly destroy?: 'volumes' | 'paths';
  };
  readonly oneshot?: readonly string[];
  /** By `published/protocol`, what happens to a port that a release publishes; default `keep`. */
  readonly ports?: PortRules;
  readonly resolveImage?: 'always' | 'changed' | 'never';
  readonly timeouts: {
    readonly deploy: number;
    readonly hook: number;
    readonly backup: number;
    readonly restore: number;
    readonly remove?: number;
  };
};

/** Throws on a missing section: the caller composed the settings wrongly, which is a bug. */
export function readDockerSettings(settings: JsonObject): DockerSettings {
  for (const key of ['health', 'backup', 'timeouts'])
    if (settings[key] === undefined) throw new Error(`container driver: settings lack ${key}`);
  return settings as unknown as DockerSettings;
}
