// What the drivers of containers cost, on a real Swarm, as two ratios:
//   run      five operations on a recipe of three services, against a shell script that gives the same
//            commands and waits as correctly
//   recover  a killed run of twelve services, against `docker stack rm` and the removal of its volumes
// npm run docker -- up && npm run bench -- stack [rounds]

import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { enginePlace } from '../scripts/docker-place.ts';
import { inTurns, median, say, timed, type Program } from './timed.ts';

const rounds = Number(process.argv[2] ?? 3);
const limits = { run: 1.1, recover: 1.2 };
const settleS = 5;
const image = 'seatrial-fixture/busybox:1';
const host = process.env['SEATRIAL_DOCKER_HOST'] ?? `unix://${enginePlace(process.env).socket}`;
const cli = resolve('dist/cli/main.js');
const root = mkdtempSync(join(tmpdir(), 'seatrial-bench-stack-'));
const env = {
  ...{ DOCKER_HOST: host, SEATRIAL_DOCKER_HOST: host, SEATRIAL_LOCKS: join(root, 'locks') },
  ...{ BENCH_SETTLE: String(settleS), BENCH_WORK: join(root, 'by-hand') },
};

const service = (name: string, version: string): string => `  ${name}:
    image: ${image}
    init: true
    command: ["sleep", "3600"]
    environment: ["RELEASE=${version}"]
    stop_grace_period: 5s
    volumes: ["${name}:/data"]
    healthcheck: { test: ["CMD", "true"], interval: 500ms, timeout: 2s, retries: 5 }
    deploy:
      labels: ["backupbot.backup=true", "coop-cloud.\${STACK_NAME}.version=${version}+1"]
      update_config: { monitor: 500ms, order: stop-first }
`;

const compose = (names: readonly string[], version: string): string =>
  `version: "3.8"
services:
${names.map((name) => service(name, version)).join('')}volumes:
${names.map((name) => `  ${name}:\n`).join('')}`;

/** A folder with two releases and a manifest. */
function makeApp(app: string, names: readonly string[]): string {
  const folder = join(root, app);
  for (const version of ['1.0.0', '1.1.0']) {
    mkdirSync(join(folder, 'releases', version), { recursive: true });
    writeFileSync(join(folder, 'releases', version, 'compose.yml'), compose(names, version));
  }
  writeFileSync(
    join(folder, 'seatrial.yaml'),
    `seatrial: 1
app: ${app}
driver: swarm
source: { directory: releases }
health: { none: 'it publishes no port' }
probes: [{ exec: ['true'] }]
timeouts: { settle: ${String(settleS)}, deploy: 120 }
resolveImage: never
`,
  );
  return folder;
}

const seconds = (values: readonly number[]): string => (median(values) / 1000).toFixed(1);

function ratioOf(
  name: keyof typeof limits,
  pairs: readonly (readonly [number, number])[],
): boolean {
  const ratio = median(pairs.map(([own, hand]) => own / hand));
  const [own, hand] = [pairs.map(([each]) => each), pairs.map(([, each]) => each)];
  say(
    `stack ${name}: ${seconds(own)} s against ${seconds(hand)} s by hand, ratio ${ratio.toFixed(2)} (limit ≤ ${limits[name].toFixed(2)})`,
  );
  return ratio <= limits[name];
}

function benchRun(): boolean {
  const folder = makeApp('benchrun', ['app', 'db', 'cache']);
  const manifest = join(folder, 'seatrial.yaml');
  const run: Program = {
    name: 'seatrial run',
    argv: [
      ...([process.execPath, cli, 'run', '--quiet', '--manifest', manifest] as const),
      ...['--store', join(root, 'store'), '--base', '1.0.0', '--head', '1.1.0'],
    ],
    env,
  };
  const hand: Program = {
    name: 'by hand',
    argv: ['bash', 'bench/stack-by-hand.sh', 'life', join(folder, 'releases'), 'benchhand'],
    env,
  };
  const [hands = [], runs = []] = inTurns([hand, run], rounds);
  return ratioOf(
    'run',
    runs.map(({ wallMs }, at) => [wallMs, hands[at]?.wallMs ?? 1] as const),
  );
}

/** A run that is killed right after its stack came up, and how long its removal takes. */
async function killedRun(manifest: string, store: string): Promise<number> {
  const argv = [cli, 'run', '--manifest', manifest, '--store', store, '--ops', 'upgrade'];
  const child = spawn(process.execPath, argv, { env: { ...process.env, ...env } });
  let said = '';
  await new Promise<void>((done) => {
    child.stderr.on('data', (text: Buffer) => {
      said += text.toString('utf8');
      if (/install done/.test(said)) child.kill('SIGKILL');
    });
    child.once('close', () => {
      done();
    });
  });
  if (child.signalCode !== 'SIGKILL') throw new Error(`the run was not killed: ${said}`);
  const argvOf = [process.execPath, cli, 'recover', '--store', store] as const;
  return timed({ name: 'seatrial recover', argv: [...argvOf], env }).wallMs;
}

async function benchRecover(): Promise<boolean> {
  const names = Array.from({ length: 12 }, (_, at) => `s${String(at + 1)}`);
  const folder = makeApp('benchrec', names);
  const releases = join(folder, 'releases');
  const byHand = (what: string): readonly [string, ...string[]] => [
    ...(['bash', 'bench/stack-by-hand.sh', what, releases, 'benchgone'] as const),
  ];
  const pairs: (readonly [number, number])[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const own = await killedRun(join(folder, 'seatrial.yaml'), join(root, 'store'));
    timed({ name: 'up', argv: [...byHand('up')], env });
    pairs.push([own, timed({ name: 'gone', argv: [...byHand('gone')], env }).wallMs]);
  }
  return ratioOf('recover', pairs);
}

try {
  execFileSync('docker', ['node', 'ls'], { env: { ...process.env, ...env }, stdio: 'ignore' });
  const kept = [benchRun(), await benchRecover()];
  process.exitCode = kept.every(Boolean) ? 0 : 1;
} finally {
  rmSync(root, { recursive: true, force: true });
}
