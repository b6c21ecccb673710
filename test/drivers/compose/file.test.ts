import { expect, test } from 'vitest';
import { assertFilled, restartOf } from '../../../src/drivers/compose/file.ts';
import type { StackConfig, StackService } from '../../../src/ports/stack.ts';

test.each<[string, StackConfig, boolean]>([
  ['a template', { content: 'a {{ env "B" }}', template_driver: 'golang' }, false],
  ['a template with nothing to fill in', { content: 'a', template_driver: 'golang' }, true],
  ['text that looks like one', { content: 'a {{ b }}' }, true],
  ['one that a hook makes in a Swarm', { name: 'x_v1' }, false],
])('%s', (_, config, allowed) => {
  const deploy = () => {
    assertFilled({ configs: { page: config } });
  };
  if (allowed) expect(deploy).not.toThrow();
  else expect(deploy).toThrow(expect.objectContaining({ code: 'unavailable' }));
});

test.each<[Pick<StackService, 'restart' | 'deploy'>, string]>([
  [{}, 'no'],
  [{ restart: 'unless-stopped' }, 'unless-stopped'],
  [{ deploy: { restart_policy: {} } }, 'always'],
  [{ restart: 'always', deploy: { restart_policy: { condition: 'none' } } }, 'no'],
  [{ deploy: { restart_policy: { condition: 'any', max_attempts: 3 } } }, 'always'],
  [{ deploy: { restart_policy: { condition: 'on-failure' } } }, 'on-failure'],
  [{ deploy: { restart_policy: { condition: 'on-failure', max_attempts: 3 } } }, 'on-failure:3'],
])('restarts of %j', (service, want) => {
  expect(restartOf({ image: 'x', ...service })).toBe(want);
});
