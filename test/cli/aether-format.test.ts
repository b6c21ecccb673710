import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { aetherFormat } from '../../src/cli/commands/aether-format.ts';
import { aetherSign } from '../../src/cli/commands/aether-sign.ts';
import { aetherVerify } from '../../src/cli/commands/aether-verify.ts';
import { keysNew } from '../../src/cli/commands/keys-new.ts';
import { runCommand, type Ended } from './run-command.ts';

let cwd = '';

beforeEach(() => {
  cwd = fs.mkdtempSync(join(tmpdir(), 'seatrial-aether-'));
});

afterEach(() => {
  fs.rmSync(cwd, { recursive: true, force: true });
});

const rough = "goal:   'x'\r\n\r\n\r\n\r\nx:[1,2 ]  # two";
const neat = 'goal: "x"\r\n\r\nx: [1, 2]  # two\r\n';

const format = (...argv: string[]): Promise<Ended> => runCommand(aetherFormat, argv, { cwd });
const read = (name: string): string => fs.readFileSync(join(cwd, name), 'utf8');
const write = (name: string, content: string): void => {
  fs.writeFileSync(join(cwd, name), content);
};

test('prints the formatted text and leaves the file alone', async () => {
  write('a.aether', rough);
  expect(await format('a.aether')).toEqual({ code: 0, out: neat, err: '' });
  expect(read('a.aether')).toBe(rough);
});

test('--check names what would change and ends with 1; --write changes it once', async () => {
  write('a.aether', rough);
  write('b.aether', neat);
  fs.chmodSync(join(cwd, 'a.aether'), 0o640);
  expect(await format('.', '--check')).toEqual({ code: 1, out: 'a.aether\n', err: '' });
  expect(await format('.', '--write')).toEqual({ code: 0, out: 'a.aether\n', err: '' });
  expect(read('a.aether')).toBe(neat);
  expect(fs.statSync(join(cwd, 'a.aether')).mode & 0o777).toBe(0o640);
  expect(await format('.', '--check')).toEqual({ code: 0, out: '', err: '' });
});

test('a link stays a link, a byte order mark stays', async () => {
  write('a.aether', `\ufeff${rough}`);
  fs.symlinkSync('a.aether', join(cwd, 'link'));
  expect((await format('link', '--write')).code).toBe(0);
  expect(fs.lstatSync(join(cwd, 'link')).isSymbolicLink()).toBe(true);
  expect(read('a.aether')).toBe(`\ufeff${neat}`);
});

test.each([
  ['cannot be read', 'goal: "x"\nx:[1\n', 20],
  ['is of a dialect that is not run', 'let x = 1\nfn y() {\n}\n', 24],
  ['is of a dialect without a layout', 'goal "x"\ny = 1\n', 24],
  ['is signed', `# @signature: ed25519:0:0\n${rough}`, 22],
])('a file that %s stays as it is', async (_, content, code) => {
  write('a.aether', content);
  write('b.aether', rough);
  const ended = await format('.', '--write');
  expect([ended.code, ended.out]).toEqual([code, 'b.aether\n']);
  expect(ended.err).toMatch(/^a\.aether/);
  expect(read('a.aether')).toBe(content);
});

test('a signed file is signed again where a key is given', async () => {
  write('a.aether', rough);
  const around = { cwd };
  await runCommand(keysNew, ['--owner', 'me', '--out', 'key.pem'], around);
  await runCommand(aetherSign, ['a.aether', '--key', 'key.pem'], around);
  expect((await format('a.aether', '--write')).code).toBe(22);
  expect((await format('a.aether', '--write', '--re-sign', 'key.pem')).code).toBe(0);
  expect(read('a.aether').split('\n').slice(1).join('\n')).toBe(neat);
  expect((await runCommand(aetherVerify, ['--strict', 'a.aether'], around)).code).toBe(0);
});

test('an unknown function is no reason against a layout', async () => {
  write('a.aether', 'goal: "x"\nfoo( )\n');
  expect((await format('a.aether', '--write')).code).toBe(0);
  expect(read('a.aether')).toBe('goal: "x"\nfoo()\n');
});

test('nothing to format and contradicting options end with 2', async () => {
  expect((await format('.')).code).toBe(2);
  write('a.aether', rough);
  expect((await format('.', '--check', '--write')).code).toBe(2);
});
