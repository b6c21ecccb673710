// The app of one instance in abra's eyes: a home of its own, the recipe's checkout, the environment.

import { join } from 'node:path';

import type { PreparedRelease } from '../../ports/release.ts';
import type { Stack } from '../../ports/stack.ts';
import { WorldError } from '../../ports/world-error.ts';
import type { Instance, Stage } from '../docker/instance.ts';
import { type AbraAnswer, type AbraPlace, callAbra } from './command.ts';
import { type Checkout, openCheckout } from './checkout.ts';
import { envFile, namesRecipe } from './env-file.ts';

/** The engine of this host, as abra calls it: it needs no context of Docker's client. */
const server = 'default';

export type AbraApp = {
  readonly domain: string;
  readonly checkout: Checkout;
  /** Names of secrets in the engine that were made through abra. */
  readonly secrets: Set<string>;
  /** Folder for what is handed over in files. */
  readonly home: string;
  /** Throws where it fails; `args` without `app`. */
  readonly call: (args: readonly string[], signal: AbortSignal) => Promise<AbraAnswer>;
  readonly writeEnv: (release: PreparedRelease, stage: Stage) => Promise<void>;
};

type Opening = {
  readonly place: Omit<AbraPlace, 'home'>;
  readonly cloneTo: (to: string) => Promise<void>;
  readonly stack: Stack;
  readonly release: PreparedRelease;
  readonly signal: AbortSignal;
};

/** Makes the home, clones the recipe and has abra make the app. The checkout is anywhere afterwards. */
export async function openApp(
  instance: Instance,
  { place, cloneTo, stack, release, signal }: Opening,
): Promise<AbraApp> {
  const { context, options, settings } = instance;
  const { app } = context;
  const domain = domainOf(stack);
  const home = join(context.work, 'abra');
  const recipe = join(home, 'recipes', app);
  const { files, processes } = options;
  for (const folder of ['', 'recipes', 'catalogue', 'servers', join('servers', server)])
    await files.makeDirectory(join(home, folder), 0o700);
  await cloneTo(recipe);
  const checkout = openCheckout(processes, recipe);
  await checkout.set(commitOf(release));
  const call: AbraApp['call'] = async (args, own) => {
    const timeoutMs = settings.timeouts.deploy * 1000;
    return callAbra({ ...place, home }, { args: ['app', ...args], timeoutMs, signal: own });
  };
  const made = ['new', app, '--server', server, '--domain', domain, '--no-input'];
  await must(call(made, signal), 'app new');
  const envPath = join(home, 'servers', server, `${domain}.env`);
  if ((await files.stat(envPath)) === undefined)
    throw new WorldError('unavailable', 'abra app new says that it is done, and made no app');
  return {
    ...{ domain, checkout, home, call, secrets: new Set<string>() },
    writeEnv: async ({ root }, stage) => {
      const sample = await files.readText(join(root, '.env.sample'), sampleBytes);
      const env = { ...context.env, ...(stage === 'head' ? context.upgradeEnv : {}) };
      if (!namesRecipe(sample))
        throw new WorldError('refused', 'the .env.sample of the recipe has no TYPE', {
          hint: `abra finds an app's recipe by it: write TYPE=${app}.`,
        });
      await files.replace(envPath, envFile(sample, { app, domain, env }), 0o600);
    },
  };
}

const sampleBytes = 1024 * 1024;

/** Only what failed says whose fault it was: abra itself is the testbed's. */
export async function must(answer: Promise<AbraAnswer>, what: string): Promise<AbraAnswer> {
  const { exitCode, said, failed } = await answer;
  if (failed) throw new WorldError('unavailable', told(what, { exitCode, said, failed }));
  return { exitCode, said, failed };
}

export const told = (what: string, { exitCode, said }: AbraAnswer): string =>
  `abra ${what} ended with ${String(exitCode ?? 'a signal')}: ${said.slice(-2000)}`;

/** Throws `refused` for what is no commit: abra deploys a checkout. */
export function commitOf({ release: { commit, ref } }: PreparedRelease): string {
  if (commit !== undefined) return commit;
  throw new WorldError('refused', `${ref} is no commit, and abra deploys a repository's checkout`, {
    hint: 'Name a repository in `source.git`, and a tag, branch or commit as --head.',
  });
}

function domainOf({ domain, name }: Stack): string {
  if (domain !== undefined) return domain;
  throw new WorldError('refused', `the stack ${name} has no domain, and abra knows apps by theirs`);
}
