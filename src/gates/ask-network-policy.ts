import type { Listener } from '../ports/listeners.ts';
import { WorldError } from '../ports/world-error.ts';
import { judged, text, unasked, type Ask, type AskContext } from './ask.ts';
import { runCommand } from './ask-command.ts';
import type { CheckOf } from './check-schema.ts';
import { fill } from './placeholders.ts';
import { sendRequest } from './send.ts';

type Check = CheckOf<'network-policy'>;
type Try = {
  readonly destination: string;
  readonly wanted: 'reached' | 'refused';
};
type Seen = Try & { readonly connections: number; readonly answer: string };

/**
 * What is allowed is reached, which proves that the probe works; what is denied is refused, and its
 * listener counts no connection. Hosts must resolve to this machine: nothing leaves it.
 */
export const askNetworkPolicy: Ask<'network-policy'> = async (check, context) => {
  const answer = { status: 200, body: 'reached' };
  const [allowed, denied] = await Promise.all([
    context.world.listeners.open(answer),
    context.world.listeners.open(answer),
  ]);
  try {
    const seen: Seen[] = [];
    for (const each of triesOf(check, allowed.port, denied.port))
      seen.push(await attempt(each, { check, context, listeners: [allowed, denied] }));
    if (seen.length === 0) return unasked('the check names no destination');
    return judged(
      seen.flatMap((each) => faultOf(each, check)),
      summaryOf(seen),
      {
        facts: {
          allowed_hits: hits(seen, 'reached'),
          denied_hits: hits(seen, 'refused'),
          blocked: hits(seen, 'refused') === 0,
          tries: seen.map((each) => ({ ...each })),
        },
      },
    );
  } finally {
    await Promise.all([allowed.close(), denied.close()]);
  }
};

function triesOf({ allow, deny, tricks }: Check, allowed: number, denied: number): readonly Try[] {
  const address = (host: string, port: number) => `http://${host}:${String(port)}/`;
  return [
    ...allow.map((host) => ({ destination: address(host, allowed), wanted: 'reached' as const })),
    ...deny.map((host) => ({ destination: address(host, denied), wanted: 'refused' as const })),
    ...tricks.map((trick) => ({
      destination: fill(trick, { port: String(denied) }),
      wanted: 'refused' as const,
    })),
  ];
}

async function attempt(
  each: Try,
  {
    check,
    context,
    listeners,
  }: {
    readonly check: Check;
    readonly context: AskContext;
    readonly listeners: readonly Listener[];
  },
): Promise<Seen> {
  const count = () => listeners.reduce((sum, listener) => sum + listener.connections(), 0);
  const before = count();
  const values = { ...context.values, destination: each.destination };
  const answer = await answerOf(check, { ...context, values });
  return { ...each, answer, connections: count() - before };
}

/** `<status or exit code>`, and a word for what broke. */
async function answerOf({ via }: Check, context: AskContext): Promise<string> {
  if (via.command !== undefined) {
    const ran = await runCommand(via.command, {}, context);
    if ('trouble' in ran) throw new WorldError('unavailable', ran.trouble.message);
    return String(ran.result.exitCode ?? ran.result.signal ?? 'killed');
  }
  if (via.request === undefined) throw new Error('a network policy without a way to ask');
  const { status, body } = await sendRequest(via.request, context);
  return `${String(status)} ${text(body).slice(0, 200)}`;
}

function faultOf({ destination, wanted, connections, answer }: Seen, { refused }: Check) {
  if (wanted === 'reached')
    return connections === 1
      ? []
      : [`${destination} is allowed and was reached ${String(connections)} times (${answer})`];
  if (connections > 0)
    return [`${destination} is denied and was reached ${String(connections)} times`];
  const words = [refused?.status, refused?.exit].flat().filter((each) => each !== undefined);
  const said = answer.split(' ')[0] ?? '';
  return words.length === 0 || words.map(String).includes(said)
    ? []
    : [`${destination} was refused with ${said}, not ${words.join(' or ')}`];
}

const hits = (seen: readonly Seen[], wanted: Try['wanted']): number =>
  seen
    .filter((each) => each.wanted === wanted)
    .reduce((sum, { connections }) => sum + connections, 0);

const summaryOf = (seen: readonly Seen[]): string =>
  `${String(hits(seen, 'reached'))} reached, ${String(seen.filter(({ wanted }) => wanted === 'refused').length)} refused without a connection`;
