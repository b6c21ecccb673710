// What the probes of reloads share: a kernel in which reloads are allowed, its audit, and requests that
// are under way meanwhile.

import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { at, call, callOrNothing, objectOf, pause, runTask, withKernel } from './tool.ts';

export const modules = fileURLToPath(new URL('../kernel/modules/', import.meta.url));
export const moduleNamed = (name: string): string => `${modules}${name}.js`;

export type Line = {
  readonly event: string;
  readonly source: string;
  readonly ok: boolean;
  readonly reason?: string;
  readonly inflight: number;
  readonly swap_ms?: number;
};

let kernels = 0;

/** Runs the question against a kernel of its own, and hands over where its audit lies. */
export function withReloads<Value>(
  ask: (url: string, audit: string) => Promise<Value>,
  env: Readonly<Record<string, string>> = {},
): Promise<Value> {
  kernels += 1;
  const folder = `.probe-hmr-${String(process.pid)}-${String(kernels)}`;
  const settings = {
    AETHERRA_HMR_ENABLED: '1',
    AETHERRA_HMR_STRICT: '1',
    AETHERRA_HMR_ALLOWED_SOURCES: `${modules}**`,
    ...env,
  };
  return withKernel(settings, (url) => ask(url, auditOf(folder)), folder);
}

const auditOf = (folder: string): string => resolve(folder, '.aetherra/hmr_audit.jsonl');

export const auditLines = (path: string): readonly Line[] =>
  existsSync(path)
    ? readFileSync(path, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => objectOf(line) as unknown as Line)
    : [];

export async function reload(
  url: string,
  source: string,
  more: Readonly<Record<string, unknown>> = {},
): Promise<Readonly<Record<string, unknown>>> {
  const data = { target: 'engine', source, mode: 'graceful', ...more };
  return (await runTask('hmr_reload', data, { url })).result;
}

export type Asked = { readonly status: number; readonly version: unknown };

export async function ask(url: string, message: string, timeoutMs = 5000): Promise<Asked> {
  const asked = { body: { message }, timeoutMs };
  const { status, json } = await callOrNothing('POST', `${url}/api/ai/ask`, asked);
  return { status, version: at(json, 'result', 'engine', 'version') ?? null };
}

/** Waits until so many requests use the engine. */
export async function untilInflight(url: string, wanted: number): Promise<number> {
  const until = performance.now() + 3000;
  for (;;) {
    const { json } = await call('GET', `${url}/api/kernel/status`);
    const inflight = Number(at(json, 'inflight', 'engine'));
    if (inflight >= wanted || performance.now() > until) return inflight;
    await pause(10);
  }
}
