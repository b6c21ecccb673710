// What a Swarm gets to run of a recipe: once as the operators' client reads the recipe's own files, once as
// the driver sends it. Both go to an engine that only writes down what it is asked to make.

import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { makeEngine } from '../../../src/drivers/docker/engine.ts';
import type { ServiceFacts } from '../../../src/drivers/docker/facts.ts';
import { swarmFile } from '../../../src/drivers/swarm/file.ts';
import { seenShape, wantedShape } from '../../../src/drivers/swarm/shape.ts';
import type { InstanceContext } from '../../../src/ports/app-driver.ts';
import type { JsonObject } from '../../../src/ports/json.ts';
import type { Stack } from '../../../src/ports/stack.ts';
import { hostAccessOf } from '../../../src/recipe/lint-host.ts';
import { stackOfRecipe } from '../../../src/recipe/stack.ts';
import { load, told, type Tree } from '../../recipe/recipe-fixture.ts';
import { openRecordingEngine, type Recorded } from './recording-engine.ts';

const client = spawnSync('docker', ['stack', 'deploy', '--help']).status === 0;

const context = {
  ...{ run: 'r1', app: 'notes', instance: 'note-1', work: '/nowhere', settings: {} },
  ...{ env: {}, upgradeEnv: {} },
} as unknown as InstanceContext;

/** Values that say nothing, defaults in full, and the forms that clients write in another way. */
const recipe: Tree = {
  '.env.sample': 'COMPOSE_FILE=compose.yml:compose.more.yml\nTAG=1.2\nREPLICAS=2\n',
  'compose.yml': `version: "3.9"
x-base: &base
  logging: {driver: json-file, options: {max-size: 10m, max-file: "3"}}
  networks: [internal]
services:
  app:
    <<: *base
    image: docker.io/library/nginx
    command: sh -c 'echo "$$HOME" && exec nginx'
    environment: {A: "2", KEPT: "yes", TAG: , UNSET: , ZERO: -0.0, WHOLE: 1234567.0, HUGE: 1e21, BIG: 1234567.5, SMALL: 0.00001, MODE: 0755}
    ports: ["8080:80", "53:53/udp", "53:53/tcp", {target: 9000, published: 9001, mode: host}]
    volumes: ["data:/data:ro", /anonymous, {type: tmpfs, target: /t, tmpfs: {size: 1000}}]
    networks: {internal: {aliases: [web]}, proxy: }
    healthcheck: {test: "curl -f localhost || exit 1", interval: 0s, start_period: 1m30s, retries: 0}
    stop_grace_period: 0s
    depends_on: [db]
    deploy:
      labels: {a: "1", "b": "$$apr1$$x"}
      restart_policy: {condition: on-failure, delay: 0s, max_attempts: 0, window: 0s}
      update_config: {parallelism: 0, delay: 0s, monitor: 0s, max_failure_ratio: 0.3, order: start-first}
      resources: {limits: {pids: 100, memory: 1g}, reservations: {cpus: "0.25"}}
  db:
    <<: *base
    image: ghcr.io/example/db:\${TAG}
    restart: on-failure:5
    cap_drop: [ALL]
    ulimits: {nofile: {soft: 1, hard: 2}}
    sysctls: [net.core.somaxconn=1024]
    extra_hosts: {a: 1.2.3.4}
    tmpfs: /run
    dns: 1.1.1.1
    init: true
    healthcheck: {disable: true}
  cron: {image: index.docker.io/example/cron:2, restart: always, networks: {}, deploy: {replicas: 0}}
  agent: {image: localhost:5000/agent, networks: [default], healthcheck: {test: []}, deploy: {mode: global, endpoint_mode: dnsrr}}
  pinned:
    image: "nginx:1.2@sha256:${'0123456789abcdef'.repeat(4)}"
    networks: [hostnet]
    volumes: ["/etc/localtime:/etc/localtime:ro"]
networks: {internal: {internal: true}, proxy: {external: true}, hostnet: {external: true, name: host}}
volumes: {data: {driver: local, driver_opts: {type: tmpfs, device: tmpfs}}}
`,
  'compose.more.yml': `version: "3.9"
services:
  app:
    environment: ["A=", B=3]
    logging: {options: {max-size: ""}}
    deploy: {labels: {a: ""}, replicas: "\${REPLICAS}"}
`,
};

function stackOf(tree: Tree): { readonly stack: Stack; readonly variables: NodeJS.ProcessEnv } {
  const { recipe: loaded, problems } = load(tree);
  if (loaded === undefined) throw new Error(problems.map(told).join(', '));
  const hostAccess = hostAccessOf(loaded).map(({ kind, name }) => ({ [kind]: name }));
  const { stack, problems: refused } = stackOfRecipe(loaded, { given: {}, hostAccess });
  if (stack === undefined) throw new Error(refused.map(told).join(', '));
  return { stack, variables: Object.fromEntries(loaded.variables) };
}

