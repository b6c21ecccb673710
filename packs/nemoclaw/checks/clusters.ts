// What is observed of the overlay fix: what the engine had before and has after, which container the product started
// and from what, and what it said.

import type { Json, JsonObject, PackCollector, PackContext } from 'seatrial';
import {
  absent,
  clusterFacts,
  clusterIds,
  clusterName,
  engineCalls,
  engineOf,
  imageFacts,
  referenceOf,
  repairedImages,
} from './look-clusters.ts';
import { listIn, objectIn, textIn } from './look-sandbox.ts';
import { versionIn } from './machine.ts';

type After = Parameters<PackCollector['after']>[0];

/** The engine: images of the repair, clusters, calls so far, and its configuration where it is the run's own. */
async function engineFacts(context: PackContext) {
  const { ports, fixtures } = context;
  const config = fixtures['containerd-snapshotter']?.['config'];
  const images = await repairedImages(context);
  return {
    images: images.map((each): JsonObject => ({ ...each })),
    imageCount: images.length,
    clusters: await clusterIds(context),
    infos: await engineCalls(context, 'info'),
    builds: await engineCalls(context, 'build'),
    config: config === undefined ? absent : ((await ports.state.read(config)).sha256 ?? absent),
  };
}

const fixtureImage = ({ fixtures }: PackContext, fixture: string): string =>
  fixtures[fixture]?.['image'] ?? '';

async function imageId(context: PackContext, fixture: string): Promise<string> {
  const image = await engineOf(context).driver.image(fixtureImage(context, fixture));
  return image === undefined ? absent : textIn(image['Id']);
}

/** What the program says of itself; asking it changes nothing. */
async function program({ ports, product }: PackContext): Promise<JsonObject> {
  const { exit, stdout } = await ports.run({ argv: [`${product}/nemoclaw`, '--version'] });
  return { exit: exit ?? null, version: versionIn(stdout) };
}

const decisionIn = (stdout: string): string =>
  /^overlay fix: (.* \(driver .*\))$/m.exec(stdout)?.[1] ?? 'none';

/** A program that keeps silent has not said what was wanted, which is an answer. */
const orNothing = (text: string): string => (text === '' ? 'nothing' : text);

const counted = (value: Json | undefined): number => (typeof value === 'number' ? value : 0);

const idsIn = (value: Json | undefined): readonly string[] => listIn(value).map(textIn);

/** What every start shows, whether a cluster came up or not; `upstream` is the fixture of its image. */
async function startFacts(context: After, upstream: string) {
  const { before = {}, action } = context;
  const now = await engineFacts(context);
  const known = listIn(before['images']).map((each) => textIn(objectIn(each)['tag']));
  const newTags = now.images.map(({ tag }) => textIn(tag)).filter((tag) => !known.includes(tag));
  const newIds = now.clusters.filter((id) => !idsIn(before['clusters']).includes(id));
  const cluster = await clusterFacts(context, newIds[0]);
  const from = fixtureImage(context, upstream);
  const [newTag] = newTags;
  return {
    ...now,
    newClusters: newIds.length,
    infos: now.infos - counted(before['infos']),
    builds: now.builds - counted(before['builds']),
    newTag: newTag ?? absent,
    made: {
      ...(await imageFacts(
        context,
        newTag === undefined ? '' : referenceOf(context, newTag),
        from,
      )),
    },
    used: { ...(await imageFacts(context, cluster.image, from)) },
    cluster: { ...cluster, image: cluster.image === '' ? absent : cluster.image },
    upstream: await imageId(context, upstream),
    decision: decisionIn(action.stdout),
    ...{ said: orNothing(action.stdout), warned: orNothing(action.stderr), exit: action.exit },
    program: await program(context),
  };
}

const starting = (
  upstream: string,
  more: (context: After) => Promise<JsonObject> = () => Promise.resolve({}),
): PackCollector => ({
  before: engineFacts,
  after: async (context) => ({
    ...(await startFacts(context, upstream)),
    ...(await more(context)),
  }),
});

export const notApplicable = starting('cluster-upstream');
export const conditionDetected = starting('cluster-upstream');
export const patchedImageCreated = starting('cluster-upstream');
export const patchedImageUsed = starting('cluster-upstream');
export const patchedImageReused = starting('cluster-upstream');
export const buildFailure = starting('cluster-broken');
export const leavesNothing = starting('cluster-declined');

export const changedDigest = starting('cluster-next', async (context) => ({
  first: await imageId(context, 'cluster-upstream'),
}));

/** With what the name meant when the product was started, as the action that moved it saw it. */
export const poisonedTag = starting('cluster-upstream', async (context) => {
  const { text = '' } = await context.ports.state.read(poisonedFile(context));
  return { poison: await imageId(context, 'cluster-poisoned'), meant: text.trim() };
});

export const poisonedFile = ({ home }: Pick<PackContext, 'home'>): string => `${home}/poisoned.id`;

/** After a bad choice, with the cluster that was asked to be native before. */
export const snapshotterChoice = starting('cluster-upstream', async (context) => {
  const native = await clusterFacts(context, clusterName(context, 'native'));
  const used = await imageFacts(context, native.image, fixtureImage(context, 'cluster-upstream'));
  return { native: { log: native.log, used: { ...used } } };
});

/**
 * The container that was refused is gone by now: what it was and said was kept when the product removed it. Its reason
 * is asked again of the same program, in a cluster that runs.
 */
export const optOutFails: PackCollector = {
  after: async (context) => {
    const { ports, home, action } = context;
    const name = clusterName(context, 'opt-out');
    const log = (await ports.state.read(`${home}/removed/${name}.log`)).text ?? '';
    const image = (await ports.state.read(`${home}/removed/${name}.image`)).text ?? '';
    const plain = clusterName(context, 'plain');
    const { exit, stdout, stderr } = await engineOf(context).sandbox.exec(plain, {
      argv: ['/init'],
      env: { CLUSTER_DRIVER: 'overlayfs' },
    });
    return {
      ...{ exit: action.exit, decision: decisionIn(action.stdout) },
      removed: { log: log === '' ? absent : log, image: image === '' ? absent : image.trim() },
      upstream: await imageId(context, 'cluster-declined'),
      init: { exit: exit ?? null, said: `${stdout}${stderr}`.trim() },
    };
  },
};

/** Side effect: an image of the repair is there. */
export async function observeRepaired(context: PackContext): Promise<Json> {
  return (await repairedImages(context)).map((each) => ({ ...each }));
}

/** Side effect: a cluster is there, running or not. */
export async function observeClusters(context: PackContext): Promise<Json> {
  return [...(await clusterIds(context))];
}
