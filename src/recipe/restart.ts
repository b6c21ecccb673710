// The key `restart` of a service. Docker calls it ignored, and yet makes a restart policy of it where
// `deploy` has none; measured with `docker stack deploy`.

import type { StackDeploy } from '../ports/stack.ts';

type Restart = NonNullable<StackDeploy['restart_policy']>;

/** Undefined where nothing follows from it: `no`, or no restart policy at all. */
export function restartPolicyOf(text: string): Restart | undefined {
  const [name, attempts = '0'] = text.split(':');
  if (name === 'always' || name === 'unless-stopped') return { condition: 'any' };
  return name === 'on-failure' && /^\d+$/.test(attempts)
    ? { condition: 'on-failure', max_attempts: Number(attempts) }
    : undefined;
}
