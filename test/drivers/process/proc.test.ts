import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  bootId,
  descendantsOf,
  describeProcess,
  isAlive,
  isBelow,
  isRunning,
  listeningSockets,
  listProcesses,
  mountsBelow,
  parseListening,
  parseStat,
  readCommandLine,
  readEnvironment,
  readExecutable,
  readStat,
  readWorkingDirectory,
} from '../../../src/drivers/process/proc.ts';

const gone = 4_194_305;

describe('stat', () => {
  it('survives any process name', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 15 }), (name) => {
        const text = `7 (${name}) S 3 5 6 34816 0 ${'0 '.repeat(13)}123 0\n`;
        expect(parseStat(text)).toEqual({
          pid: 7,
          name,
          state: 'S',
          parent: 3,
          group: 5,
          session: 6,
          terminal: 34_816,
          startTime: 123,
        });
      }),
    );
    expect(parseStat('')).toBeUndefined();
  });

  it('calls a zombie dead although it can be signalled', async () => {
    const child = spawn('sh', ['-c', 'sleep 0 & exec sleep 5'], { stdio: 'ignore' });
    const pid = child.pid ?? 0;
    await expect.poll(() => listProcesses().find((stat) => stat.parent === pid)?.state).toBe('Z');
    const zombie = listProcesses().find((stat) => stat.parent === pid);
    expect(zombie && process.kill(zombie.pid, 0)).toBe(true);
    expect(isAlive(zombie)).toBe(false);
    expect(descendantsOf([pid])).toEqual([]);
    child.kill('SIGKILL');
  });
});

describe('a process', () => {
  it('is described', () => {
    const stat = readStat(process.pid);
    expect(stat?.parent).toBe(process.ppid);
    expect(isRunning(process.pid, stat?.startTime ?? 0)).toBe(true);
    expect(isRunning(process.pid, (stat?.startTime ?? 0) + 1)).toBe(false);
    expect(readCommandLine(process.pid)?.length).toBeGreaterThan(0);
    expect(readExecutable(process.pid)).toBe(process.execPath);
    expect(readWorkingDirectory(process.pid)).toBe(process.cwd());
    expect(readEnvironment(process.pid)?.['PATH']).toBe(process.env['PATH']);
    expect(describeProcess(process.pid)).not.toBe('');
    expect(bootId()).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('that is gone has no answers', () => {
    expect(
      [readStat, readCommandLine, readEnvironment, readExecutable, readWorkingDirectory].map(
        (read) => read(gone),
      ),
    ).toEqual([undefined, undefined, undefined, undefined, undefined]);
    expect(describeProcess(gone)).toBe('[gone]');
  });
});

describe('listening sockets', () => {
  it.each([
    ['0100007F:4E20', '127.0.0.1', 20_000],
    ['00000000:0050', '0.0.0.0', 80],
    ['00000000000000000000000000000000:1F90', '::', 8080],
    ['00000000000000000000000001000000:1F90', '::1', 8080],
    ['B80D01200000000067452301EFCDAB89:0001', '2001:db8::123:4567:89ab:cdef', 1],
  ])('reads %s', (field, address, port) => {
    const table = `head\n 0: ${field} 00000000:0000 0A 0:0 00:0 0 0 0 99 1\n 1: ${field} 0:0 01 0:0 0:0 0 0 0 98 1\n`;
    expect(parseListening(table)).toEqual([{ address, port, inode: '99' }]);
  });

  it('names who holds them', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    expect(listeningSockets([port])).toMatchObject([
      { address: '127.0.0.1', port, pids: [process.pid] },
    ]);
    await new Promise((resolve) => server.close(resolve));
    expect(listeningSockets([port])).toEqual([]);
  });
});

describe('paths', () => {
  it.each([
    ['/a/b', '/a', true],
    ['/a', '/a', true],
    ['/ab', '/a', false],
    ['/a', '/a/b', false],
    ['/a', '/', true],
  ])('%s below %s: %s', (path, folder, expected) => {
    expect(isBelow(path, folder)).toBe(expected);
  });

  it('of mounts are found', () => {
    expect(mountsBelow('/proc').map(({ path, type }) => [path, type])).toContainEqual([
      '/proc',
      'proc',
    ]);
    expect(mountsBelow('/no/such/folder')).toEqual([]);
  });
});
