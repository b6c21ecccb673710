import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { aetherRisk } from '../../src/cli/commands/aether-risk.ts';
import { aetherSign } from '../../src/cli/commands/aether-sign.ts';
import { aetherVerify } from '../../src/cli/commands/aether-verify.ts';
import { keysNew } from '../../src/cli/commands/keys-new.ts';
import { keysRevoke } from '../../src/cli/commands/keys-revoke.ts';
import type { Command } from '../../src/cli/command.ts';
import { runCommand } from './run-command.ts';
import { makeWorkflowFolder, type WorkflowFolder } from './workflow-folder.ts';

let folder: WorkflowFolder;

beforeEach(() => {
  folder = makeWorkflowFolder();
});

afterEach(() => {
  folder.remove();
});

const call = (command: Command, argv: readonly string[], env: Record<string, string> = {}) =>
  runCommand(command, argv, { cwd: folder.cwd, env });
const verify = (...argv: string[]) => call(aetherVerify, argv);

/** A signed file and the id of its key. */
async function signed(content = 'goal: "x"\r\nx: 1'): Promise<string> {
  folder.write({ 'a.aether': content });
  expect((await call(keysNew, ['--owner', 'me', '--out', 'key.pem'])).code).toBe(0);
  const ended = await call(aetherSign, ['--key', 'key.pem', 'a.aether', '--json']);
  expect(ended.code).toBe(0);
  return (JSON.parse(ended.out) as { key_id: string }).key_id;
}

describe('signatures', () => {
  test('a signed file verifies, is not changed behind its line, and can be signed again', async () => {
    const key = await signed();
    const first = folder.bytes('a.aether');
    expect(first.subarray(first.indexOf(10) + 1).toString()).toBe('goal: "x"\r\nx: 1');
    const { code, out } = await verify('--strict', 'a.aether');
    expect([code, out]).toEqual([0, `a.aether: OK (key ${key} of me), risk 0\n`]);
    await call(aetherSign, ['a.aether'], { SEATRIAL_SIGNING_KEY: `${folder.cwd}/key.pem` });
    expect(folder.bytes('a.aether')).toEqual(first);
  });

  const faults: readonly [name: string, spoil: (content: string) => string, code: string][] = [
    ['a byte changed', (content) => content.replace('x: 1', 'x: 2'), 'E_SIG_MISMATCH'],
    ['a newline added', (content) => `${content}\n`, 'E_SIG_MISMATCH'],
    ['the line below a blank one', (content) => `\n${content}`, 'E_SIG_MISSING'],
    ['a mark before it', (content) => `\ufeff${content}`, 'E_SIG_MISSING'],
    ['a line of another form', (content) => content.replace('ed25519', 'rsa'), 'E_SIG_FORMAT'],
  ];
  test.each(faults)('%s: 22', async (_, spoil, code) => {
    await signed();
    folder.write({ 'a.aether': spoil(folder.read('a.aether')) });
    const ended = await verify('--strict', 'a.aether');
    expect(ended.code).toBe(22);
    expect(ended.out).toContain(`FAIL (${code}: `);
  });

  test('a key that is unknown or revoked: 22', async () => {
    const key = await signed();
    folder.write({ 'other.yaml': '[]\n' });
    expect((await verify('a.aether', '--keys', 'other.yaml')).out).toContain('E_SIG_KEY_UNKNOWN');
    await call(keysRevoke, [key, '--reason', 'lost with a laptop']);
    const ended = await verify('a.aether');
    expect([ended.code, ended.out.includes('E_SIG_KEY_REVOKED')]).toEqual([22, true]);
  });

  test('an unsigned file fails only where signatures are demanded', async () => {
    folder.write({ 'a.aether': 'goal: "x"\n' });
    expect(await verify('.')).toMatchObject({
      code: 0,
      out: 'a.aether: SKIP (unsigned), risk 0\n',
    });
    expect((await verify('.', '--strict')).code).toBe(22);
    const env = { AETHERRA_SCRIPT_VERIFY_STRICT: '1' };
    expect((await call(aetherVerify, [], env)).code).toBe(22);
  });
});

