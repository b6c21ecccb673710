// Configs and secrets of a stack, made in the engine before the stack that uses them.

import type { Stack } from '../../ports/stack.ts';
import { WorldError } from '../../ports/world-error.ts';
import { type Instance, marksOf } from '../docker/instance.ts';
import type { SwarmFile } from '../docker/facts.ts';
import { nameIn } from '../docker/names.ts';
import { secretValues } from '../docker/secret-values.ts';
import { namespace } from './snapshot.ts';

type Wanted = {
  readonly name: string;
  readonly content: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly template?: string;
};

/** What is there under its name stays; a config's content cannot change, so a new one needs a new name. */
export async function makeFiles(instance: Instance, stack: Stack): Promise<void> {
  const marks = { ...marksOf(instance.context), [namespace]: stack.name };
  const configs = Object.entries(stack.configs ?? {}).map(
    ([key, { content, labels, template_driver: template }]): Wanted => ({
      name: nameIn(stack, 'config', key),
      content,
      labels: { ...labels, ...marks },
      ...(template === undefined ? {} : { template }),
    }),
  );
  await make(instance, 'configs', configs);
  const values = secretValues(instance, stack);
  const secrets = Object.entries(stack.secrets ?? {}).map(([key, { labels }]): Wanted => ({
    name: nameIn(stack, 'secret', key),
    content: values[key] ?? '',
    labels: { ...labels, ...marks },
  }));
  await make(instance, 'secrets', secrets);
}

async function make(
  { engine }: Instance,
  kind: 'configs' | 'secrets',
  wanted: readonly Wanted[],
): Promise<void> {
  if (wanted.length === 0) return;
  const { value } = await engine.call({ path: `/${kind}` });
  const present = new Map(
    (value as unknown as readonly SwarmFile[]).map(({ Spec }) => [Spec.Name, Spec.Data]),
  );
  for (const { name, content, labels, template } of wanted) {
    const data = Buffer.from(content).toString('base64');
    const known = present.get(name);
    if (present.has(name) && (kind === 'secrets' || known === data)) continue;
    if (present.has(name))
      throw new WorldError('app-failed', `config ${name} has new content under its old name`, {
        hint: 'Give the config a version in its name and count it up with every change.',
      });
    await engine.call({
      method: 'POST',
      path: `/${kind}/create`,
      json: {
        ...{ Name: name, Labels: labels, Data: data },
        ...(template === undefined ? {} : { Templating: { Name: template } }),
      },
    });
  }
}
