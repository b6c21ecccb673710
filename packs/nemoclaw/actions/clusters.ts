// Operations of the overlay fix: clusters are started by the product, on the engine that a fixture started, with a shim
// before the engine's client that tells which storage driver there is.

import type { JsonObject, PackAction, PackContext } from 'seatrial';
import { poisonedFile } from '../checks/clusters.ts';
import { clusterFacts, clusterName, engineHost } from '../checks/look-clusters.ts';
import { listIn, objectIn, textIn } from '../checks/look-sandbox.ts';
import { runProduct, startGateway, type Ended } from './sandboxes.ts';

const stepTimeoutMs = 240_000;

/** On the scenario's own engine, where it has one. */
const environment = (context: PackContext): Readonly<Record<string, string>> => {
  const host = engineHost(context);
  return host === undefined ? {} : { DOCKER_HOST: host };
};

const shell = (
  context: PackContext,
  script: string,
  { args = [], env = {} }: { args?: readonly string[]; env?: Readonly<Record<string, string>> },
): Promise<Ended> =>
  context.ports.run({
    argv: ['/bin/sh', '-euc', script, 'sh', ...args],
    env,
    timeoutMs: stepTimeoutMs,
  });

/** `with: {images}`: what fixtures built on the engine of the harness is there on the scenario's own as well. */
export const loadImages: PackAction = (context) =>
  shell(
    context,
    [
      'docker save --output "$TMPDIR/images.tar" "$@"',
      'docker --host "$OWN_ENGINE" load --quiet --input "$TMPDIR/images.tar"',
      'rm "$TMPDIR/images.tar"',
    ].join('\n'),
    {
      args: listIn(context.with['images']).map(textIn),
      env: { OWN_ENGINE: engineHost(context) ?? '' },
    },
  );

const systemPath = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

const pathWith = ({ product }: PackContext, inputs: JsonObject): string =>
  [...listIn(inputs['stubs']).map(textIn), product, `${product}/openshell`, ...systemPath].join(
    ':',
  );

/**
 * `with: {which, upstream, stubs, env?, poison?, litter?}`: a cluster named after `which`. Before that, the name of the
 * image that the cluster `patch` uses is moved to the image `poison`. With `litter` an image of the repair is there
 * afterwards that the product did not make.
 */
export const startCluster: PackAction = async (context) => {
  const { product, ports, with: inputs } = context;
  const upstream = textIn(inputs['upstream']);
  const poison = textIn(inputs['poison']);
  if (poison !== '') {
    const moved = await movePatched(context, poison);
    if (moved.exit !== 0) return moved;
  }
  const name = clusterName(context, textIn(inputs['which']));
  const ended = await ports.run({
    argv: [`${product}/nemoclaw`, 'cluster', '--name', name, '--upstream', upstream],
    env: {
      ...environment(context),
      PATH: pathWith(context, inputs),
      ...(objectIn(inputs['env']) as Readonly<Record<string, string>>),
    },
    timeoutMs: stepTimeoutMs,
  });
  if (inputs['litter'] === true) await leaveLitter(context, upstream);
  return ended;
};

async function movePatched(context: PackContext, poison: string): Promise<Ended> {
  const { image } = await clusterFacts(context, clusterName(context, 'patch'));
  const script = [
    'docker tag "$1" "$2"',
    `docker image inspect --format '{{.Id}}' "$2" > "$3"`,
  ].join('\n');
  const args = [poison, image, poisonedFile(context)];
  return shell(context, script, { args, env: environment(context) });
}

const leaveLitter = (context: PackContext, image: string): Promise<Ended> =>
  shell(context, 'docker tag "$1" "$2"', {
    args: [image, `st-${context.suffix}/nemoclaw-cluster:0.0.0-native-00000000`],
    env: environment(context),
  });

/** `with: {image, cluster, stubs}`: a sandbox by the product's own onboarding, beside a cluster that is needed for it. */
export const onboardInCluster: PackAction = async (context) => {
  const { manifest, name, with: inputs } = context;
  const started = await startGateway(context);
  if (started.exit !== 0) return started;
  const { setup, onboarding } = objectIn(manifest?.['spec']);
  const { snapshotter } = objectIn(objectIn(setup)['runtime']);
  const presets = listIn(objectIn(onboarding)['policyPresets']).map(textIn);
  const base = textIn(inputs['image']);
  return runProduct(
    context,
    ['nemoclaw', 'onboard', '--non-interactive', '--name', name, '--base', base],
    {
      PATH: pathWith(context, inputs),
      NEMOCLAW_CLUSTER_IMAGE: textIn(inputs['cluster']),
      NEMOCLAW_OVERLAY_SNAPSHOTTER: textIn(snapshotter),
      NEMOCLAW_POLICY_PRESETS: presets.join(','),
    },
  );
};
