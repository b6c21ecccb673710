// A system under watch: its data folder with empty logs, and what it answers.

import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const documents: Readonly<Record<string, object>> = {
  '/api/kernel/status': {
    ...{ running: true, readiness: 'ready', dlq_count: 0, hmr: { attempts: 0 } },
    ...{ metrics: { tasks_total: 5 }, security: { alerts_path: 'alerts.jsonl' } },
  },
  '/api/memory/status': { enabled: true, coherence: 0.9 },
};

const logs = ['security/alerts.jsonl', 'kernel_dlq.jsonl', 'hmr_audit.jsonl'];

export function watchedFolder() {
  const folder = fs.mkdtempSync(join(tmpdir(), 'seatrial-watch-'));
  const pathOf = (log: string): string => join(folder, 'data/.aetherra', log);
  fs.mkdirSync(pathOf('security'), { recursive: true });
  for (const log of logs) fs.writeFileSync(pathOf(log), '');
  const env = {
    PATH: process.env['PATH'] ?? '',
    SEATRIAL_LOCKS: join(folder, '.seatrial-locks'),
  };
  return {
    folder,
    around: { cwd: folder, env },
    alert: (record: object): void => {
      fs.appendFileSync(pathOf('security/alerts.jsonl'), `${JSON.stringify(record)}\n`);
    },
    removeAlerts: (): void => {
      fs.rmSync(pathOf('security/alerts.jsonl'));
    },
    write: (name: string, text: string): void => {
      fs.writeFileSync(join(folder, name), text);
    },
    read: (name: string): string => fs.readFileSync(join(folder, name), 'utf8'),
    remove: (): void => {
      fs.rmSync(folder, { recursive: true });
    },
  };
}

export type WatchedFolder = ReturnType<typeof watchedFolder>;
