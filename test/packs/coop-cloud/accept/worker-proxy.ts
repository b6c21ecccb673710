// A worker with its proxies, for acceptance: an engine of its own, the network `proxy` that stacks share with them,
// and an authority that they are verified against. Each has its own fault and is reached at a port of its own.

import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { nodeImage } from '../../../drivers/docker/engine-here.ts';
import { openPrivateEngine } from '../../../drivers/docker/private-engine.ts';
import { type Certificate, makeAuthority, selfSigned } from '../../../drivers/certificates.ts';
import { run } from '../../../../scripts/steps.ts';
import { until } from './recipe-app.ts';

/** Another stack's, which answers whoever asks it. */
const theirs = 'theirs_app';

export type ProxyFault = {
  readonly certificate?: 'default';
  /** Status of its own page; 404 without. */
  readonly fallback?: number;
  /** A page for an app that is down, unlike its own. */
  readonly maintenance?: true;
  /** Another stack's service gets every request. */
  readonly insteadOf?: typeof theirs;
};

export type Worker = {
  readonly host: string;
  /** Starts one more, and gives the variables that name it. */
  readonly proxy: (fault?: ProxyFault) => Promise<Readonly<Record<string, string>>>;
  readonly remove: () => Promise<void>;
};

const program = join(import.meta.dirname, '../../../fixtures/proxy/proxy.mjs');

export async function openWorker(): Promise<Worker> {
  const own = await openPrivateEngine('ingress', [nodeImage, 'seatrial-fixture/busybox:1']);
  const folder = mkdtempSync(join(tmpdir(), 'seatrial-worker-'));
  const remove = async (): Promise<void> => {
    await own.remove();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const authority = makeAuthority(folder);
    const shown = {
      worker: authority.sign('*.seatrial.test'),
      other: selfSigned(folder, 'proxy.default'),
    };
    const address = await openNetwork(own.host);
    const start = startProxy({ host: own.host, folder, shown });
    const proxy = async (fault: ProxyFault = {}) => ({
      SEATRIAL_INGRESS: `https://${address}:${await start(fault)}`,
      SEATRIAL_INGRESS_CA: authority.file,
    });
    return { host: own.host, proxy, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** The network, who else is on it, and where ports of the engine are reached. */
async function openNetwork(host: string): Promise<string> {
  await docker(host, ['network', 'create', '--driver', 'overlay', '--attachable', 'proxy']);
  const www =
    'mkdir /www; echo theirs > /www/index.html; echo theirs > /www/sub; exec httpd -f -p 8080 -h /www';
  const about = ['--name', theirs, '--network', 'proxy', '--endpoint-mode', 'dnsrr'];
  const task = ['seatrial-fixture/busybox:1', 'sh', '-c', www];
  await docker(host, ['service', 'create', '--detach', '--no-resolve-image', ...about, ...task]);
  return (await docker(host, ['info', '--format', '{{.Swarm.NodeAddr}}'])).trim();
}

type Place = {
  readonly host: string;
  readonly folder: string;
  readonly shown: { readonly worker: Certificate; readonly other: Certificate };
};

/** Gives the port; returns when it listens. */
const startProxy =
  ({ host, folder, shown }: Place) =>
  async ({ certificate, ...fault }: ProxyFault): Promise<string> => {
    const settings = join(folder, `${randomUUID()}.json`);
    const tls = certificate === 'default' ? shown.other : shown.worker;
    writeFileSync(settings, JSON.stringify({ ...fault, certificate: tls }));
    const mounts = [
      `${host.replace('unix://', '')}:/engine.sock`,
      ...[`${program}:/proxy.mjs:ro`, `${settings}:/settings.json:ro`],
    ].flatMap((mount) => ['--volume', mount]);
    const how = ['--detach', '--network', 'proxy', '--publish', '8443', ...mounts];
    const argv = ['node', '/proxy.mjs', '/settings.json'];
    const id = (await docker(host, ['run', ...how, nodeImage, ...argv])).trim();
    await until(async () =>
      (await docker(host, ['logs', id])).includes('listening') ? true : undefined,
    );
    return (
      (await docker(host, ['port', id, '8443/tcp'])).trim().split('\n')[0]?.split(':').at(-1) ?? ''
    );
  };

async function docker(host: string, args: readonly string[]): Promise<string> {
  const env = { ...process.env, DOCKER_HOST: host };
  const { code, stdout, stderr } = await run('docker', args, { env });
  if (code !== 0) throw new Error(`docker ${args.join(' ')}: ${stderr}`);
  return stdout;
}
