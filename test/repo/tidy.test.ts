// The habits of the repository, as tests. Each rule is shown to be able to fail.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const tracked = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { encoding: 'utf8' })
  .split('\n')
  .filter((path) => path !== '');
const textFiles = tracked.filter((path) => /\.(ts|mjs|js|md|ya?ml|json|sh)$/.test(path));

type Rule = { readonly name: string; readonly breaks: (path: string, text: string) => boolean };

const bannedFolders = /(^|\/)(utils?|helpers?|common|lib|misc)\//;
const rules: readonly (Rule & { readonly example: readonly [string, string] })[] = [
  {
    name: 'no folder without a noun',
    breaks: (path) => path.startsWith('src/') && bannedFolders.test(path),
    example: ['src/utils/text.ts', ''],
  },
  {
    name: 'no absolute path of a machine',
    breaks: (path, text) =>
      !path.startsWith('test/') && /(?<![\w.$/])\/(?:home|Users|root)\/\w/.test(text),
    example: ['README.md', 'see /home/mara/x'],
  },
  {
    name: 'no download address in the lockfile',
    breaks: (path, text) => path === 'package-lock.json' && text.includes('"resolved"'),
    example: ['package-lock.json', '"resolved": "x"'],
  },
  {
    name: 'exact versions',
    breaks: (path, text) => path === 'package.json' && /"[^"]+": "[\^~]\d/.test(text),
    example: ['package.json', '"yaml": "^2.0.0"'],
  },
  {
    name: 'no skipped test without a condition',
    breaks: (path, text) =>
      path.endsWith('.test.ts') && /\b(test|it|describe)\.(only|todo|skip)\(/.test(text),
    example: ['test/x.test.ts', ['test', 'only('].join('.')],
  },
];

test.each(rules)('$name', ({ breaks }) => {
  const self = 'test/repo/tidy.test.ts';
  const broken = [...textFiles, 'package-lock.json'].filter(
    (path) => path !== self && breaks(path, readFileSync(path, 'utf8')),
  );
  expect(broken).toEqual([]);
});

test.each(rules)('canary: "$name" can fail', ({ breaks, example: [path, text] }) => {
  expect(breaks(path, text)).toBe(true);
});

test('the rules looked at the files of the repository', () => {
  expect(textFiles.length).toBeGreaterThan(50);
});
