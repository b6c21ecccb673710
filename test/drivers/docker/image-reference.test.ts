import { expect, test } from 'vitest';
import { familiarReference, unpinned } from '../../../src/drivers/docker/image-reference.ts';

const digest = `sha256:${'0123456789abcdef'.repeat(4)}`;

// As `docker stack deploy` sends them, measured.
test.each([
  ['nginx', 'nginx:latest'],
  ['nginx:1.2', 'nginx:1.2'],
  ['docker.io/library/nginx:1.2', 'nginx:1.2'],
  ['library/nginx:1.2', 'nginx:1.2'],
  ['docker.io/example/app', 'example/app:latest'],
  ['index.docker.io/example/app:2', 'example/app:2'],
  ['ghcr.io/example/app', 'ghcr.io/example/app:latest'],
  ['ghcr.io/library/app:1', 'ghcr.io/library/app:1'],
  ['localhost:5000/app', 'localhost:5000/app:latest'],
  [`nginx@${digest}`, `nginx@${digest}`],
  [`docker.io/nginx:1.2@${digest}`, `nginx:1.2@${digest}`],
])('%s is %s', (written, short) => {
  expect(familiarReference(written)).toBe(short);
});

test('a digest that the engine added is left out, one that the release wrote is not', () => {
  expect(unpinned(`nginx:1.2@${digest}`, 'nginx:1.2')).toBe('nginx:1.2');
  expect(unpinned(`nginx:1.2@${digest}`, `nginx:1.2@${digest}`)).toBe(`nginx:1.2@${digest}`);
  expect(unpinned('nginx:1.3', 'nginx:1.2')).toBe('nginx:1.3');
});
