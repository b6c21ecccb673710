import { expect, test } from 'vitest';
import { makeSource } from '../../src/diagnostics/source.ts';
import { readAllowlist } from '../../src/trust/allowlist.ts';
import { decideProvider } from '../../src/trust/decide-provider.ts';

const digest = 'a'.repeat(64);
const other = 'b'.repeat(64);
const line = (name: string, authority: string, content: string): string =>
  `${name} ${authority} ${content} me 2026-11-02 read it\n`;

test.each([
  ['p.mjs', line('provider-p', 'approved', `sha256:${digest}`), undefined],
  ['p.ts', line('provider-p', 'approved+docker', `sha256:${digest}`), undefined],
  ['p.mjs', '', 'not-approved'],
  ['p.mjs', line('p', 'approved', `sha256:${digest}`), 'not-approved'],
  ['p.mjs', line('provider-p', 'approved', `sha256:${other}`), 'content-differs'],
  ['p.mjs', line('provider-p', 'sandboxed', `sha256:${digest}`), 'not-sandboxed'],
  ['p.mjs', line('provider-p', 'sandboxed', 'any'), 'not-sandboxed'],
  // A list with an error denies everything.
  ['p.mjs', `${line('provider-p', 'approved', `sha256:${digest}`)}*\n`, 'not-approved'],
  ['P.mjs', line('provider-p', 'approved', `sha256:${digest}`), 'no-name'],
  [`${'p'.repeat(31)}.mjs`, '', 'no-name'],
  ['.mjs', '', 'no-name'],
])('%s with %j: %s', (file, list, reason) => {
  const read = readAllowlist(makeSource('trust.allow', list));
  expect(decideProvider(file, digest, read).reason).toBe(reason);
});
