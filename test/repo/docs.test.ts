import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { references } from '../../scripts/references.ts';

const fresh = await references();

test.each(Object.keys(fresh))('%s is what the code says', (path) => {
  expect(readFileSync(path, 'utf8')).toBe(fresh[path]);
});

test('README has at most 150 lines', () => {
  expect(readFileSync('README.md', 'utf8').split('\n').length).toBeLessThanOrEqual(151);
});

test.each(['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'SECURITY.md', 'docs/start.md'])(
  'every local link of %s leads somewhere',
  (page) => {
    const folder = page.includes('/') ? page.slice(0, page.lastIndexOf('/') + 1) : '';
    const links = [...readFileSync(page, 'utf8').matchAll(/\]\((?!https?:)([^)#\s]+)/g)];
    for (const [, target = ''] of links)
      expect(() => readFileSync(`${folder}${target}`), target).not.toThrow(/ENOENT/);
  },
);
