// Replaces a part of the running kernel: prepare, quiesce, swap, and back again when anything fails.
// Whatever happens after PREPARE, exactly one SWAP or ROLLBACK follows, and the target goes on.

import { pathToFileURL } from 'node:url';
import { allowedSource } from './hmr-allowlist.ts';
import type { AuditEntry, HmrAudit } from './hmr-audit.ts';
import type { HotModule, HotTarget } from './hot-target.ts';
import { textOf, type JsonObject } from './json.ts';
import type { Settings } from './read-settings.ts';

export type Hmr = {
  readonly reload: (asked: JsonObject) => Promise<JsonObject>;
  readonly status: () => JsonObject;
};

type Reload = {
  readonly target: HotTarget;
  readonly source: string;
  readonly module: HotModule;
  /** Goes on though requests are still in flight. */
  readonly isForced: boolean;
  readonly quiesceMs: number;
};

export function makeHmr(
  settings: Settings,
  targets: ReadonlyMap<string, HotTarget>,
  audit: HmrAudit,
): Hmr {
  const { hmr, faults } = settings;
  const tally = { attempts: 0, success: 0, rollback: 0, last_swap_ms: null as number | null };
  let isBusy = false;

  const refuse = (entry: Omit<AuditEntry, 'ok' | 'inflight'>): JsonObject => {
    const inflight = targets.get(entry.target)?.inflight() ?? 0;
    audit.write({ ...entry, ok: false, inflight });
    return { ok: false, event: entry.event, reason: entry.reason ?? '' };
  };

  const reloadAlone = async (asked: JsonObject): Promise<JsonObject> => {
    const [name, source] = [textOf(asked['target']), textOf(asked['source'])];
    const target = targets.get(name);
    if (target === undefined) return { ok: false, reason: 'unknown_target' };
    const common = { target: name, source };
    const path = allowedSource(source, settings);
    if (path === undefined)
      return refuse({ ...common, event: 'HMR_DENIED', reason: 'not_allowed' });
    const loaded = await loadModule(path);
    if (typeof loaded === 'string')
      return refuse({ ...common, event: 'HMR_FAILED', reason: `load: ${loaded}` });
    if (!loaded.probe()) return refuse({ ...common, event: 'HMR_FAILED', reason: 'probe' });
    const quiesceMs = typeof asked['quiesce_ms'] === 'number' ? asked['quiesce_ms'] : hmr.quiesceMs;
    const isForced = asked['mode'] === 'force';
    const result = await swap(
      { target, source, module: loaded, isForced, quiesceMs },
      { settings, audit },
    );
    tally[result.ok ? 'success' : 'rollback'] += 1;
    if (result.ok) tally.last_swap_ms = result.swap_ms;
    return result;
  };

  return {
    reload: async (asked) => {
      if (!hmr.enabled) return { ok: false, reason: 'disabled' };
      if (isBusy && !faults.has('hmr.concurrent')) return { ok: false, reason: 'busy' };
      isBusy = true;
      tally.attempts += 1;
      try {
        return await reloadAlone(asked);
      } finally {
        isBusy = false;
      }
    },
    status: () => ({
      enabled: hmr.enabled,
      ...tally,
      per_target: Object.fromEntries(
        [...targets].map(([name, target]) => [name, { version: target.current().version }]),
      ),
    }),
  };
}

let loads = 0;

/** A fresh instance each time; the reason in words when there is none. */
async function loadModule(path: string): Promise<HotModule | string> {
  try {
    const address = `${pathToFileURL(path).href}?load=${String((loads += 1))}`;
    const loaded = (await import(address)) as { createModule?: () => HotModule };
    return loaded.createModule?.() ?? 'it exports no createModule';
  } catch (error) {
    return said(error);
  }
}

const said = (error: unknown): string => (error instanceof Error ? error.message : String(error));

type Swapped = {
  readonly ok: boolean;
  readonly event: string;
  readonly swap_ms: number;
  readonly reason?: string;
};

async function swap(
  reload: Reload,
  { settings, audit }: { readonly settings: Settings; readonly audit: HmrAudit },
): Promise<Swapped> {
  const { target, source } = reload;
  const { faults } = settings;
  const startedMs = performance.now();
  const entry = { target: target.name, source };
  const tell: Tell = (event, more) => {
    audit.write({ event, ...entry, inflight: target.inflight(), ...more });
  };
  const prepare = (): void => {
    if (!faults.has('hmr.audit-missing')) tell('HMR_PREPARE', { ok: true });
  };
  if (!faults.has('hmr.audit-order')) prepare();
  target.quiesce();
  const previous = target.current();
  const reason = (await isQuiet(reload, settings))
    ? exchange(reload, previous, settings)
    : 'quiesce_timeout';
  const swapMs = Math.round((performance.now() - startedMs) * 1000) / 1000;
  const result = { ok: reason === undefined, swap_ms: swapMs };
  if (reason === undefined) tell('HMR_SWAP', result);
  else rollBack({ ...result, reason }, { target, previous, settings, tell });
  if (faults.has('hmr.audit-order')) prepare();
  if (!staysQuiesced(reason, settings)) target.resume();
  return reason === undefined
    ? { ...result, event: 'HMR_SWAP' }
    : { ...result, event: 'HMR_ROLLBACK', reason };
}

type Tell = (
  event: AuditEntry['event'],
  more: Pick<AuditEntry, 'ok' | 'reason' | 'swap_ms'>,
) => void;

/** Whether the exchange may begin: nobody uses the target any more, or that is not waited for. */
async function isQuiet({ target, isForced, quiesceMs }: Reload, { faults }: Settings) {
  if (faults.has('hmr.drops-inflight')) target.drop();
  return isForced || faults.has('hmr.no-quiesce') || (await target.drained(quiesceMs));
}

/** Why it failed; undefined when the new module is in place and well. */
function exchange(
  { target, module }: Reload,
  previous: HotModule,
  { faults }: Settings,
): string | undefined {
  try {
    module.importState(previous.exportState());
  } catch (error) {
    return `import: ${said(error)}`;
  }
  if (!faults.has('hmr.claims-swap')) target.replace(module);
  const asked = faults.has('hmr.health-asks-old') ? previous : module;
  return asked.health() ? undefined : 'unhealthy';
}

function rollBack(
  result: { readonly ok: boolean; readonly swap_ms: number; readonly reason: string },
  {
    target,
    previous,
    settings: { faults },
    tell,
  }: {
    readonly target: HotTarget;
    readonly previous: HotModule;
    readonly settings: Settings;
    readonly tell: Tell;
  },
): void {
  if (!faults.has('hmr.no-rollback')) target.replace(previous);
  const isUnaudited = result.reason.startsWith('import') && faults.has('hmr.import-unaudited');
  if (!isUnaudited) tell('HMR_ROLLBACK', result);
}

/** The faults that forget to let requests in again. */
const staysQuiesced = (reason: string | undefined, { faults }: Settings): boolean =>
  (reason === 'unhealthy' && faults.has('hmr.stuck')) ||
  (reason === 'quiesce_timeout' && faults.has('hmr.stuck-after-timeout'));
