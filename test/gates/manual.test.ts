// Acceptance of manual gates, of signing and of verification: through the commands.

import { verify as verifySignature } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dsse } from '@sigstore/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { gatesAttest } from '../../src/cli/commands/gates-attest.ts';
import { gatesVerify } from '../../src/cli/commands/gates-verify.ts';
import { keysNew } from '../../src/cli/commands/keys-new.ts';
import { keysRevoke } from '../../src/cli/commands/keys-revoke.ts';
import { parseKeys } from '../../src/evidence/keys.ts';
import { makeSource } from '../../src/diagnostics/source.ts';
import { runCommand } from '../cli/run-command.ts';
import { gateFolder, type GateFolder } from './gate-folder.ts';

const yaml = (settings = ''): string => `version: 1
gates:
  shell:
    kind: command
    checks: [{id: gate.shell.true, run: ["true"], expect: {exit: 0}}]
    canary: [{stub: {"true": fail.sh}, red: gate.shell.true}]
  seen:
    kind: command
    manual: {signers: [ann, bob], evidence: [note.md]${settings}}
    checks: [{id: gate.seen.true, run: ["true"]}]
    canary: [{stub: {"true": fail.sh}, red: gate.seen.true}]
`;

let folder: GateFolder;
const open = async (settings?: string): Promise<void> => {
  folder = gateFolder(yaml(settings));
  folder.write('note.md', 'I saw it.\n');
  folder.write('nothing.md', '');
  for (const who of ['ann', 'bob', 'eve'])
    await runCommand(
      keysNew,
      ['--owner', who, '--out', `${who}.key`, '--keys', 'seatrial.keys.yaml'],
      folder.around,
    );
  folder.git('add', '.');
  folder.git('commit', '-qm', 'keys');
};
beforeEach(() => open());
afterEach(() => {
  folder.remove();
});

const attest = (...more: readonly string[]) =>
  runCommand(
    gatesAttest,
    ['seen', '--statement', 'I watched it for an hour.', '--evidence', 'note.md', ...more],
    folder.around,
  );
const reasonOf = async (): Promise<string> => {
  await folder.run();
  const { seen } = folder.results();
  return `${seen?.state ?? ''}: ${seen?.details['reason'] as string}`;
};

test('pending without a signature; strict makes it a no-go; a signature makes it go', async () => {
  expect((await folder.run()).code).toBe(0);
  expect(folder.results()._meta).toMatchObject({ decision: 'pending', all_passed: true });
  expect(folder.results()['seen']).toMatchObject({
    ok: false,
    manual: true,
    state: 'manual-pending',
  });
  expect((await folder.run('--strict-manual')).code).toBe(1);
  expect(folder.results()._meta['decision']).toBe('no-go');
  expect((await attest('--key', 'ann.key')).code).toBe(0);
  expect((await folder.run('--strict-manual')).code).toBe(0);
  expect(folder.results()._meta['decision']).toBe('go');
  expect(folder.read('gate_sign_off.md')).toMatch(/\| `seen` \| ann \|/u);
});

describe('a signature that does not count leaves it pending, with the reason', () => {
  // [what is done after or instead, the reason]
  test('another commit', async () => {
    await attest('--key', 'ann.key');
    folder.write('more.txt', 'x');
    folder.git('add', '.');
    folder.git('commit', '-qm', 'more');
    expect(await reasonOf()).toBe('manual-pending: other commit');
  });
  test('a key that the gate does not list', async () => {
    await attest('--key', 'eve.key');
    expect(await reasonOf()).toBe('manual-pending: key not listed');
  });
  test('a revoked key', async () => {
    await attest('--key', 'ann.key');
    const { keys } = parseKeys(makeSource('k', folder.read('seatrial.keys.yaml')));
    const ann = keys.find(({ owner }) => owner === 'ann')?.keyId ?? '';
    await runCommand(
      keysRevoke,
      [ann, '--reason', 'lost with a laptop', '--keys', 'seatrial.keys.yaml'],
      folder.around,
    );
    expect(await reasonOf()).toBe('manual-pending: key revoked');
  });
  test('a changed gate', async () => {
    await attest('--key', 'ann.key');
    folder.write('gates.yaml', yaml().replace('[note.md]', '[note.md, log.txt]'));
    expect(await reasonOf()).toBe('manual-pending: gate changed since');
  });
  test('evidence that the gate asks for and nobody gave', async () => {
    folder.write('other.md', 'I saw it.\n');
    await runCommand(
      gatesAttest,
      [
        'seen',
        '--statement',
        'I watched it for an hour.',
        '--evidence',
        'other.md',
        '--key',
        'ann.key',
        '--allow-dirty',
      ],
      folder.around,
    );
    expect(await reasonOf()).toBe('manual-pending: evidence missing: note.md');
  });
  test('an object of it that was changed in the store', async () => {
    await attest('--key', 'ann.key');
    const [run = ''] = readdirSync(join(folder.folder, '.seatrial/runs'));
    const evidence = evidenceFile(run, 'I saw it.');
    writeFileSync(evidence, 'I saw nothing\n');
    expect(await reasonOf()).toBe('manual-pending: evidence missing: note.md');
  });
});

