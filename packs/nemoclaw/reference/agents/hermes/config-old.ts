// 2026.3.12: one flat file.

import { readFileSync } from 'node:fs';
import { Failure } from '../../shared/failure.ts';

export const configSchema = 1;

type Config = Readonly<Record<string, unknown>>;

export function readConfig(path: string): Config {
  const config = JSON.parse(readFileSync(path, 'utf8')) as Config;
  if (typeof config['model'] !== 'string')
    throw new Failure(1, `${path} is not flat: it was written for another release`);
  return config;
}

export const modelOf = (config: Config): string => String(config['model']);

/** This release has nothing to bring over. */
export function migrateConfig(): boolean {
  return false;
}
