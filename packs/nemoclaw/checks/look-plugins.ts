// How the sandbox of a scenario about plugins is reached, and what is put before a command there.

import type { Json, JsonObject, PackCommand, PackContext, PackResult } from 'seatrial';
import { listIn, objectIn, sandboxOf, textIn } from './look-sandbox.ts';

type Command = Pick<PackCommand, 'env' | 'timeoutMs'> & {
  readonly argv: readonly string[];
  readonly user?: string;
};

/** Under a contract nobody is onboarded, and the subject made the sandbox. */
export const pluginSandbox = ({
  manifest,
  name,
  suffix,
}: Pick<PackContext, 'manifest' | 'name' | 'suffix'>): string =>
  manifest === undefined ? `plugins-${suffix}` : name;

/** The plugin that a manifest names; undefined under a contract. */
export function pluginOf({ manifest }: Pick<PackContext, 'manifest'>): string | undefined {
  const [first] = listIn(objectIn(objectIn(manifest?.['spec'])['state'])['plugins']);
  return first === undefined ? undefined : textIn(first);
}

/** As the user that plugins belong to, unless another one is named. */
export async function execInSandbox(context: PackContext, command: Command): Promise<PackResult> {
  const name = pluginSandbox(context);
  const { container } = await sandboxOf(context, name);
  if (container === '') throw new Error(`there is no container of ${name}`);
  return context.ports.sandbox.exec(container, {
    user: '998:998',
    ...command,
    argv: command.argv as [string, ...string[]],
    env: { HOME: '/sandbox', ...command.env },
  });
}

/** Words that go before a command there: the text of a launcher of the host, handed to the interpreter. */
export async function launched(
  { ports }: Pick<PackContext, 'ports'>,
  launcher: Json | undefined,
): Promise<readonly string[]> {
  if (textIn(launcher) === '') return [];
  const { text } = await ports.state.read(textIn(launcher));
  if (text === undefined) throw new Error(`${textIn(launcher)} cannot be read`);
  return ['perl', '-e', text];
}

/** `with` of an action, and the outputs of the fixture that it names. */
export const fixtureIn = (
  { fixtures }: Pick<PackContext, 'fixtures'>,
  inputs: JsonObject,
): Readonly<Record<string, string>> => fixtures[textIn(inputs['fixture'])] ?? {};
