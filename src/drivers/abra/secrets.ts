// Secrets of a stack, made through abra before the stack that uses them.

import { join } from 'node:path';

import type { Stack, StackSecret } from '../../ports/stack.ts';
import { WorldError } from '../../ports/world-error.ts';
import type { SwarmFile } from '../docker/facts.ts';
import type { Instance } from '../docker/instance.ts';
import { nameIn } from '../docker/names.ts';
import { type AbraApp, must } from './app.ts';

type Wanted = { readonly key: string; readonly name: string; readonly version: string } & Pick<
  StackSecret,
  'value'
>;

/** Those that the engine does not have yet. Values that abra makes are hidden before anything could show them. */
export async function makeSecrets(
  instance: Instance,
  stack: Stack,
  { app, signal }: { readonly app: AbraApp; readonly signal: AbortSignal },
): Promise<void> {
  const present = await secretNames(instance);
  const all = Object.entries(stack.secrets ?? {}).map(([key, { value }]): Wanted => {
    const name = nameIn(stack, 'secret', key);
    return { key, name, value, version: name.slice(`${stack.name}_${key}_`.length) };
  });
  const wanted = all.filter(({ name }) => !present.has(name));
  await generate(instance, app, { all, wanted, signal });
  for (const each of wanted)
    if ('given' in each.value) await insert(instance, app, { ...each, signal });
  const made = await secretNames(instance);
  for (const { name } of wanted) if (made.has(name)) app.secrets.add(name);
  const missing = wanted.find(({ name }) => !made.has(name));
  if (missing !== undefined)
    throw new WorldError('unavailable', `abra says that secret ${missing.key} is made: it is not`);
}

async function secretNames({ engine }: Instance): Promise<ReadonlySet<string>> {
  const { value } = await engine.call({ path: '/secrets' });
  return new Set(
    (value as unknown as readonly SwarmFile[]).map(({ Spec: { Name: name } }) => name),
  );
}

type Generating = {
  readonly all: readonly Wanted[];
  readonly wanted: readonly Wanted[];
  readonly signal: AbortSignal;
};

/** All at once, or one by one where some are there already or are given. */
async function generate(
  { context }: Instance,
  app: AbraApp,
  { all, wanted, signal }: Generating,
): Promise<void> {
  const generated = wanted.filter(({ value }) => 'generate' in value);
  const which =
    generated.length === all.length
      ? [['--all']]
      : generated.map(({ key, version }) => [key, version]);
  for (const words of generated.length === 0 ? [] : which) {
    const call = ['secret', 'generate', app.domain, ...words, '--machine', '--no-input'];
    const { said } = await must(app.call(call, signal).then(withoutValues), 'app secret generate');
    for (const [name, value] of valuesIn(said)) context.hide?.(name, value);
  }
}

/** A failure is told, and what it says may hold values that were made before it. */
const withoutValues = <Answer extends { readonly failed: boolean; readonly said: string }>(
  answer: Answer,
): Answer =>
  answer.failed ? { ...answer, said: answer.said.replaceAll(/\[[\s\S]*\]/g, '[…]') } : answer;

/** Rows of a table as JSON: name and value of each secret. */
function valuesIn(said: string): readonly (readonly [string, string])[] {
  const unread = new WorldError('unavailable', 'abra does not tell the secrets that it made', {
    hint: 'Without their values nothing could be redacted.',
  });
  const text = said.slice(said.indexOf('['), said.lastIndexOf(']') + 1);
  const rows = parsed(text);
  if (!Array.isArray(rows) || rows.length === 0) throw unread;
  return rows.map((row: unknown) => {
    const { name, value } = Object(row) as { readonly name?: unknown; readonly value?: unknown };
    if (typeof name !== 'string' || typeof value !== 'string' || value === '') throw unread;
    return [name, value] as const;
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** By a file: arguments are there for every user of the host to read. */
async function insert(
  { options: { files }, context }: Instance,
  app: AbraApp,
  { key, version, value, signal }: Wanted & { readonly signal: AbortSignal },
): Promise<void> {
  if (!('given' in value)) return;
  context.hide?.(key, value.given);
  const path = join(app.home, `secret-${key}`);
  await files.replace(path, value.given, 0o600);
  try {
    const call = ['secret', 'insert', app.domain, key, version, path, '--file', '--no-input'];
    await must(app.call(call, signal), 'app secret insert');
  } finally {
    await files.remove(path);
  }
}
