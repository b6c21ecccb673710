// Schema 2: .openclaw, with the configuration nested and each memory an entry of a list.

import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { Failure } from '../../shared/failure.ts';
import { writeJson } from '../../shared/write-beside.ts';
import { migrateHome } from './migrate-home.ts';

export const homeSchema = 2;

export const homeFolder = (): string => join(process.env['HOME'] ?? homedir(), '.openclaw');

type Config = {
  readonly schema: number;
  readonly agents: { readonly defaults: { readonly model: { readonly primary: string } } };
};

export function readConfig(): Config {
  const path = join(homeFolder(), 'openclaw.json');
  if (!existsSync(path)) throw new Failure(1, `there is no ${path}`);
  const config = JSON.parse(readFileSync(path, 'utf8')) as Config;
  if (config.schema !== homeSchema)
    throw new Failure(
      1,
      `${path} has schema ${String(config.schema)}: doctor --fix brings it over`,
    );
  return config;
}

export const primaryModel = (): string => readConfig().agents.defaults.model.primary;

type Kept = {
  readonly schema: number;
  readonly entries: readonly { key: string; value: string }[];
};

const memoryFile = (): string => join(homeFolder(), 'memory/entries.json');

export function readMemory(): Readonly<Record<string, string>> {
  const path = memoryFile();
  if (!existsSync(path)) return {};
  const { entries } = JSON.parse(readFileSync(path, 'utf8')) as Kept;
  return Object.fromEntries(entries.map(({ key, value }) => [key, value]));
}

export function writeMemory(entries: Readonly<Record<string, string>>): void {
  mkdirSync(join(homeFolder(), 'memory'), { recursive: true, mode: 0o770 });
  const kept: Kept = {
    schema: homeSchema,
    entries: Object.entries(entries).map(([key, value]) => ({ key, value })),
  };
  writeJson(memoryFile(), kept);
}

/** Brings a home of schema 1 over; tells what it did. */
export function fixHome(): readonly string[] {
  return migrateHome(homeFolder(), (entries) => {
    writeMemory({ ...readMemory(), ...entries });
  });
}
