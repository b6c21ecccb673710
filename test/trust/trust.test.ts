import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeSource } from '../../src/diagnostics/source.ts';
import { readAllowlist } from '../../src/trust/allowlist.ts';
import { decideTrust } from '../../src/trust/decide.ts';
import { scopeDigest, scopeOf, type ScopeEntry } from '../../src/trust/scope.ts';

const hex = 'a'.repeat(64);
const list = (text: string) => readAllowlist(makeSource('trust.allow', text));
const rest = 'mara 2026-11-02 read it all';

describe('readAllowlist', () => {
  test('reads lines and comments', () => {
    const { grants, problems } = list(
      `# app\n\nnotes approved+docker sha256:${hex} ${rest}\nnodex\tsandboxed any ${rest}\n`,
    );
    expect(problems).toEqual([]);
    expect([...grants.values()]).toMatchObject([
      { app: 'notes', authority: 'approved+docker', content: hex, approvedBy: 'mara' },
      { app: 'nodex', authority: 'sandboxed', content: 'any', reason: 'read it all' },
    ]);
  });

  test.each([
    ['TRU001', `* approved sha256:${hex} ${rest}`],
    ['TRU001', `note? sandboxed any ${rest}`],
    ['TRU002', `notes approved any ${rest}`],
    ['TRU002', `notes approved+docker any ${rest}`],
    ['TRU002', `notes approved sha256:${hex.slice(1)} ${rest}`],
    ['TRU002', `notes sandboxed sha256:abc ${rest}`],
    ['TRU003', `notes sandboxed any ${rest}\nnotes approved sha256:${hex} ${rest}`],
    ['TRU005', 'notes approved'],
    ['TRU005', `Notes approved sha256:${hex} ${rest}`],
    ['TRU005', `notes root sha256:${hex} ${rest}`],
    ['TRU005', `notes approved sha256:${hex} mara yesterday read`],
  ])('%s denies everything: %s', (code, text) => {
    const { grants, problems } = list(`other approved sha256:${hex} ${rest}\n${text}\n`);
    expect(problems.map((problem) => problem.code)).toEqual([code]);
    expect(grants.size).toBe(0);
  });

  test('is total, and grants nothing to anybody by accident', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const { grants } = list(text);
        return grants.size === 0;
      }),
    );
  });
});

const entry = (path: string, content = hex, mode: ScopeEntry['mode'] = '100644'): ScopeEntry => ({
  ...{ path, sha256: content, mode },
});
const scope = [entry('tests/test_install.py'), entry('tests/install_steps.sh', hex, '100755')];

describe('decideTrust', () => {
  const grantFor = (digest: string) => list(`notes approved sha256:${digest} ${rest}\n`);

  test('denies without a line', () => {
    expect(decideTrust('notes', scope, list(''))).toMatchObject({
      authority: 'denied',
      reason: 'not-approved',
      found: [
        { path: 'tests/test_install.py', kind: 'checks' },
        { path: 'tests/install_steps.sh', kind: 'install steps' },
      ],
    });
    expect(decideTrust('note', scope, grantFor(scopeDigest(scope))).authority).toBe('denied');
  });

  test('approves the content that was read, in any order', () => {
    const grant = grantFor(scopeDigest(scope));
    expect(decideTrust('notes', scope, grant).authority).toBe('approved');
    expect(decideTrust('notes', scope.toReversed(), grant).authority).toBe('approved');
  });

  test.each([
    ['one byte', [entry('tests/test_install.py', `b${hex.slice(1)}`), ...scope.slice(1)]],
    ['one mode', [entry('tests/test_install.py', hex, '100755'), ...scope.slice(1)]],
    ['one name', [entry('tests/test_instal.py'), ...scope.slice(1)]],
    ['one file more, which nothing runs', [...scope, entry('tests/data.bin')]],
    ['one file less', scope.slice(1)],
    ['a manifest', [...scope, entry('seatrial.yaml')]],
  ])('%s revokes', (_, changed) => {
    expect(decideTrust('notes', changed, grantFor(scopeDigest(scope)))).toMatchObject({
      authority: 'denied',
      reason: 'content-differs',
    });
  });

  test('no content is bound in a sandbox only', () => {
    expect(decideTrust('notes', scope, list(`notes sandboxed any ${rest}`)).authority).toBe(
      'sandboxed',
    );
  });
});

test('the scope is tests/ and seatrial.yaml, links by their target', () => {
  const common = { sizeBytes: 1, uid: 0, gid: 0 };
  const found = scopeOf([
    { path: 'compose.yml', kind: 'file', mode: 0o644, sha256: hex, ...common },
    { path: 'tests', kind: 'directory', mode: 0o755, ...common },
    { path: 'tests/a', kind: 'symlink', mode: 0o777, target: '../compose.yml', ...common },
    { path: 'tests/b.sh', kind: 'file', mode: 0o755, sha256: hex, ...common },
    { path: 'seatrial.yaml', kind: 'file', mode: 0o644, sha256: hex, ...common },
  ]);
  expect(found.map(({ path, mode }) => [path, mode])).toEqual([
    ['tests/a', '120000'],
    ['tests/b.sh', '100755'],
    ['seatrial.yaml', '100644'],
  ]);
});
