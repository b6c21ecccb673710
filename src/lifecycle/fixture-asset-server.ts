// Kind `asset-server`: files by path with lists of their digests, and the faults of a release host.

import { sha256Hex } from '../evidence/canonical.ts';
import type { Expectation } from '../evidence/expectation.ts';
import { pointerStep } from '../evidence/pointer.ts';
import type { FixtureReader } from '../ports/fixtures.ts';
import type { Json, JsonObject } from '../ports/json.ts';
import type { ServerReply } from '../ports/servers.ts';
import { WorldError } from '../ports/world-error.ts';
import type { FixtureInputs } from '../scenario/fixture-inputs.ts';
import type { FixturePlace, Kind } from './fixture-kind.ts';
import { addressIn, listening, nonceHeader, probeNonce, startServer } from './fixture-server.ts';
import { inPack } from './in-pack.ts';

type Assets = FixtureInputs['asset-server'];
type Fault = Assets['faults'][number]['fault'];

const sizeMax = 64 * 1024 * 1024;
const totalMax = 512 * 1024 * 1024;

export const assetServerKind: Kind<Assets> = {
  ...listening,
  apply: async (writer, inputs, place, { target }) => {
    const files = await filesOf(writer, inputs, place);
    const faults = faultsIn(inputs, files);
    const started = await startServer(writer, { target, place }, ({ method, path }) => {
      const [name = ''] = path.split('?');
      const bytes = files.get(name);
      if (bytes === undefined) return { status: 404 };
      return method === 'GET' ? replyOf(bytes, faults.get(name)) : { status: 405 };
    });
    return {
      ...started,
      details: { ...started.details, ...(await buildOf(writer, inputs, place)) },
      wrote: [...files.values()].map((bytes) => sha256Hex(bytes)),
    };
  },
  probe: async (reader, inputs, place, applied) => {
    const url = addressIn(applied);
    const files = await filesOf(reader, inputs, place);
    const faults = faultsIn(inputs, files);
    const observed: Record<string, Json> = {};
    const expect: Expectation[] = [];
    for (const [path, bytes] of files) {
      const fault = faults.get(path);
      const waitMs = typeof fault === 'object' && 'slowMs' in fault ? fault.slowMs : 0;
      const asked = { url: `${url}${path}`, waitMs, nonce: probeNonce(place) };
      observed[path] = { ...(await fetchFrom(reader, asked)), wanted: sha256Hex(bytes) };
      expect.push(...expectationsOf(pointerStep(path), fault));
    }
    return { observed, expect };
  },
};

/** Throws `refused` for a list that names no asset, and for more than fits. */
async function filesOf(
  reader: FixtureReader,
  { assets, checksums }: Assets,
  place: FixturePlace,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  const digests = new Map<string, string>();
  let total = 0;
  for (const [path, { from, content = '' }] of Object.entries(assets)) {
    const bytes =
      from === undefined
        ? new TextEncoder().encode(content)
        : await reader.files.read(inPack(place, from), sizeMax);
    total += bytes.length;
    if (total > totalMax) throw new WorldError('refused', 'the assets are more than 512 MiB');
    files.set(path, bytes);
    digests.set(path, sha256Hex(bytes));
  }
  for (const [path, names] of Object.entries(checksums))
    files.set(path, new TextEncoder().encode(names.map((name) => lineOf(name, digests)).join('')));
  return files;
}

/** What proofs compare with the processes that were seen running. */
async function buildOf(
  { files }: FixtureReader,
  { build }: Assets,
  place: FixturePlace,
): Promise<JsonObject> {
  if (build === undefined) return {};
  const { component, version, executable } = build;
  const content = sha256Hex(await files.read(inPack(place, executable), sizeMax));
  return { component, version, content };
}

/** As sha256sum writes it, with the last part of the path as the name. */
function lineOf(path: string, digests: ReadonlyMap<string, string>): string {
  const digest = digests.get(path);
  if (digest === undefined) throw new WorldError('refused', `${path} is no asset of the server`);
  return `${digest}  ${path.slice(path.lastIndexOf('/') + 1)}\n`;
}

function faultsIn(
  { faults }: Assets,
  files: ReadonlyMap<string, Uint8Array>,
): ReadonlyMap<string, Fault> {
  for (const { path, fault } of faults) {
    const bytes = files.get(path);
    if (bytes === undefined) throw new WorldError('refused', `${path} is not served`);
    const cut = typeof fault === 'object' && 'closeAt' in fault && fault.closeAt >= bytes.length;
    if (cut || (fault === 'truncated' && bytes.length === 0))
      throw new WorldError('refused', `${path} has ${String(bytes.length)} bytes, none to cut off`);
  }
  return new Map(faults.map(({ path, fault }) => [path, fault]));
}

function replyOf(bytes: Uint8Array, fault: Fault | undefined): ServerReply {
  const whole = { status: 200, headers: { 'content-type': 'application/octet-stream' } };
  if (fault === undefined) return { ...whole, body: bytes };
  if (fault === 'not-found') return { status: 404 };
  if (fault === 'wrong-digest') return { ...whole, body: altered(bytes) };
  if (fault === 'truncated') return { ...whole, body: bytes.subarray(0, bytes.length >> 1) };
  if ('redirect' in fault) return { status: 302, headers: { location: fault.redirect } };
  if ('slowMs' in fault) return { ...whole, body: bytes, delayMs: fault.slowMs };
  return { ...whole, body: bytes, closeAt: fault.closeAt };
}

/** Of another digest, and where it can be of equal length. */
function altered(bytes: Uint8Array): Uint8Array {
  const copy = bytes.length === 0 ? new Uint8Array(1) : bytes.slice();
  const last = copy.length - 1;
  copy[last] = (copy[last] ?? 0) ^ 1;
  return copy;
}

const lookTimeoutMs = 30_000;

async function fetchFrom(
  { http }: FixtureReader,
  { url, waitMs, nonce }: { readonly url: string; readonly waitMs: number; readonly nonce: string },
): Promise<JsonObject> {
  try {
    const { status, headers, body, truncated, durationMs } = await http.request({
      ...{ url, headers: { [nonceHeader]: nonce }, timeoutMs: waitMs + lookTimeoutMs },
      maxBodyBytes: sizeMax,
    });
    const { location = '' } = headers;
    return {
      ...{ status, sha256: sha256Hex(body), bytes: body.length, whole: !truncated, location },
      ...{ waited: durationMs >= waitMs, echoed: headers[nonceHeader] === nonce },
    };
  } catch (error) {
    if (error instanceof WorldError && error.code === 'network') return { cut: true };
    throw error;
  }
}

function expectationsOf(at: string, fault: Fault | undefined): readonly Expectation[] {
  const status = (value: number): Expectation => ({ at: `${at}/status`, op: 'equals', value });
  const whole: readonly Expectation[] = [
    status(200),
    { at: `${at}/echoed`, op: 'equals', value: true },
    { at: `${at}/sha256`, op: 'same-as', to: `${at}/wanted` },
  ];
  if (fault === undefined) return whole;
  if (fault === 'not-found') return [status(404)];
  if (fault === 'wrong-digest' || fault === 'truncated')
    return [status(200), { at: `${at}/sha256`, op: 'differs-from', to: `${at}/wanted` }];
  if ('redirect' in fault)
    return [status(302), { at: `${at}/location`, op: 'equals', value: fault.redirect }];
  if ('slowMs' in fault) return [...whole, { at: `${at}/waited`, op: 'equals', value: true }];
  return [{ at: `${at}/cut`, op: 'equals', value: true }];
}
