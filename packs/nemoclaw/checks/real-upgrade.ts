// What a published release knows of its owner, before and after its successor took its place.

import type { Json, JsonObject, PackCollector, PackContext } from 'seatrial';
import { listIn, objectIn, parsed, textIn } from './look-sandbox.ts';

type Place = Pick<PackContext, 'home'>;

export const agentHome = ({ home }: Place): string => `${home}/agent`;
export const agentProgram = ({ home }: Place): string => `${home}/agent-bin/openclaw`;

/** What the agent itself told of what it keeps, while that release ran. */
export const toldFile = ({ home }: Place, when: 'old' | 'new'): string =>
  `${home}/told-${when}.json`;

export const conversation = 'agent:main:kept';

/** Stands where the agent knows nothing, so that nothing is compared with nothing. */
const none = 'none';

async function says(context: PackContext, ...args: readonly string[]): Promise<string> {
  const home = agentHome(context);
  const { exit, stdout } = await context.ports.run({
    argv: [agentProgram(context), ...args],
    env: { HOME: home, TMPDIR: `${home}/tmp`, npm_config_offline: 'true' },
    timeoutMs: 100_000,
  });
  return exit === 0 ? stdout.trim() : none;
}

const versionIn = (said: string): string => /\b\d{4}\.\d+\.\d+\b/.exec(said)?.[0] ?? none;

const versionFacts = async (context: PackContext): Promise<JsonObject> => ({
  version: versionIn(await says(context, '--version')),
});

const jobIn = (job: JsonObject): JsonObject => ({
  id: textIn(job['id']),
  name: textIn(job['name']),
  schedule: job['schedule'] ?? none,
  payload: job['payload'] ?? none,
});

const wordsIn = (message: JsonObject): readonly string[] =>
  listIn(message['content']).map((part) => textIn(objectIn(part)['text']));

const orNone = (items: readonly Json[]): Json => (items.length === 0 ? none : items);

async function stateFacts(context: PackContext, when: 'old' | 'new'): Promise<JsonObject> {
  const { text } = await context.ports.state.read(toldFile(context, when));
  const told = objectIn(parsed(text));
  const { messages, sessionId = none } = objectIn(told['conversation']);
  const device = await context.ports.state.read(
    `${agentHome(context)}/.openclaw/identity/device.json`,
  );
  return {
    model: await says(context, 'config', 'get', 'agents.defaults.model.primary'),
    jobs: orNone(listIn(objectIn(told['jobs'])['jobs']).map((job) => jobIn(objectIn(job)))),
    session: sessionId,
    said: orNone(listIn(messages).flatMap((each) => wordsIn(objectIn(each)))),
    // Its name alone: the file also holds its private key.
    device: objectIn(parsed(device.text))['deviceId'] ?? none,
  };
}

/** The version that a package says it has, and not the program. */
async function releaseOf(
  { ports, product }: PackContext,
  release: 'openclaw-base' | 'openclaw-head',
): Promise<string> {
  const { text } = await ports.state.read(`${product}/${release}/version`);
  return (text ?? none).trim();
}

export const realOldObserved: PackCollector = {
  after: async (context) => ({
    ...(await versionFacts(context)),
    ...(await stateFacts(context, 'old')),
    released: await releaseOf(context, 'openclaw-base'),
    wanted: `${context.nonce} was said before`,
  }),
};

export const realVersionChanged: PackCollector = {
  before: versionFacts,
  after: async (context) => ({
    ...(await versionFacts(context)),
    released: await releaseOf(context, 'openclaw-head'),
  }),
};

export const realStateKept: PackCollector = {
  before: (context) => stateFacts(context, 'old'),
  after: async (context) => ({
    ...(await stateFacts(context, 'new')),
    wanted: `${context.nonce} was said before`,
  }),
};
