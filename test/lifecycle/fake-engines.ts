// Engines that are a file and an entry in a table: what they say of themselves is what they were started with.

import { createHash } from 'node:crypto';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import type { EngineHome, EngineLook, Engines } from '../../src/ports/engines.ts';
import type { JsonObject } from '../../src/ports/json.ts';
import { WorldError } from '../../src/ports/world-error.ts';

type Running = { readonly pid: number; readonly text: string };

export type FakeEngines = Engines & {
  /** How often one was started. */
  readonly starts: () => number;
  /** Ends it as a crash would. */
  readonly kill: (home: EngineHome) => void;
};

export const fakeConfig = '{\n  "debug": false,\n  "log-driver": "json-file"\n}\n';

export function makeFakeEngines(): FakeEngines {
  const running = new Map<string, Running>();
  const lastText = new Map<string, string>();
  let pids = 100;
  const configOf = ({ folder }: EngineHome): string => `${folder}/daemon.json`;
  const start = async (home: EngineHome): Promise<void> => {
    running.delete(home.folder);
    const text = await readFile(configOf(home), 'utf8');
    if (!isConfiguration(text))
      throw new WorldError('io', 'the private engine does not answer: no such setting');
    running.set(home.folder, { pid: (pids += 1), text });
    lastText.set(home.folder, text);
  };
  return {
    starts: () => pids - 100,
    kill: ({ folder }) => {
      running.delete(folder);
    },
    create: async (home) => {
      await mkdir(home.folder, { recursive: true });
      await writeFile(configOf(home), fakeConfig, { mode: 0o640 });
      await start(home);
    },
    restart: async (home) => {
      if ((await stat(home.folder).catch(() => undefined)) === undefined)
        throw new WorldError('io', 'there is no engine to start');
      await start(home);
    },
    look: (home) => Promise.resolve(lookAt(home, running.get(home.folder), lastText)),
  };
}

/** As the real one, it takes no setting that it does not know. */
function isConfiguration(text: string): boolean {
  try {
    return !Object.hasOwn(JSON.parse(text) as object, 'unheard-of');
  } catch {
    return false;
  }
}

function lookAt(
  home: EngineHome,
  now: Running | undefined,
  lastText: ReadonlyMap<string, string>,
): EngineLook {
  const { folder, runtime } = home;
  const last = lastText.get(folder);
  return {
    files: {
      ...{ config: `${folder}/daemon.json`, socket: `${runtime}/docker.sock` },
      ...{ starts: `${folder}/starts.log`, stop: `${folder}/stop`, restart: `${folder}/restart` },
    },
    ...(last === undefined ? {} : { startedWith: createHash('sha256').update(last).digest('hex') }),
    ...(now === undefined
      ? {}
      : { process: { pid: now.pid, startTime: now.pid }, info: infoOf(now.text) }),
  };
}

function infoOf(text: string): JsonObject {
  const settings = JSON.parse(text) as JsonObject;
  return { Labels: settings['labels'] ?? [], Debug: settings['debug'] ?? false, Containers: 3 };
}