describe('the old form', () => {
  const hmac = (secret: string, body: string) =>
    `# @signature: ${createHmac('sha256', secret).update(body).digest('hex')}\n${body}`;
  const legacy = (secret: string) =>
    call(aetherVerify, ['a.aether', '--legacy-hmac'], {
      AETHERRA_AETHER_SCRIPT_SIGNING_SECRET: secret,
    });

  test('counts only where it is asked for', async () => {
    folder.write({ 'a.aether': hmac('a secret of ours', 'goal: "x"\n') });
    expect((await verify('a.aether')).out).toContain('E_SIG_LEGACY');
    expect(await legacy('a secret of ours')).toMatchObject({ code: 0 });
    expect((await legacy('another')).out).toContain('E_SIG_MISMATCH');
  });

  test('never counts with the secret that everybody knows', async () => {
    const secret = 'aetherra-dev-signing-secret';
    folder.write({ 'a.aether': hmac(secret, 'goal: "x"\n') });
    for (const ended of [await verify('a.aether'), await legacy(secret), await legacy('x')])
      expect([ended.code, ended.out.includes('E_SIG_FALLBACK_SECRET')]).toEqual([22, true]);
  });

  test('nothing is signed without a key, and nothing with a mark in front', async () => {
    folder.write({ 'a.aether': '\ufeffgoal: "x"\n' });
    expect((await call(aetherSign, ['a.aether'])).code).toBe(2);
    await call(keysNew, ['--owner', 'me', '--out', 'key.pem']);
    expect((await call(aetherSign, ['a.aether', '--key', 'key.pem'])).code).toBe(22);
  });
});

describe('the report', () => {
  test('has the headings of the source document, and a line per file', async () => {
    await signed();
    folder.write({ 'b.aether': 'goal: "x"\nlog("eval this")\n', 'c\n# d.aether': 'goal: "x"\n' });
    const { code } = await verify('.', '--strict', '--output', 'aether_static_report.md');
    expect(code).toBe(22);
    const report = folder.read('aether_static_report.md');
    expect(report.match(/^#.*$/gm)).toEqual([
      '# .aether Verification Report',
      '## Discovered .aether Files',
      '## Signature Verification (strict)',
      '## Static Risk Analysis',
    ]);
    expect(report).toMatch(/^- a\.aether: OK \(key/m);
    expect(report).toMatch(/^- b\.aether: FAIL \(E_SIG_MISSING/m);
    expect(report).toMatch(/^- b\.aether: 5 points$/m);
    expect(report).toMatch(/^Run [0-9a-f]{16}, \S+Z, input sha256:[0-9a-f]{64}$/m);
  });

  test('no file at all: 2', async () => {
    expect((await verify('.')).code).toBe(2);
  });
});

describe('risk', () => {
  const risk = (...argv: string[]) => call(aetherRisk, argv);
  const table: readonly [name: string, line: string, argv: string[], code: number][] = [
    ['nothing', 'log("hello")', [], 0],
    ['one high finding', 'log("eval this")', [], 0],
    ['one high finding, strictly', 'log("eval this")', ['--strict'], 1],
    ['two high findings', 'log("eval", "exec")', [], 1],
    ['a threshold', 'log("eval", "exec")', ['--risk-threshold', '10'], 0],
    ['a URL', 'log("https://example.org/x")', ['--fail-on-any-risk'], 1],
    [
      'a URL that may be',
      'log("https://example.org/x")',
      ['--fail-on-any-risk', '--allow-host', 'example.org'],
      0,
    ],
    ['a comment', 'log("x")  # eval exec', [], 0],
    ['a comment that counts', 'log("x")  # eval exec', ['--include-comments'], 1],
    ['an excluded file', 'log("eval", "exec")', ['--exclude', '**/a.aether'], 2],
  ];
  test.each(table)('%s', async (_, line, argv, code) => {
    folder.write({ 'a.aether': `goal: "x"\n${line}\n` });
    expect((await risk('.', ...argv)).code).toBe(code);
  });

  test('only so many findings are shown', async () => {
    folder.write({ 'a.aether': `goal: "x"\nlog("${'eval '.repeat(9)}")\n` });
    const { out } = await risk('.', '--max-findings-per-file', '4');
    expect(out.match(/: high: eval \(5\)/g)).toHaveLength(4);
    expect(out).toContain('a.aether: 5 more are not shown\na.aether: 45 points, too many\n');
  });
});
