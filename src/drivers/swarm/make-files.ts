// Configs and secrets of a stack, made in the engine before the stack that uses them.

import { query, type Engine } from '../docker/engine.ts';
import type { Stack } from '../../ports/stack.ts';
import { WorldError } from '../../ports/world-error.ts';
import { type Instance, marksOf } from '../docker/instance.ts';
import type { SwarmFile } from '../docker/facts.ts';
import { nameIn } from '../docker/names.ts';
import { secretValues } from '../docker/secret-values.ts';
import { contentOf } from '../docker/stack-file.ts';
import { namespace } from './snapshot.ts';

type Wanted = {
  readonly name: string;
  /** Absent: somebody else has made it. */
  readonly content?: Uint8Array;
  readonly labels: Readonly<Record<string, string>>;
  readonly template?: string;
};

/** What is there under its name stays; a config's content cannot change, so a new one needs a new name. */
export async function makeFiles(instance: Instance, stack: Stack): Promise<void> {
  const marks = { ...marksOf(instance.context), [namespace]: stack.name };
  const configs = Object.entries(stack.configs ?? {}).map(([key, config]): Wanted => {
    const content = contentOf(config);
    const { labels, template_driver: template } = config;
    return {
      name: nameIn(stack, 'config', key),
      ...(content === undefined ? {} : { content }),
      labels: { ...labels, ...marks },
      ...(template === undefined ? {} : { template }),
    };
  });
  await make(instance, 'configs', configs);
  const values = secretValues(instance, stack);
  const secrets = Object.entries(stack.secrets ?? {}).map(([key, { labels }]): Wanted => ({
    name: nameIn(stack, 'secret', key),
    content: Buffer.from(values[key] ?? ''),
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
    (value as unknown as readonly SwarmFile[]).map((file) => [file.Spec.Name, file]),
  );
  for (const { name, content, labels, template } of wanted) {
    const known = present.get(name);
    if (content === undefined) {
      await adopt(engine, { name, labels }, known);
      continue;
    }
    const data = Buffer.from(content).toString('base64');
    if (known !== undefined && (kind === 'secrets' || known.Spec.Data === data)) continue;
    if (known !== undefined)
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

/** What a hook made under a name of the stack gets the run's mark, and goes with the run. */
async function adopt(
  engine: Engine,
  { name, labels }: Pick<Wanted, 'name' | 'labels'>,
  known: SwarmFile | undefined,
): Promise<void> {
  if (known === undefined)
    throw new WorldError('unavailable', `config ${name} is not in the engine`, {
      hint: 'The recipe expects somebody to make it: let hook `prepare` do so.',
    });
  const { ID: id, Version: version, Spec: spec } = known;
  if (Object.entries(labels).every(([label, text]) => spec.Labels?.[label] === text)) return;
  await engine.call({
    method: 'POST',
    path: `/configs/${id}/update${query({ version: version?.Index ?? 0 })}`,
    json: { ...spec, Labels: { ...spec.Labels, ...labels } },
  });
}
