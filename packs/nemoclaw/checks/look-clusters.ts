// Cluster containers and their images, on the engine that a fixture started for the scenario or, without one, on the
// engine of the harness.

import type { JsonObject, PackContext, PackPorts } from 'seatrial';
import { listIn, objectIn, textIn } from './look-sandbox.ts';

type Asked = Pick<PackContext, 'ports' | 'fixtures' | 'suffix'>;

/** Stands where there is none, so that nothing is compared with nothing. */
export const absent = 'absent';

const orAbsent = (text: string): string => (text === '' ? absent : text);

export const engineHost = ({ fixtures }: Pick<Asked, 'fixtures'>): string | undefined =>
  fixtures['containerd-snapshotter']?.['host'];

export function engineOf({ ports, fixtures }: Asked): Pick<PackPorts, 'sandbox' | 'driver'> {
  const host = engineHost({ fixtures });
  return host === undefined ? ports : ports.engine(host);
}

const clusterLabel = 'nemoclaw.cluster';
const fixLabel = 'nemoclaw.overlay-fix';

/** Container ids, also of those that have ended, sorted. */
export async function clusterIds(context: Asked): Promise<readonly string[]> {
  const all = await engineOf(context).sandbox.list();
  return all
    .filter((each) => textIn(objectIn(each['Labels'])[clusterLabel]) !== '')
    .map((each) => textIn(each['Id']))
    .sort();
}

/** The name of a cluster that an action of the scenario starts. */
export const clusterName = ({ suffix }: Pick<Asked, 'suffix'>, which: string): string =>
  `cluster-${which}-${suffix}`;

export type RepairedImage = {
  /** Without the part of the name that tells runs apart. */
  readonly tag: string;
  readonly id: string;
  readonly created: string;
};

const spaceOf = ({ suffix }: Pick<Asked, 'suffix'>): string => `st-${suffix}/`;

/** Images under names that only the repair gives, sorted by name. */
export async function repairedImages(context: Asked): Promise<readonly RepairedImage[]> {
  const { driver } = engineOf(context);
  const names = (await driver.images())
    .flatMap((each) => listIn(each['RepoTags']).map(textIn))
    .filter((name) => name.startsWith(`${spaceOf(context)}nemoclaw-cluster:`));
  const found: RepairedImage[] = [];
  for (const name of names.sort()) {
    const image = await driver.image(name);
    found.push({
      tag: name.slice(spaceOf(context).length),
      id: textIn(image?.['Id']),
      created: textIn(image?.['Created']),
    });
  }
  return found;
}

export type ImageFacts = {
  readonly tag: string;
  readonly id: string;
  /** Whether its label begins with the digits that end its name. */
  readonly labelled: boolean;
  /** Layers above those of the upstream image; -1 when it is not built on that. */
  readonly above: number;
};

const noImage: ImageFacts = { tag: absent, id: absent, labelled: false, above: -1 };

/** `upstream` is a reference as well. */
export async function imageFacts(
  context: Asked,
  reference: string,
  upstream: string,
): Promise<ImageFacts> {
  const { driver } = engineOf(context);
  const image = reference === '' ? undefined : await driver.image(reference);
  if (image === undefined) return noImage;
  const below = layersOf(await driver.image(upstream));
  const layers = layersOf(image);
  const isOnTop = below.length > 0 && below.every((layer, index) => layers[index] === layer);
  const label = textIn(objectIn(objectIn(image['Config'])['Labels'])[fixLabel]);
  const tag = reference.startsWith(spaceOf(context))
    ? reference.slice(spaceOf(context).length)
    : reference;
  return {
    ...{ tag: orAbsent(tag), id: textIn(image['Id']) },
    labelled: label !== '' && tag.endsWith(`-${label.slice(0, 8)}`),
    above: isOnTop ? layers.length - below.length : -1,
  };
}

const layersOf = (image: JsonObject | undefined): readonly string[] =>
  listIn(objectIn(image?.['RootFS'])['Layers']).map(textIn);

/** Reference of a repaired image, by its name without the run's part. */
export const referenceOf = (context: Asked, tag: string): string => `${spaceOf(context)}${tag}`;

export type ClusterFacts = {
  readonly id: string;
  readonly imageId: string;
  /** What it was started from, as the product named it. */
  readonly image: string;
  /** The image that the product was told to start. */
  readonly upstream: string;
  readonly log: string;
};

const noCluster: ClusterFacts = {
  ...{ id: absent, imageId: absent, image: '', upstream: absent, log: absent },
};

export async function clusterFacts(
  context: Asked,
  container: string | undefined,
): Promise<ClusterFacts> {
  if (container === undefined) return noCluster;
  const found = await engineOf(context).sandbox.inspect(container);
  if (found === undefined) return noCluster;
  const config = objectIn(found['Config']);
  return {
    ...{ id: textIn(found['Id']), imageId: textIn(found['Image']), image: textIn(config['Image']) },
    upstream: textIn(objectIn(config['Labels'])[clusterLabel]),
    log: orAbsent(await logOf(context, container)),
  };
}

async function logOf(context: Asked, container: string): Promise<string> {
  const host = engineHost(context);
  const { stdout, stderr } = await context.ports.run({
    argv: ['docker', 'logs', container],
    ...(host === undefined ? {} : { env: { DOCKER_HOST: host } }),
  });
  return `${stdout}${stderr}`.trim();
}

/** What the product calls its engine for; an onboarding also builds images that are no repair. */
const calls = { info: /^docker\tinfo /, build: /^docker\tbuild .*nemoclaw-cluster:/ } as const;

/** How often so far, as the shim before the engine's client has noted. */
export async function engineCalls(
  { ports, fixtures }: Asked,
  call: keyof typeof calls,
): Promise<number> {
  let count = 0;
  for (const [id, { log }] of Object.entries(fixtures)) {
    if (!id.startsWith('docker-info') || log === undefined) continue;
    const { text = '' } = await ports.state.read(log);
    count += text.split('\n').filter((line) => calls[call].test(line)).length;
  }
  return count;
}
