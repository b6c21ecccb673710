// What fixtures that listen have in common: a name of the run, nothing to put back but the listener itself, and a log
// of every request. A listener dies with the process of its run, so a dead run leaves none.

import { sha256Hex } from '../evidence/canonical.ts';
import type { FixtureWriter } from '../ports/fixtures.ts';
import type { JsonObject } from '../ports/json.ts';
import type { ServerReply, ServerRequest } from '../ports/servers.ts';
import { WorldError } from '../ports/world-error.ts';
import type { Applied, FixturePlace, Kind } from './fixture-kind.ts';
import { absentDigest } from './path-digest.ts';

const nameOf = ({ work, id }: FixturePlace): string => `listener ${work}/${id}`;

export const listening: Pick<Kind<unknown>, 'locks' | 'observe' | 'digests' | 'undo'> = {
  locks: (_reader, _inputs, place) =>
    Promise.resolve([`fixture-${sha256Hex(nameOf(place)).slice(0, 32)}`]),
  observe: ({ servers }, _inputs, place) => {
    const target = nameOf(place);
    if (servers.addressOf(target) !== undefined)
      throw new WorldError('refused', `${target} is there already`);
    return Promise.resolve({ target, pre: { address: null } });
  },
  digests: ({ servers }, { target }) => {
    const address = servers.addressOf(target);
    const digest = address === undefined ? absentDigest : sha256Hex(address);
    return Promise.resolve({ target: digest, neighbours: null });
  },
  undo: async ({ servers }, { target }) => {
    await servers.close(target);
    if (servers.addressOf(target) !== undefined)
      throw new WorldError('io', `${target} still listens`);
    return {};
  },
};

/** The nonce of a probe: another than the run's, so that no probe counts as the app's own request. */
export const probeNonce = ({ nonce, id }: FixturePlace): string =>
  sha256Hex(`probe ${nonce} ${id}`).slice(0, 32);

/** Carries the nonce of whoever has no other place for it; every answer repeats it. */
export const nonceHeader = 'seatrial-nonce';

const logMax = 10_000;
const pathMax = 2048;
const nonceMax = 128;

type Answering = (request: ServerRequest) => ServerReply;

export async function startServer(
  { servers }: FixtureWriter,
  { target, place }: { readonly target: string; readonly place: FixturePlace },
  answer: Answering,
): Promise<Pick<Applied, 'outputs' | 'details' | 'live'>> {
  const entries: JsonObject[] = [];
  let more = 0;
  const url = await servers.open(target, (request) => {
    const reply = answer(request);
    const nonce = nonceIn(request, place.nonce);
    const from = isFromGateway(request, place) ? 'gateway' : 'host-cli';
    if (entries.length < logMax) entries.push(entryOf(request, reply, { nonce, from }));
    else more += 1;
    return { ...reply, headers: { ...reply.headers, [nonceHeader]: nonce } };
  });
  return {
    outputs: { url, port: new URL(url).port },
    details: { nonce: place.nonce },
    live: {
      close: () => servers.close(target),
      log: () =>
        more === 0 ? [...entries] : [...entries, { nonce: none, from: 'host-cli', more }],
    },
  };
}

/** Stands where a request had no nonce. */
const none = 'none';

/** The run's, wherever it stands, or what its header says. */
function nonceIn({ path, headers, body }: ServerRequest, nonce: string): string {
  const values = Object.values(headers);
  if ([path, body, ...values].some((text) => text.includes(nonce))) return nonce;
  const said = headers[nonceHeader] ?? '';
  return /^[\w.-]+$/.test(said) ? said.slice(0, nonceMax) : none;
}

/** A connection over the loopback came from this host; whose it is, the kernel's table tells. */
const isFromGateway = (request: ServerRequest, { gatewayPidFile }: FixturePlace): boolean =>
  gatewayPidFile !== undefined && request.isFrom(gatewayPidFile);

const clientMax = 80;

const entryOf = (
  { method, path, body, headers }: ServerRequest,
  { status, closeAt }: ServerReply,
  who: { readonly nonce: string; readonly from: 'gateway' | 'host-cli' },
): JsonObject => ({
  ...{ ...who, method, path: path.slice(0, pathMax) },
  client: (headers['user-agent'] ?? none).replaceAll(/[^\w./ -]/g, '').slice(0, clientMax),
  ...{ bytes: body.length, status },
  ...(closeAt === undefined ? {} : { closeAt }),
});

/** Throws `not-found` when nothing was started: then there is nothing that could bite. */
export function addressIn({ outputs }: Applied): string {
  const { url } = outputs;
  if (url !== undefined) return url;
  throw new WorldError('not-found', 'nothing listens');
}
