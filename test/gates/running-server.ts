// The fixture as a running system, and a way to interrupt a run in the middle of a gate.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { server, type GateFolder } from './gate-folder.ts';

export async function runningServer(): Promise<{
  readonly url: string;
  readonly stop: () => Promise<void>;
}> {
  const child = spawn('node', [server, '--port', '0'], {
    env: { PATH: process.env['PATH'], TOKEN: 'secret' },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const { url } = JSON.parse(line.toString()) as { url: string };
  return {
    url,
    stop: async () => {
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

/** Aborts as Ctrl-C does once the journal says that gate two has asked its question. */
export function makeStopper({ folder }: GateFolder, stop: AbortController) {
  const look = (): boolean => {
    try {
      const runs = join(folder, '.seatrial/runs');
      const [run = ''] = readdirSync(runs);
      const text = readFileSync(join(runs, run, 'journal.jsonl'), 'utf8');
      return text.includes('"operation":"two"');
    } catch {
      return false;
    }
  };
  const timer = setInterval(() => {
    if (!look()) return;
    clearInterval(timer);
    stop.abort({ cause: 'SIGINT', message: 'interrupted' });
  }, 20);
  return {};
}
