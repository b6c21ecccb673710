import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildInfo } from '../shared/build-info.ts';
import { sha256 } from '../shared/canonical.ts';
import { docker, lastLine } from '../shared/docker.ts';
import { Failure } from '../shared/failure.ts';
import { mutant } from '../shared/mutant.ts';
import { say } from '../shared/program.ts';
import type { Snapshotter } from './overlay-condition.ts';

type Image = { readonly id: string; readonly label: string; readonly layers: readonly string[] };

const label = 'nemoclaw.overlay-fix';

async function inspect(name: string): Promise<Image | undefined> {
  const { code, stdout } = await docker(['image', 'inspect', name]);
  if (code !== 0) return undefined;
  const [image] = JSON.parse(stdout) as readonly {
    readonly Id: string;
    readonly Config: { readonly Labels: Readonly<Record<string, string>> | null };
    readonly RootFS: { readonly Layers: readonly string[] | null };
  }[];
  if (image === undefined) return undefined;
  const { Id: id, Config, RootFS } = image;
  return { id, label: Config.Labels?.[label] ?? '', layers: RootFS.Layers ?? [] };
}

const recipe = (upstream: string, key: string, snapshotter: string): string =>
  `FROM ${upstream}\nRUN mkdir -p /etc/cluster && echo ${snapshotter} > /etc/cluster/snapshotter\nLABEL ${label}=${key}\n`;

function tagOf(key: string, snapshotter: Snapshotter): string {
  const space = process.env['NEMOCLAW_IMAGE_NAMESPACE'] ?? '';
  const name = space === '' ? 'nemoclaw-cluster' : `${space}/nemoclaw-cluster`;
  return `${name}:${buildInfo.version}-${snapshotter}-${key.slice(0, 8)}`;
}

/** The tag of an image that suits the engine: the one that was built before, if it is what it says. */
export async function patchedImage(upstream: string, snapshotter: Snapshotter): Promise<string> {
  const source = await inspect(upstream);
  if (source === undefined) throw new Failure(1, `there is no image ${upstream}`);
  const from = mutant('overlay.tag-by-version') ? buildInfo.version : source.id;
  const key = sha256(JSON.stringify([from, snapshotter, recipe('upstream', '', snapshotter)]));
  const tag = tagOf(key, snapshotter);
  const found = await inspect(tag);
  const isAnew = mutant('overlay.rebuild-always');
  if (found !== undefined && isWhatItSays(found, source, key) && !isAnew) {
    say(`overlay fix: ${tag} is reused`);
    return tag;
  }
  if (found !== undefined) say(`overlay fix: ${tag} is not what its name says; built again`);
  await build(tag, recipe(upstream, key, snapshotter), isAnew);
  say(`overlay fix: ${tag} was built`);
  return tag;
}

function isWhatItSays(found: Image, source: Image, key: string): boolean {
  if (mutant('overlay.trust-tag')) return true;
  const isOnTop = source.layers.every((layer, index) => found.layers[index] === layer);
  return found.label === key && isOnTop && found.layers.length > source.layers.length;
}

async function build(tag: string, dockerfile: string, isAnew: boolean): Promise<void> {
  const context = mkdtempSync(join(tmpdir(), 'nemoclaw-cluster-'));
  try {
    writeFileSync(join(context, 'Dockerfile'), dockerfile);
    const anew = isAnew ? ['--no-cache'] : [];
    const args = ['build', '--quiet', '--network', 'none', ...anew, '--tag', tag, context];
    const { code, stderr } = await docker(args);
    if (code !== 0) throw new Failure(1, `${tag} cannot be built: ${lastLine(stderr)}`);
  } finally {
    rmSync(context, { recursive: true, force: true });
  }
}
