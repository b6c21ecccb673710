// A fake app's HTTP: `GET /` names the version, `GET /counter` and `POST /counter` read and raise a
// number that is kept in the first volume. An app that is down, or unknown, gives no answer.

import type { Http, HttpRequest, HttpResponse } from '../../ports/http.ts';
import { WorldError } from '../../ports/world-error.ts';
import type { FakeFault } from './faults.ts';
import { appKey, type FakeApp, type FakeWorldStore, withApp, withEntry } from './world.ts';

/** Base URL of a fake app; `.invalid` can never be a real host. */
export const fakeUrl = (run: string, instance: string): string =>
  `http://${instance}.${run.toLowerCase()}.invalid`;

export function makeFakeHttp(store: FakeWorldStore, planted: readonly FakeFault[] = []): Http {
  const faults = new Set(planted);
  return {
    request: async (request) => {
      await Promise.resolve();
      if (request.signal?.aborted === true) throw new WorldError('cancelled', 'request cancelled');
      const app = appAt(store, request.url);
      if (faults.has('proxy-answer')) return respond(request, 200, 'welcome to the proxy\n');
      if (app === undefined || !isUp(app) || faults.has('no-answer'))
        throw new WorldError('network', `no answer from ${request.url}`);
      if (isDue(faults, 'drifts', app)) restartUnits(store, app);
      if (isDue(faults, 'mute', app)) return respond(request, 200, '');
      if (faults.has('wrong-status')) return respond(request, 500, 'broken\n');
      return answer(store, app, request);
    },
  };
}

/** Whether a fault of answers is planted for the whole life, or for what follows an operation that was done. */
function isDue(
  faults: ReadonlySet<FakeFault>,
  what: 'drifts' | 'mute',
  { done }: FakeApp,
): boolean {
  if (faults.has(what === 'drifts' ? 'drifts-after-checks' : 'empty-200')) return true;
  return done.some(
    (operation) => operation !== 'install' && faults.has(`${what}-after-${operation}`),
  );
}

function appAt(store: FakeWorldStore, url: string): FakeApp | undefined {
  const { origin } = new URL(url);
  return [...store.read().apps.values()].find(
    ({ run, instance }) => fakeUrl(run, instance) === origin,
  );
}

export const isUp = ({ services }: FakeApp): boolean =>
  [...services.values()].some(({ units }) => units.some(({ running }) => running));

/** As an overlay would that restarts the app: the unit keeps its id, its count goes up. */
export function restartUnits(store: FakeWorldStore, app: FakeApp): void {
  const services = new Map(
    [...app.services].map(([name, service]) => [
      name,
      {
        ...service,
        units: service.units.map((unit) => ({ ...unit, restarts: unit.restarts + 1 })),
      },
    ]),
  );
  store.change((world) => withApp(world, appKey(app.run, app.instance), { ...app, services }));
}

function answer(store: FakeWorldStore, app: FakeApp, request: HttpRequest): HttpResponse {
  const { pathname } = new URL(request.url);
  if (pathname === '/') return respond(request, 200, `fake app ${app.version}\n`);
  if (pathname !== '/counter') return respond(request, 404, 'not found\n');
  const count = readCount(app);
  if (request.method !== 'POST') return respond(request, 200, `${String(count)}\n`);
  writeCount(store, app, count + 1);
  return respond(request, 200, `${String(count + 1)}\n`);
}

function readCount(app: FakeApp): number {
  const entry = [...app.volumes.values()][0]?.entries.get('count');
  return entry?.kind === 'file' ? Number(Buffer.from(entry.bytes).toString('utf8')) : 0;
}

function writeCount(store: FakeWorldStore, app: FakeApp, count: number): void {
  const first = [...app.volumes][0];
  if (first === undefined) return;
  const [name, { id, entries }] = first;
  const bytes = new Uint8Array(Buffer.from(String(count)));
  const changed = withEntry(entries, 'count', { kind: 'file', mode: 0o600, bytes });
  store.change((world) =>
    withApp(world, appKey(app.run, app.instance), {
      ...app,
      volumes: withEntry(app.volumes, name, { id, entries: changed }),
    }),
  );
}

function respond(request: HttpRequest, status: number, text: string): HttpResponse {
  const whole = new Uint8Array(Buffer.from(text));
  const body = whole.subarray(0, request.maxBodyBytes ?? 1024 * 1024);
  return {
    status,
    headers: { 'content-type': 'text/plain' },
    body,
    truncated: body.length < whole.length,
    durationMs: 0,
  };
}
