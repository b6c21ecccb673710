// Schema 1: everything flat in .openclaw-data.

import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { Failure } from '../../shared/failure.ts';
import { writeJson } from '../../shared/write-beside.ts';

export const homeSchema = 1;

export const homeFolder = (): string => join(process.env['HOME'] ?? homedir(), '.openclaw-data');

type Config = { readonly schema: number; readonly model: string };

export function readConfig(): Config {
  const path = join(homeFolder(), 'openclaw.json');
  if (!existsSync(path)) throw new Failure(1, `there is no ${path}`);
  const config = JSON.parse(readFileSync(path, 'utf8')) as Config;
  if (config.schema !== homeSchema)
    throw new Failure(1, `${path} has schema ${String(config.schema)}; this release knows 1`);
  return config;
}

export const primaryModel = (): string => readConfig().model;

const memoryFile = (): string => join(homeFolder(), 'memory.json');

export function readMemory(): Readonly<Record<string, string>> {
  const path = memoryFile();
  if (!existsSync(path)) return {};
  return JSON.parse(readFileSync(path, 'utf8')) as Record<string, string>;
}

export function writeMemory(entries: Readonly<Record<string, string>>): void {
  writeJson(memoryFile(), entries);
}

/** This release has nothing to bring over. */
export function fixHome(): readonly string[] {
  return [];
}
