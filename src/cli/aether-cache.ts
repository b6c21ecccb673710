// What the checker said about contents it has seen. A key holds everything an answer depends on, so
// an entry is right or absent; a line that was damaged is dropped, and the file may be deleted at any
// time. Whoever can write the file can forge answers, so it is used only where it is asked for.

import { sha256Hex } from '../evidence/canonical.ts';
import { systemFiles } from '../drivers/files.ts';
import { WorldError } from '../ports/world-error.ts';
import type { JudgeSettings, Memory, Remembered } from './aether-settings.ts';
import { version } from './version.ts';

export type CheckCache = Memory & {
  /** What was used or added, for the file. */
  readonly render: () => string;
};

const sumLength = 16;
const line = /^([0-9a-f]{64}) ([0-9a-f]{16}) (\{.*\})$/;

export function makeCache(content: string, settings: JudgeSettings): CheckCache {
  const known = readLines(content);
  const used = new Map<string, string>();
  const salt = sha256Hex(JSON.stringify([version, plainSettings(settings)]));
  return {
    keyOf: (path, bytes) =>
      sha256Hex(`${salt} ${String(path.endsWith('.aether'))} ${sha256Hex(bytes)}`),
    find: (key) => {
      const text = used.get(key) ?? known.get(key);
      if (text === undefined) return undefined;
      used.set(key, text);
      return JSON.parse(text) as Remembered;
    },
    keep: (key, { dialect, problems }) => void used.set(key, JSON.stringify({ dialect, problems })),
    render: () =>
      [...used]
        .map(([key, text]) => `${key} ${sumOf(key, text)} ${text}\n`)
        .sort()
        .join(''),
  };
}

function plainSettings({ dialect, registry, maxBytes }: JudgeSettings): unknown {
  return [dialect ?? null, [...registry.functions], [...registry.names], maxBytes];
}

function readLines(content: string): ReadonlyMap<string, string> {
  const known = new Map<string, string>();
  for (const each of content.split('\n')) {
    const [, key = '', sum, text = ''] = line.exec(each) ?? [];
    if (sum !== undefined && sum === sumOf(key, text)) known.set(key, text);
  }
  return known;
}

function sumOf(key: string, text: string): string {
  return sha256Hex(`${key} ${text}`).slice(0, sumLength);
}

const cacheMaxBytes = 1 << 28;

/** An absent or unreadable file is an empty cache. */
export async function readCacheFile(path: string): Promise<string> {
  try {
    return await systemFiles.readText(path, cacheMaxBytes);
  } catch (error) {
    if (error instanceof WorldError) return '';
    throw error;
  }
}

/** The reason why the file could not be written; the answers stand without it. */
export async function writeCacheFile(path: string, content: string): Promise<string | undefined> {
  try {
    await systemFiles.replace(path, content);
    return undefined;
  } catch (error) {
    if (error instanceof WorldError) return error.message;
    throw error;
  }
}
