import { describe, expect, it } from 'vitest';

import { makeAppLog } from '../../../src/drivers/process/app-log.ts';

const bytes = (text: string) => new Uint8Array(Buffer.from(text));

describe('the log of an app', () => {
  it('is handed out once', () => {
    const log = makeAppLog([]);
    log.write(bytes('one\n'));
    log.write(bytes('two\n'));
    expect(Buffer.from(log.take()).toString()).toBe('one\ntwo\n');
    expect(log.take()).toHaveLength(0);
  });

  it('drops its oldest part and says how much', () => {
    const log = makeAppLog([]);
    const block = bytes('x'.repeat(1024 * 1024));
    for (let index = 0; index < 20; index += 1) log.write(block);
    log.write(bytes('last'));
    const taken = Buffer.from(log.take()).toString();
    expect(taken.length).toBeLessThan(5 * 1024 * 1024);
    expect(taken).toMatch(/^\[\d+ bytes of output dropped\]\n/);
    expect(taken.endsWith('last')).toBe(true);
  });

  it('sees a watched text across two chunks, of the present start only', () => {
    const log = makeAppLog(['listening']);
    log.write(bytes('now list'));
    expect(log.hasSeen('listening')).toBe(false);
    log.write(bytes('ening\n'));
    expect(log.hasSeen('listening')).toBe(true);
    log.restart();
    expect(log.hasSeen('listening')).toBe(false);
  });

  it('keeps the last lines for messages', () => {
    const log = makeAppLog([]);
    for (let line = 0; line < 50; line += 1) log.write(bytes(`line ${String(line)}\n`));
    expect(log.lastLines().split('\n')).toHaveLength(10);
    expect(log.lastLines()).toContain('line 49');
    expect(log.lastError()).toBeUndefined();
  });

  it('keeps what went wrong of a crash, not where in which library', () => {
    const log = makeAppLog([]);
    const frames = Array.from({ length: 30 }, () => '    at load (node:internal/modules:1:2)\n');
    log.write(
      bytes(`Error: no such module\n${frames.join('')}{\n  code: 'GONE'\n}\n\nNode.js v20\n`),
    );
    expect(log.lastLines()).toBe("Error: no such module\n{\n  code: 'GONE'\n}\nNode.js v20");
    expect(log.lastError()).toBe('Error: no such module');
  });
});
