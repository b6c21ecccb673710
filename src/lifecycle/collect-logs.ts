// What the app printed during an operation: scanned for secrets as it is, stored redacted.

import { quietly } from './quietly.ts';
import type { Session } from './session.ts';

const logsBudgetMs = 15_000;

export async function collectLogs(session: Session, operation: string): Promise<void> {
  const { memory, secrets, recorder, world } = session;
  const raw = await quietly(world, logsBudgetMs, () => memory.deployment?.logs());
  const where = `log of ${operation}`;
  if (raw === undefined && memory.deployment !== undefined) {
    memory.unscanned.push(where);
    await recorder.note('logs-unread', `the ${where} could not be read`, { severity: 'warning' });
  }
  if (raw === undefined || raw.length === 0) return;
  memory.logBytes += raw.length;
  const scanner = secrets.scanner();
  scanner.push(raw);
  memory.logHits.push(...scanner.end().map((hit) => ({ ...hit, where })));
  const object = await recorder.put(`logs/${operation}.txt`, raw, 'text/plain');
  await recorder.append({ type: 'observation', data: { operation, what: 'logs', object } });
}
