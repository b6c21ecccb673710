import { randomBytes } from 'node:crypto';
import { chmodSync, copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { docker, lastLine, mustDocker } from '../shared/docker.ts';
import { Failure } from '../shared/failure.ts';
import { activeMutants, mutantEnvironment } from '../shared/mutant.ts';
import { writeJson } from '../shared/write-beside.ts';
import { mountFolder } from './folders.ts';
import {
  listenFor,
  readyWithinMs,
  statusOf,
  suffixOf,
  type Gateway,
  type SandboxStatus,
} from './gateway.ts';
import type { Sandbox } from './model.ts';
import { sandboxNamed, withSandbox, withoutSandbox } from './store.ts';

/** A sandbox that is made beside one of its name, and one that was replaced, until it is deleted. */
export const besideOf = (name: string): string => `${name}@next`;
const replacedOf = (name: string): string => `${name}@old`;

const nameGrammar = /^[a-z][a-z0-9-]{0,39}$/;

export type Creation = {
  readonly name: string;
  readonly image: string;
  readonly policy: string;
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly isBeside: boolean;
};

/** Throws exit 4 when there is one, exit 1 when it did not say hello in time; then nothing is left. */
export async function createSandbox(gateway: Gateway, creation: Creation): Promise<Sandbox> {
  const { name, isBeside } = creation;
  if (!nameGrammar.test(name)) throw new Failure(2, `${name} is no name for a sandbox`);
  const { store, folders } = gateway;
  const key = isBeside ? besideOf(name) : name;
  if (store.model().sandboxes.some((each) => each.name === key))
    throw new Failure(4, `there is a sandbox ${key}`);
  const image = await mustDocker(['image', 'inspect', '--format', '{{.Id}}', creation.image]);
  const suffix = randomBytes(4).toString('hex');
  prepareMount(mountFolder(folders, suffix), creation.environment);
  const container = await mustDocker(createArguments(gateway, { ...creation, image }, suffix));
  const policy = { version: 1, text: creation.policy };
  const sandbox: Sandbox = { name: key, container, image, createdAt: now(), policy };
  store.change((model) => withSandbox(model, sandbox));
  try {
    await listenFor(gateway, container, suffix);
    await mustDocker(['start', container]);
    await waitReady(gateway, sandbox);
  } catch (error) {
    await deleteSandbox(gateway, key);
    throw error;
  }
  return sandbox;
}

const now = (): string => new Date().toISOString();

/** The helper comes with the gateway's release, not with the image. */
function prepareMount(folder: string, environment: Readonly<Record<string, string>>): void {
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  const helper = join(folder, 'openshell-sandbox');
  copyFileSync(join(dirname(process.argv[1] ?? ''), 'openshell-sandbox'), helper);
  chmodSync(helper, 0o755);
  writeJson(join(folder, 'environment.json'), environment, 0o644);
  if (activeMutants().length > 0)
    writeFileSync(join(folder, '.seatrial-canary'), process.env['NEMOCLAW_REF_NONCE'] ?? '');
}

function createArguments(
  { folders }: Gateway,
  { name, image, command }: Creation,
  suffix: string,
): readonly string[] {
  const planted = Object.entries(mutantEnvironment()).map(([key, value]) => `${key}=${value}`);
  const variables = ['HTTP_PROXY=http://127.0.0.1:3128', ...planted];
  return [
    ...['create', '--name', `openshell-${name}-${suffix}`, '--network', 'none'],
    ...['--label', `openshell.ai/sandbox-name=${name}`],
    ...['--label', `openshell.ai/gateway=${folders.gatewayId}`],
    ...['--add-host', 'inference.local:127.0.0.1', '--workdir', '/'],
    ...['--volume', `${mountFolder(folders, suffix)}:/run/openshell`],
    ...variables.flatMap((each) => ['--env', each]),
    ...['--user', '0:0', '--entrypoint', 'node', image, '/run/openshell/openshell-sandbox'],
    ...command,
  ];
}

/** Until the helper said hello; ends early when the container did. */
export async function waitReady(gateway: Gateway, sandbox: Sandbox): Promise<void> {
  const end = Date.now() + readyWithinMs;
  while (Date.now() < end) {
    const status = await statusOf(gateway, sandbox);
    if (status === 'ready') return;
    if (status === 'stopped') break;
    await sleep(50);
  }
  const { stdout, stderr } = await docker(['logs', '--tail', '5', sandbox.container]);
  throw new Failure(1, `sandbox ${sandbox.name} did not start: ${lastLine(stdout + stderr)}`);
}

/** Returns when the container is gone. */
export async function deleteSandbox(gateway: Gateway, name: string): Promise<void> {
  const { container } = sandboxNamed(gateway.store.model(), name);
  const inspected = await docker(['inspect', '--format', '{{.Name}}', container]);
  if (inspected.code === 0) {
    const { code, stderr } = await docker(['rm', '--force', '--volumes', container]);
    if (code !== 0) throw new Failure(1, lastLine(stderr));
    const folder = mountFolder(gateway.folders, suffixOf(inspected.stdout.trim()));
    gateway.servers.get(container)?.close();
    rmSync(folder, { recursive: true, force: true });
  }
  gateway.servers.delete(container);
  gateway.hellos.delete(container);
  gateway.store.change((model) => withoutSandbox(model, name));
}

/** The one that was made beside takes the name; the other keeps running until it is deleted. */
export async function promoteSandbox(gateway: Gateway, name: string): Promise<string> {
  const old = sandboxNamed(gateway.store.model(), name);
  const next = sandboxNamed(gateway.store.model(), besideOf(name));
  if ((await statusOf(gateway, next)) !== 'ready')
    throw new Failure(4, `${next.name} is not ready`);
  const replaced = replacedOf(name);
  gateway.store.change((model) => {
    const rest = withoutSandbox(withoutSandbox(model, name), next.name);
    return withSandbox(withSandbox(rest, { ...old, name: replaced }), { ...next, name });
  });
  return replaced;
}

/** `environment` replaces what the last start was given. */
export async function restartSandbox(
  gateway: Gateway,
  name: string,
  environment: Readonly<Record<string, string>>,
): Promise<void> {
  const sandbox = sandboxNamed(gateway.store.model(), name);
  const named = await mustDocker(['inspect', '--format', '{{.Name}}', sandbox.container]);
  const folder = mountFolder(gateway.folders, suffixOf(named));
  writeJson(join(folder, 'environment.json'), environment, 0o644);
  await mustDocker(['stop', '-t', '5', sandbox.container]);
  gateway.hellos.delete(sandbox.container);
  await mustDocker(['start', sandbox.container]);
  await waitReady(gateway, sandbox);
}

export async function stopSandbox(gateway: Gateway, name: string): Promise<void> {
  const { container } = sandboxNamed(gateway.store.model(), name);
  await mustDocker(['stop', '-t', '5', container]);
  gateway.hellos.delete(container);
}

export async function startSandbox(gateway: Gateway, name: string): Promise<void> {
  const sandbox = sandboxNamed(gateway.store.model(), name);
  await mustDocker(['start', sandbox.container]);
  await waitReady(gateway, sandbox);
}

export type Listed = {
  readonly name: string;
  readonly status: SandboxStatus;
  readonly containerId: string;
  readonly imageId: string;
};

/** Also containers of this gateway that its state does not know. */
export async function listSandboxes(gateway: Gateway): Promise<readonly Listed[]> {
  const { sandboxes } = gateway.store.model();
  const known = await Promise.all(
    sandboxes.map(async (each) => ({
      name: each.name,
      status: await statusOf(gateway, each),
      containerId: each.container,
      imageId: each.image,
    })),
  );
  const filter = `label=openshell.ai/gateway=${gateway.folders.gatewayId}`;
  const format = '{{.ID}}\t{{.Label "openshell.ai/sandbox-name"}}';
  const lines = await mustDocker([
    'ps',
    '-a',
    '--no-trunc',
    '--filter',
    filter,
    '--format',
    format,
  ]);
  const orphans = lines
    .split('\n')
    .map((line) => line.split('\t'))
    .filter(([id = '']) => id !== '' && !sandboxes.some(({ container }) => container === id))
    .map(([containerId = '', name = '']): Listed => ({
      name,
      status: 'orphaned',
      containerId,
      imageId: '',
    }));
  return [...known, ...orphans].sort((a, b) => (a.name < b.name ? -1 : 1));
}
