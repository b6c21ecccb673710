import { mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { makeFileDigests, resolveExecutable } from '../../../src/drivers/process/executable.ts';
import { sha256Hex } from '../../../src/evidence/canonical.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'seatrial-executable-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const script = (name: string, first: string) =>
  writeFile(join(folder, name), `${first}\nexit 0\n`, { mode: 0o755 });

describe('the program that a command runs', () => {
  it.each([
    ['a shell script', '#!/bin/sh -e', '/bin/sh', ['/bin/sh', '-e']],
    ['a script of env', '#!/usr/bin/env sh', '/bin/sh', ['sh']],
    ['a script of env with words', '#!/usr/bin/env -S sh -e -u', '/bin/sh', ['sh', '-e', '-u']],
  ])('is the interpreter of %s', async (_, first, program, seen) => {
    await script('run', first);
    const { path, seenAs } = await resolveExecutable(['./run', 'a b'], {
      cwd: folder,
      path: '/usr/bin:/bin',
    });
    expect(path).toBe(await realpath(program));
    expect(seenAs).toContainEqual([...seen, join(folder, './run'), 'a b']);
  });

  it('is looked up in the search path and through links', async () => {
    await symlink('/bin/sh', join(folder, 'linked'));
    const options = { cwd: '/', path: `/no/such:${folder}` };
    expect(await resolveExecutable(['linked', '-c', 'x'], options)).toEqual({
      path: await realpath('/bin/sh'),
      seenAs: [['linked', '-c', 'x']],
    });
  });

  it.each([['absent'], ['/no/such/program'], ['loop']])('is unknown for %s', async (program) => {
    await script('loop', `#!${join(folder, 'loop')}`);
    const options = { cwd: folder, path: folder };
    expect((await resolveExecutable([program], options)).path).toBeUndefined();
  });
});

describe('digests of files', () => {
  it('notice a changed file although they are remembered', async () => {
    const digest = makeFileDigests();
    const file = join(folder, 'file');
    await writeFile(file, 'one');
    expect(await digest(file)).toBe(sha256Hex('one'));
    await writeFile(file, 'two');
    expect(await digest(file)).toBe(sha256Hex('two'));
    expect(await digest(join(folder, 'absent'))).toBeUndefined();
  });
});