async function deploy(
  engine: Recorded,
  files: readonly string[],
  { env = {}, input = '' }: { readonly env?: NodeJS.ProcessEnv; readonly input?: string },
): Promise<ReadonlyMap<string, JsonObject>> {
  engine.forget();
  const args = ['stack', 'deploy', '--resolve-image', 'never'];
  const child = spawn(
    'docker',
    ['-H', engine.host, ...args, ...files.flatMap((file) => ['-c', file]), 'notes_example_org'],
    { env: { PATH: process.env['PATH'], ...env } },
  );
  let said = '';
  child.stdout.resume();
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')));
  child.stdin.end(input);
  const code = await new Promise((resolve) => child.on('close', resolve));
  if (code !== 0) throw new Error(said);
  return new Map(engine.made);
}

/** Without marks of the run, order that means nothing, and what differs by intent, named here. */
function comparable(made: ReadonlyMap<string, JsonObject>): unknown {
  const isNoise = (key: string, value: unknown): boolean =>
    key.startsWith('seatrial.') ||
    // The kernel decides these, and \`app\` gets every variable of the recipe beside its own.
    ['Mode', 'PublishMode', 'EndpointSpec', 'Env'].includes(key) ||
    (typeof value === 'object' && value !== null && Object.keys(value).length === 0);
  const strip = (value: unknown): unknown => {
    if (Array.isArray(value))
      return value.map(strip).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
    if (value === null || typeof value !== 'object') return value;
    const kept = Object.entries(value)
      .map(([key, each]): [string, unknown] => [key, strip(each)])
      .filter(([key, each]) => !isNoise(key, each));
    return kept.length === 0 ? {} : Object.fromEntries(kept.sort(([a], [b]) => (a < b ? -1 : 1)));
  };
  return Object.fromEntries([...made].map(([name, spec]) => [name, strip(spec)]));
}

describe.skipIf(!client)('what `docker stack deploy` is asked to make', () => {
  let engine: Recorded;
  let folder = '';
  beforeAll(async () => {
    engine = await openRecordingEngine();
    folder = mkdtempSync(join(tmpdir(), 'seatrial-stack-'));
    for (const [name, text] of Object.entries(recipe)) writeFileSync(join(folder, name), text);
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true });
    await engine.close();
  });

  test('is the same from the recipe itself and from the rendered stack', async () => {
    const { stack, variables } = stackOf(recipe);
    const files = ['compose.yml', 'compose.more.yml'].map((file) => join(folder, file));
    const theirs = await deploy(engine, files, { env: variables });
    const ours = await deploy(engine, ['-'], { input: swarmFile({ context }, stack) });
    expect(comparable(ours)).toEqual(comparable(theirs));
    for (const [name, spec] of theirs)
      expect(environmentOf(ours.get(name))).toMatchObject(environmentOf(spec));
  });

  test('is what the stack says, read back', async () => {
    // What the client has itself is not passed on to the app.
    const text = (recipe['compose.yml'] ?? '').replace(
      '{image: index',
      '{environment: [PATH], image: index',
    );
    const { stack } = stackOf({ ...recipe, 'compose.yml': text });
    const made = await deploy(engine, ['-'], { input: swarmFile({ context }, stack) });
    expect(environmentOf(made.get('services/notes_example_org_cron'))).toEqual({});
    const reading = { context, engine: makeEngine(engine.host) };
    for (const [name, { image: written }] of Object.entries(stack.services)) {
      const want = await wantedShape(reading, stack, { name, stage: 'base' });
      const facts = { Spec: made.get(`services/notes_example_org_${name}`) } as unknown;
      const networks = new Map<string, string>();
      const seen = seenShape(reading, facts as ServiceFacts, {
        ...{ networks, configs: new Map<string, string>(), written, staleTasks: [] },
        imageIds: want['imageIds'] as readonly string[],
      });
      expect(seen, name).toEqual(want);
    }
  });
});

/** Null for a name without a value. */
function environmentOf(spec: JsonObject | undefined): Readonly<Record<string, string | null>> {
  const { TaskTemplate: task } = (spec ?? {}) as {
    readonly TaskTemplate?: { readonly ContainerSpec: { readonly Env?: readonly string[] } };
  };
  return Object.fromEntries(
    (task?.ContainerSpec.Env ?? []).map((line) => {
      const at = line.indexOf('=');
      return at === -1 ? [line, null] : [line.slice(0, at), line.slice(at + 1)];
    }),
  );
}
