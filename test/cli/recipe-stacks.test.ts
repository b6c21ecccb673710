import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeRecipeStacks } from '../../src/cli/recipe-stacks.ts';
import type { PreparedRelease } from '../../src/ports/release.ts';
import type { Stack } from '../../src/ports/stack.ts';
import { WorldError } from '../../src/ports/world-error.ts';
import { good, type Tree } from '../recipe/recipe-fixture.ts';

let root = '';

beforeEach(() => {
  root = fs.mkdtempSync(join(tmpdir(), 'seatrial-stacks-'));
  write(good);
});

afterEach(() => {
  fs.rmSync(root, { recursive: true, force: true });
});

function write(tree: Tree): void {
  for (const [name, text] of Object.entries(tree)) fs.writeFileSync(join(root, name), text);
}

function ask(env: Readonly<Record<string, string>> = {}): Promise<Stack> {
  const release: PreparedRelease = {
    release: { origin: 'directory', ref: 'dir:x' },
    ...{ root, digest: 'x', cached: false },
  };
  const request = { stage: 'head', app: 'notes', instance: 'note-0a1b2c', env } as const;
  return makeRecipeStacks({ secrets: {} }).stackOf(release, { ...request, settings: {} });
}

describe('makeRecipeStacks', () => {
  test('names a stack by its instance, or by the domain that it is given', async () => {
    expect((await ask()).name).toBe('note-0a1b2c_seatrial_test');
    expect((await ask({ DOMAIN: 'a.example.org' })).name).toBe('a_example_org');
  });

  test('equal requests give equal stacks', async () => {
    expect(await ask()).toEqual(await ask());
  });

  test('refuses what cannot be deployed, and says where', async () => {
    write({
      'compose.yml': (good['compose.yml'] ?? '').replace('    image: nginx', '    imag: nginx'),
    });
    const refusal = await ask().catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(WorldError);
    expect(refusal).toMatchObject({ code: 'refused' });
    expect((refusal as WorldError).hint).toContain('compose.yml:5:5: error[RCP002]');
  });

  test("refuses the host's files", async () => {
    const mounted = '    image: postgres:15\n    volumes: ["/etc:/etc"]';
    write({
      'compose.yml': (good['compose.yml'] ?? '').replace('    image: postgres:15', mounted),
    });
    await expect(ask()).rejects.toMatchObject({ code: 'refused' });
  });
});
