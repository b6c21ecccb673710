import { expect, test } from 'vitest';
import type { Entry, JournalRecord } from '../../src/evidence/record.ts';
import { makeResourceLog } from '../../src/lifecycle/resource-log.ts';
import { WorldError } from '../../src/ports/world-error.ts';

function journalled(fullAfter = Infinity) {
  const said: string[] = [];
  const append = (entry: Entry): Promise<JournalRecord> => {
    if (said.length >= fullAfter) return Promise.reject(new WorldError('disk-full', 'planted'));
    said.push(entry.type);
    return Promise.resolve({} as JournalRecord);
  };
  const sync = (): Promise<void> => Promise.resolve(void said.push('sync'));
  return { said, ...makeResourceLog({ append, sync, close: sync }) };
}

const port = { kind: 'port', name: 'http', undo: { port: 8080 } } as const;
const unit = { kind: 'process', name: 'unit-1', undo: { run: 'r' } } as const;

test('intentions are on the disk before whoever states them goes on', async () => {
  const { log, open, said } = journalled();
  await log.intended([port, unit]);
  expect(said).toEqual(['resource.intended', 'resource.intended', 'sync']);
  expect(open()).toEqual([port, unit]);
});

test('what was created completes the undo, what was removed is no longer open', async () => {
  const { log, open } = journalled();
  await log.intended([port, unit]);
  await log.created('process', 'unit-1', { pid: 7 });
  expect(open()).toEqual([port, { ...unit, undo: { run: 'r', pid: 7 } }]);
  await log.removed('port', 'http');
  expect(open().map(({ name }) => name)).toEqual(['unit-1']);
});

test('one kind’s name is not another’s', async () => {
  const { log, open } = journalled();
  await log.intended([port, { ...unit, name: 'http' }]);
  await log.removed('process', 'http');
  expect(open()).toEqual([port]);
});

test('a creation that nobody announced is a bug', async () => {
  const { log } = journalled();
  await expect(log.created('port', 'http', {})).rejects.toThrow('port http was created without');
});

test('with a full disk it still knows all that may be there', async () => {
  const { log, open } = journalled(0);
  await expect(log.intended([port])).rejects.toThrow('planted');
  expect(open()).toEqual([port]);
});
