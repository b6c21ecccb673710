// An app of two services that a run deploys on a real engine, with one of everything an engine can
// make; and what the engine holds of a run, or of a neighbour who must not notice it.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { type Engine, query } from '../../src/drivers/docker/engine.ts';
import { labels } from '../../src/drivers/docker/names.ts';
import { type Files, makeApp, type RealApp } from './real-run.ts';

export type StackKind = 'compose' | 'swarm';

const manifest = (kind: StackKind, app: string, more: string): string => `seatrial: 1
app: ${app}
driver: ${kind}
source: { directory: releases }
health: { none: 'it publishes no port' }
probes: [{ exec: ['true'] }]
timeouts: { settle: 5, deploy: 60 }
resolveImage: never
${more}`;

const service = (version: string, more = ''): string => `
    image: seatrial-fixture/busybox:1
    init: true
    command: ["sleep", "3600"]
    environment: ["RELEASE=${version}"]
    stop_grace_period: 1s
    volumes: ["data:/data", "/cache"]
    networks: [inside]
    deploy:
      labels: ["backupbot.backup=true", "coop-cloud.\${STACK_NAME}.version=${version}+1"]
      update_config: { monitor: 300ms, order: start-first }
      restart_policy: { condition: any }${more}`;

const published = (port: number): string => `
    ports: [{ target: 8080, published: ${String(port)}, mode: host }]`;

const compose = (version: string, port: number | undefined): string => `version: "3.8"
services:
  app:${service(version, port === undefined ? '' : published(port))}
    configs: [{ source: words, target: /words }]
    secrets: [token]
  side:${service(version)}
networks:
  inside:
volumes:
  data:
configs:
  words: { file: words.txt, name: "\${STACK_NAME}_words_v${version.replaceAll('.', '')}" }
secrets:
  token: { external: true, name: "\${STACK_NAME}_token_v1" }
`;

/** Where the engine is, and its client's configuration. */
export type EngineHere = { readonly host: string; readonly config: string | undefined };

export type StackAppOptions = {
  /** Published by the service `app`. */
  readonly port?: number;
  /** Lines for the manifest. */
  readonly manifest?: string;
  readonly files?: Files;
};

/** `app` becomes part of every name in the engine. */
export async function makeStackApp(
  kind: StackKind,
  app: string,
  { host, config }: EngineHere,
  { port, manifest: more = '', files: beside = {} }: StackAppOptions = {},
): Promise<RealApp> {
  const release = (version: string) => ({
    [`releases/${version}/compose.yml`]: compose(version, port),
    [`releases/${version}/words.txt`]: `words of ${version}\n`,
    [`releases/${version}/.env.sample`]: 'SECRET_TOKEN_VERSION=v1\n',
  });
  const files = {
    'seatrial.yaml': manifest(kind, app, more),
    ...release('1.0.0'),
    ...release('1.1.0'),
    ...beside,
  };
  const made = await makeApp(files);
  const own = config === undefined ? {} : { SEATRIAL_DOCKER_CONFIG: config };
  return { ...made, env: { ...made.env, SEATRIAL_DOCKER_HOST: host, ...own } };
}

/** Kind and name of everything that carries the label. */
export async function heldBy(engine: Engine, label: string): Promise<readonly string[]> {
  const filter = query({ all: true, filters: { label: [label] } });
  const names = async (kind: string, path: string): Promise<readonly string[]> => {
    const { value } = await engine.call({ path: `/${path}${filter}`, allow: [503] });
    const listed = value as { Volumes?: unknown } | readonly unknown[];
    const all = (
      Array.isArray(listed) ? listed : ((listed as { Volumes?: unknown }).Volumes ?? [])
    ) as readonly { Name?: string; Names?: readonly string[]; Spec?: { Name: string } }[];
    return all.map((each) => `${kind} ${each.Spec?.Name ?? each.Name ?? each.Names?.[0] ?? ''}`);
  };
  return [
    ...(await names('service', 'services')),
    ...(await names('container', 'containers/json')),
    ...(await names('network', 'networks')),
    ...(await names('volume', 'volumes')),
    ...(await names('config', 'configs')),
    ...(await names('secret', 'secrets')),
  ].sort();
}

export const markOf = (run: string): string => `${labels.run}=${run}`;

const neighbourFile = `version: "3.8"
services:
  web:
    image: seatrial-fixture/busybox:1
    init: true
    command: ["sleep", "3600"]
    stop_grace_period: 1s
    volumes: ["kept:/kept"]
    secrets: [word]
    configs: [text]
volumes: { kept: {} }
configs: { text: { file: /etc/hostname } }
secrets: { word: { file: /etc/hostname } }
`;

export type Neighbour = {
  /** Ids, versions and times of everything it has: equal as long as nobody touched it. */
  readonly digest: () => Promise<string>;
  readonly remove: () => Promise<void>;
};

/** A Swarm stack of somebody who has nothing to do with Seatrial. */
export async function deployNeighbour(engine: Engine, stack: string): Promise<Neighbour> {
  const env = { ...process.env, DOCKER_HOST: `unix://${engine.socket}` };
  const docker = (...args: readonly string[]) => promisify(execFile)('docker', [...args], { env });
  const running = execFile(
    'docker',
    ['stack', 'deploy', '-c', '-', '--resolve-image', 'never', stack],
    {
      env,
    },
  );
  running.stdin?.end(neighbourFile);
  await new Promise<void>((resolve, reject) => {
    running.once('error', reject).once('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`the neighbour was refused: ${String(code)}`));
    });
  });
  const filter = query({ filters: { label: [`com.docker.stack.namespace=${stack}`] } });
  const of = async (path: string) => JSON.stringify((await engine.call({ path })).value);
  const ids = async () =>
    (
      (await engine.call({ path: `/tasks${filter}` })).value as unknown as readonly {
        ID: string;
        Status: { State: string };
      }[]
    ).map(({ ID: id, Status: { State: state } }) => `${id} ${state}`);
  while (!(await ids()).some((each) => each.endsWith('running')))
    await new Promise((resolve) => setTimeout(resolve, 100));
  return {
    digest: async () =>
      [
        ...(await ids()),
        ...(await Promise.all(
          ['services', 'networks', 'volumes', 'configs', 'secrets'].map((kind) =>
            of(`/${kind}${filter}`),
          ),
        )),
      ].join('\n'),
    remove: async () => {
      await docker('stack', 'rm', stack);
      const volume = `/volumes/${stack}_kept`;
      for (let tries = 0; tries < 100; tries += 1) {
        const { status } = await engine.call({ method: 'DELETE', path: volume, allow: [404, 409] });
        if (status !== 409) return;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    },
  };
}
