// What an upgrade of the gateway did to the sandbox behind it: nothing that its agent could notice.

import type { JsonObject, PackCollector, PackContext } from 'seatrial';
import { answers, lookAtGateway, none } from './look-gateway.ts';
import {
  agentOf,
  agentSays,
  buildOf,
  homeIn,
  objectIn,
  parsed,
  sha256,
  textIn,
} from './look-sandbox.ts';

/** Also of one that the gateway of the moment does not know: the container itself is asked. */
async function containerOf(context: PackContext): Promise<string> {
  const listed = await context.ports.sandbox.list();
  const label = 'openshell.ai/sandbox-name';
  const own = listed.find(({ Labels }) => objectIn(Labels)[label] === context.name);
  return textIn(own?.['Id']);
}

const homeOf = (context: PackContext): string => homeIn(agentOf(context), 'old');

type Beats = {
  readonly count: number;
  /** Processes of the agent that wrote them. */
  readonly writers: readonly string[];
  readonly gapSeconds: number;
};

/** A line of the heartbeat: a moment and the agent's process. */
async function beatsOf(context: PackContext, container: string): Promise<Beats> {
  const path = `${homeOf(context)}/heartbeat.log`;
  const { text = '' } = await context.ports.sandbox.read(container, path);
  const lines = text.split('\n').filter((line) => line !== '');
  const moments = lines.map((line) => Date.parse(line.split(' ')[0] ?? ''));
  const gaps = moments.slice(1).map((moment, index) => moment - (moments[index] ?? moment));
  return {
    count: lines.length,
    writers: [...new Set(lines.map((line) => line.split(' ')[1] ?? ''))],
    gapSeconds: Math.ceil(Math.max(0, ...gaps) / 1000),
  };
}

const growthTries = 60;

/** Until there are two more, or for a minute. */
async function grownBeats(context: PackContext, container: string, from: number): Promise<number> {
  for (let tries = 0; ; tries += 1) {
    const { count } = await beatsOf(context, container);
    if (count >= from + 2 || tries >= growthTries) return count - from;
    await context.sleep(1000);
  }
}

async function execThroughGateway({ ports, name, nonce }: PackContext): Promise<boolean> {
  const query = new URLSearchParams({ name, user: 'sandbox' });
  for (const word of ['echo', nonce]) query.append('arg', word);
  try {
    const { status, text } = await ports.gateway({
      path: `/exec?${query.toString()}`,
      method: 'POST',
    });
    return status === 200 && text.includes(nonce);
  } catch {
    return false;
  }
}

export const survivorReachable: PackCollector = {
  after: async (context) => {
    const container = await containerOf(context);
    const { count } = await beatsOf(context, container);
    const { status = none } = await answers(context, 'sandbox.get', { name: context.name });
    return {
      ...{ gateway: { ...(await lookAtGateway(context)) }, status },
      answered: await execThroughGateway(context),
      grew: await grownBeats(context, container, count),
    };
  },
};

const healthyTries = 120;

/** The agent's own word on when it began; after a restart it may need a moment to be there again. */
async function agentStart(context: PackContext, container: string): Promise<string> {
  const script = `i=0; until wget -q -O - http://127.0.0.1:18789/status; do i=$((i+1)); [ $i -lt ${String(healthyTries)} ] || exit 1; sleep 0.5; done`;
  try {
    const { stdout } = await context.ports.sandbox.exec(container, {
      ...{ argv: ['sh', '-c', script], user: '998', timeoutMs: 90_000 },
    });
    return textIn(objectIn(parsed(stdout))['startedAt']);
  } catch {
    return '';
  }
}

async function processFacts(context: PackContext): Promise<JsonObject> {
  const container = await containerOf(context);
  const found = await context.ports.sandbox.inspect(container);
  const state = objectIn(found?.['State']);
  const started = await agentStart(context, container);
  const { writers, gapSeconds } = await beatsOf(context, container);
  return {
    ...{ container, containerStartedAt: textIn(state['StartedAt']) },
    ...{ agentStartedAt: started === '' ? none : started },
    ...{ running: state['Running'] ?? false, writers, gapSeconds },
  };
}

export const survivorSameProcess: PackCollector = { before: processFacts, after: processFacts };

async function markerFacts(context: PackContext): Promise<JsonObject> {
  const container = await containerOf(context);
  // The container itself is looked at as well, since a file may also be read from one that is gone bad.
  const found = await context.ports.sandbox.inspect(container);
  const path = `${homeOf(context)}/workspace/marker.txt`;
  const { kind, sha256: digest = none } = await context.ports.sandbox.read(container, path);
  return { container: textIn(found?.['Id']), kind, sha256: digest };
}

export const markerPreserved: PackCollector = { before: markerFacts, after: markerFacts };

/** Requests with the run's nonce that the process of the pid file sent on. */
async function throughGateway({ ports }: PackContext): Promise<readonly JsonObject[]> {
  const heard = await ports.provider.requests('endpoint');
  return heard.filter(({ from }) => from === 'gateway');
}

export const survivorInference: PackCollector = {
  before: async (context) => ({
    heard: (await throughGateway(context)).length,
    gateway: { ...(await lookAtGateway(context)) },
  }),
  after: async (context) => {
    const { nonce } = context;
    const agent = agentOf(context);
    const answer = await asked(context, [agent, 'ask', nonce]);
    const heard = await throughGateway(context);
    return {
      ...{ answer, reversed: Array.from(nonce).reverse().join('') },
      heard: heard.length,
      client: textIn(heard.at(-1)?.['client']),
      wanted: `${agent}/${(await buildOf(context, agent, 'old')).version}`,
      gateway: { ...(await lookAtGateway(context)) },
    };
  },
};

/** What says nothing is compared as `none`. */
async function asked(context: PackContext, argv: readonly [string, ...string[]]): Promise<string> {
  try {
    const said = await agentSays(context, await containerOf(context), argv);
    return said === '' ? none : said;
  } catch {
    return sha256(none);
  }
}
