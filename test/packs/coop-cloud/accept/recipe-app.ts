// A recipe of a test's own on a real Swarm: two releases in a folder, each as its Compose file says, and
// hooks that reach the engine as only the harness's owner may.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunState } from '../../../../src/evidence/run-state.ts';
import { type Files, makeApp, type RealApp, runsOf, stateOf } from '../../../lifecycle/real-run.ts';
import { cliConfig, engineHost } from '../../../drivers/docker/engine-here.ts';

/** Services by name: lines of their Compose description. */
export type Services = Readonly<Record<string, string>>;

export const busybox = `
    image: seatrial-fixture/busybox:1
    init: true
    stop_grace_period: 1s`;
export const idle = `${busybox}
    command: ["sleep", "3600"]`;

export type RecipeOptions = {
  readonly base: Services;
  readonly head?: Services;
  /** Below the services: volumes, networks. */
  readonly more?: string;
  /** Further files of each release. */
  readonly beside?: Files;
  readonly manifest?: string;
  readonly files?: Files;
  readonly host?: string;
  /** Default `never`: no registry has the images. */
  readonly resolveImage?: 'changed';
};

const compose = (version: string, services: Services, more: string): string => `version: '3.8'
services:
${Object.entries(services)
  .map(([name, lines]) => `  ${name}:${lines}\n`)
  .join('')}${more}
x-version: '${version}'
`;

const engineEnv = (host = engineHost ?? '') => ({
  SEATRIAL_DOCKER_HOST: host,
  ...(cliConfig === undefined ? {} : { SEATRIAL_DOCKER_CONFIG: cliConfig }),
});

const manifestOf = (name: string, resolve: string, manifest: string): string => `seatrial: 1
app: ${name}
driver: swarm
source: { directory: releases }
resolveImage: ${resolve}
timeouts: { settle: 5, deploy: 60, http: 15, hook: 30, remove: 20 }
${manifest.includes('health:') ? '' : "health: { none: 'it publishes no port' }\nprobes: [{ exec: ['true'] }]\n"}${manifest}`;

let made = 0;

/** `purpose` becomes part of every name in the engine: lower-case letters. */
export async function makeRecipeApp(
  purpose: string,
  { base, head = base, more = '', beside = {}, manifest = '', files = {}, ...on }: RecipeOptions,
): Promise<RealApp> {
  made += 1;
  const name = `${purpose}${String(made)}-${String(process.pid)}`;
  const release = (version: string, services: Services) => ({
    [`releases/${version}/compose.yml`]: compose(version, services, more),
    [`releases/${version}/.env.sample`]: '',
    ...Object.fromEntries(
      Object.entries(beside).map(([path, text]) => [`releases/${version}/${path}`, text]),
    ),
  });
  const app = await makeApp({
    'seatrial.yaml': manifestOf(name, on.resolveImage ?? 'never', manifest),
    ...release('1.0.0', base),
    ...release('1.1.0', head),
    ...files,
  });
  return { ...app, env: { ...app.env, ...engineEnv(on.host) } };
}

/** Files of an app in the folder beside an app of the same kind, and the name by which that one needs it. */
export function besideOf(
  purpose: string,
  services: Services,
  more = '',
): { readonly name: string; readonly files: Files } {
  made += 1;
  const name = `${purpose}${String(made)}-${String(process.pid)}`;
  return {
    name,
    files: {
      [`../${name}/seatrial.yaml`]: manifestOf(name, 'never', ''),
      [`../${name}/releases/1.0.0/compose.yml`]: compose('1.0.0', services, more),
      [`../${name}/releases/1.0.0/.env.sample`]: '',
    },
  };
}

/** Label that tells recipes from plain Compose files, with the version it claims. */
export const labelled = (version: string, ...more: readonly string[]): string => `
      labels:${[`coop-cloud.\${STACK_NAME}.version=${version}+1`, ...more].map((each) => `\n        - "${each}"`).join('')}`;

/** A hook that has the engine's own program, for what happens to an app from outside. */
export const dockerHook = (script: string): string => `export DOCKER_HOST=${engineHost ?? ''}
docker() { command docker "$@" >/dev/null; }
${script}
`;

export async function newestState(app: RealApp): Promise<RunState | undefined> {
  const [id] = (await runsOf(app)).toReversed();
  return id === undefined ? undefined : stateOf(app, id);
}

export async function until<Value>(look: () => Promise<Value | undefined>): Promise<Value> {
  for (;;) {
    const seen = await look();
    if (seen !== undefined) return seen;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** The newest run once an operation of it has begun. */
export const reached = (app: RealApp, operation: string): Promise<RunState> =>
  until(async () => {
    const state = await newestState(app);
    const found = state?.operations.find(({ name }) => name === operation);
    return found?.startedAt === undefined ? undefined : state;
  });

/** Process ids of the children of a process, by the program they run. */
export function childrenOf(pid: number, program: string): readonly number[] {
  const children = readFileSync(`/proc/${String(pid)}/task/${String(pid)}/children`, 'utf8');
  return children
    .split(' ')
    .filter((each) => each !== '')
    .map(Number)
    .filter(
      (child) => readFileSync(join('/proc', String(child), 'comm'), 'utf8').trim() === program,
    );
}
