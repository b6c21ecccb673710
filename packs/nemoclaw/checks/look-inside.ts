// How collectors look into a container of a fixture: by what runs inside, or from outside when nothing does any more.

import type { Json, JsonObject, PackContext } from 'seatrial';

type Inside = Pick<PackContext, 'ports' | 'fixtures'>;

/** Name of a fixture's container. */
export const containerOf = ({ fixtures }: Inside, fixture: string): string =>
  fixtures[fixture]?.['name'] ?? '';

export const objectIn = (value: unknown): JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};

/** A text or a number; anything else is `absent`. */
export const textIn = (value: Json | undefined): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : 'absent';

/** Stands where a container has ended, so that nothing is compared with nothing. */
export const ended = 'the container has ended';

export async function stateOf(
  context: Inside,
  fixture: string,
): Promise<{
  readonly isRunning: boolean;
  readonly exit: number;
  readonly env: readonly string[];
}> {
  const found = await context.ports.sandbox.inspect(containerOf(context, fixture));
  const state = objectIn(found?.['State']);
  const env = objectIn(found?.['Config'])['Env'];
  return {
    isRunning: state['Running'] === true,
    exit: typeof state['ExitCode'] === 'number' ? state['ExitCode'] : -1,
    env: Array.isArray(env) ? env.map(String) : [],
  };
}

/** What a script of the shell says inside, as that user; `ended` when nothing runs there. */
export async function told(
  context: Inside,
  fixture: string,
  { script, user = '0' }: { readonly script: string; readonly user?: string },
): Promise<string> {
  if (!(await stateOf(context, fixture)).isRunning) return ended;
  const { stdout } = await context.ports.sandbox.exec(containerOf(context, fixture), {
    argv: ['/bin/sh', '-c', script],
    // Where a fixture planted a hostile one, the probe itself is not to be its victim.
    env: { PATH: '/usr/local/bin:/usr/bin:/bin:/sbin' },
    user,
  });
  return stdout.trim();
}

/** The lines `name: value` of a text. */
export const namedIn = (text: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    text.split('\n').flatMap((line) => {
      const at = line.indexOf(': ');
      return at < 0 ? [] : [[line.slice(0, at), line.slice(at + 2)]];
    }),
  );
