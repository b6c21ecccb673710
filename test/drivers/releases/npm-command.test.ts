import { describe, expect, it } from 'vitest';

import { npmError, releaseEnvironment } from '../../../src/drivers/releases/npm-command.ts';
import type { ProcessResult } from '../../../src/ports/processes.ts';

describe('failures of npm', () => {
  const result = (stdout: string, stderr = ''): ProcessResult => ({
    exitCode: 1,
    signal: undefined,
    timedOut: false,
    cancelled: false,
    stdout: Buffer.from(stdout),
    stderr: Buffer.from(stderr),
    channel: new Uint8Array(),
    droppedBytes: 0,
    durationMs: 0,
    survivors: [],
  });
  it.each([
    ['{"error":{"code":"E404","summary":"s"}}', '', 'not-found'],
    ['{"error":{"code":"ETARGET","summary":"s"}}', '', 'not-found'],
    ['{"error":{"code":"ECONNREFUSED","summary":"s"}}', '', 'network'],
    ['{"error":{"code":"E503","summary":"s"}}', '', 'network'],
    ['{"error":{"code":"E401","summary":"s"}}', '', 'permission'],
    ['', 'npm error code EAI_AGAIN\nnpm error x', 'network'],
    ['', 'npm ERR! code ENOSPC', 'disk-full'],
    ['nonsense', 'nonsense', 'io'],
  ])('%s %s: %s', (stdout, stderr, code) => {
    expect(npmError('x', result(stdout, stderr)).code).toBe(code);
  });
});

describe('the environment of npm', () => {
  it('holds what npm needs and no secrets of the harness', () => {
    const env = {
      PATH: '/bin',
      npm_config_registry: 'r',
      HTTPS_PROXY: 'p',
      SIGNING_KEY: 'k',
      HOME: undefined,
    };
    expect(releaseEnvironment(env)).toEqual({
      PATH: '/bin',
      npm_config_registry: 'r',
      HTTPS_PROXY: 'p',
    });
  });
});
