// 2026.5.10: nested by concern.

import { readFileSync } from 'node:fs';
import { Failure } from '../../shared/failure.ts';
import { writeJson } from '../../shared/write-beside.ts';

export const configSchema = 2;

type Config = Readonly<Record<string, unknown>>;

export function readConfig(path: string): Config {
  const config = JSON.parse(readFileSync(path, 'utf8')) as Config;
  if (config['schema'] !== configSchema)
    throw new Failure(1, `${path} is flat: doctor --fix brings it over`);
  return config;
}

export const modelOf = (config: Config): string =>
  (config['inference'] as { readonly model: string }).model;

/** Where each flat key went; what is not in the table keeps its name. */
const moved: Readonly<Record<string, readonly [string, string]>> = {
  model: ['inference', 'model'],
  base_url: ['inference', 'baseUrl'],
  discord_token: ['discord', 'token'],
  discord_channel: ['discord', 'channel'],
};

/** Rewrites a flat file; gives whether it was one. */
export function migrateConfig(path: string): boolean {
  const flat = JSON.parse(readFileSync(path, 'utf8')) as Config;
  if (flat['schema'] === configSchema) return false;
  const nested: Record<string, unknown> = { schema: configSchema };
  for (const [key, value] of Object.entries(flat)) {
    const [group, name] = moved[key] ?? [];
    if (group === undefined || name === undefined) nested[key] = value;
    else nested[group] = { ...(nested[group] as object | undefined), [name]: value };
  }
  writeJson(path, nested, 0o660);
  return true;
}