/** An object of a bundle by its content. */
function evidenceFile(run: string, content: string): string {
  const objects = join(folder.folder, '.seatrial/runs', run, 'objects');
  const files = readdirSync(objects, { recursive: true, encoding: 'utf8' })
    .map((name) => join(objects, name))
    .filter((path) => /[0-9a-f]{64}$/u.test(path));
  return files.find((path) => readFileSync(path, 'utf8').includes(content)) ?? '';
}

test('a later rejection by a listed signer is a fail', async () => {
  await attest('--key', 'ann.key');
  await attest('--key', 'bob.key', '--reject');
  expect((await folder.run()).code).toBe(1);
  expect(folder.results()['seen']?.state).toBe('fail');
});

test('two signers are two people, and the author of the commit is none of them', async () => {
  folder.remove();
  await open(', min_signers: 2, not_author: true');
  await attest('--key', 'ann.key');
  await attest('--key', 'ann.key');
  expect(await reasonOf()).toBe('manual-pending: ann is the author of the commit');
  await attest('--key', 'bob.key');
  expect(await reasonOf()).toBe('manual-pending: 1 of 2 signers; ann is the author of the commit');
});

// [argv, what is said]
test.each([
  [['seen', '--statement', 'short', '--evidence', 'note.md', '--key', 'ann.key'], '20 characters'],
  [['seen', '--statement', 'I watched it for an hour.', '--key', 'ann.key'], '--evidence'],
  [
    [
      ...['seen', '--statement', 'I watched it for an hour.', '--key', 'ann.key'],
      ...['--evidence', 'nothing.md'],
    ],
    'nothing.md is empty',
  ],
  [['shell', '--statement', 'I watched it for an hour.', '--key', 'ann.key'], 'no manual part'],
  [['sen', '--statement', 'I watched it for an hour.'], 'no gate "sen"'],
])('%j is a usage error', async (argv, said) => {
  const { code, err } = await runCommand(gatesAttest, argv, folder.around);
  expect([code, err]).toEqual([2, expect.stringContaining(said)]);
});

/** Flips one bit in the middle of a file. */
const flip = (path: string): void => {
  const bytes = readFileSync(path);
  const at = Math.floor(bytes.length / 2);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(path, bytes);
};
describe('a signed sign-off', () => {
  const verify = (...argv: readonly string[]) =>
    runCommand(gatesVerify, ['.', ...argv], folder.around);
  beforeEach(async () => {
    await attest('--key', 'ann.key');
    await folder.run('--sign', 'bob.key');
  });

  test('verifies, also by another implementation of DSSE', async () => {
    const commit = folder.git('rev-parse', 'HEAD').trim();
    expect(
      await verify('--commit', commit, '--require-go', '--strict', '--max-age', '1h'),
    ).toMatchObject({
      code: 0,
      out: 'the sign-off holds\n',
    });
    const envelope = JSON.parse(folder.read('gate_sign_off.intoto.jsonl')) as {
      payloadType: string;
      payload: string;
      signatures: readonly { sig: string }[];
    };
    const payload = Buffer.from(envelope.payload, 'base64');
    const bytes = dsse.preAuthEncoding(envelope.payloadType, payload);
    const { keys } = parseKeys(makeSource('k', folder.read('seatrial.keys.yaml')));
    const bob = keys.find(({ owner }) => owner === 'bob')?.publicKey ?? new Uint8Array();
    const key = { key: Buffer.from(bob), format: 'der', type: 'spki' } as const;
    const signature = Buffer.from(envelope.signatures[0]?.sig ?? '', 'base64');
    expect(verifySignature(null, bytes, key, signature)).toBe(true);
    const statement = JSON.parse(payload.toString()) as { predicate: { properties: string[] } };
    expect(statement.predicate.properties).toEqual([
      'SEATRIAL_GATE_SHELL_PASSED',
      'SEATRIAL_GATE_SEEN_PASSED',
      'SEATRIAL_GO',
    ]);
  });

  const run = (): string => String(folder.results()._meta['run_id']);

  // [file below the folder, how the finding names it]
  test.each([
    ['gate_results.json', /gate_results\.json|names no run/u],
    ['gate_sign_off.md', /^gate_sign_off\.md/mu],
    ['gate_sign_off.intoto.jsonl', /^gate_sign_off\.intoto\.jsonl/mu],
    ['.seatrial/runs/RUN/journal.jsonl', /journal\.jsonl/u],
    ['.seatrial/runs/RUN/report.html', /report\.html/u],
    ['EVIDENCE', /objects\//u],
    ['.seatrial/runs.jsonl', /runs\.jsonl/u],
  ])('one changed bit of %s is named', async (path, named) => {
    const file =
      path === 'EVIDENCE'
        ? evidenceFile(run(), 'I saw it.')
        : join(folder.folder, path.replace('RUN', run()));
    flip(file);
    const { code, out, err } = await verify();
    expect(code === 1 || code === 3).toBe(true);
    expect(out + err).toMatch(named);
  });

  test('dies with the commit, the age and the decision that is asked for', async () => {
    const { code, out } = await verify('--commit', 'a'.repeat(40), '--max-age', '0s');
    expect([code, out]).toEqual([1, expect.stringMatching(/It is of commit .*\n.*stale/u)]);
    execFileSync('rm', [join(folder.folder, 'gate_sign_off.intoto.jsonl')]);
    expect((await verify()).out).toContain('the attestation is missing');
  });

  test('there is nothing to verify in an empty folder', async () => {
    const { code } = await runCommand(gatesVerify, ['.seatrial'], folder.around);
    expect(code).toBe(2);
  });
});
