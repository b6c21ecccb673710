// The page for Prometheus: whether every line is one, whether what must be there is, and whether
// reading it twice changes more than time does.

import { call, report } from './tool.ts';

const wanted = [
  ...['kernel_inflight_current{target="engine"}', 'hmr_denied_total', 'chat_requests_total'],
  ...['HMR_PREPARE', 'HMR_SWAP', 'HMR_ROLLBACK'].map(
    (event) => `hmr_audit_total{event="${event}"}`,
  ),
].map((name) => `aetherra_${name}`);
const timelike = /uptime|timestamp|_seconds$/u;
const sample = /^([a-zA-Z_:][\w:]*(?:\{[^}]*\})?) (-?\d+(?:\.\d+)?(?:e[+-]?\d+)?|NaN|[+-]Inf)$/u;

await report(async () => {
  const first = await call('GET', '/metrics');
  const second = await call('GET', '/metrics');
  const lines = first.text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const valuesOf = (text: string): ReadonlyMap<string, string> =>
    new Map(
      text.split('\n').flatMap((line) => {
        const [, name, value] = sample.exec(line) ?? [];
        return name === undefined || value === undefined ? [] : [[name, value] as const];
      }),
    );
  const [before, after] = [valuesOf(first.text), valuesOf(second.text)];
  return {
    samples: before.size,
    broken: lines.filter((line) => !sample.test(line)),
    missing: wanted.filter((name) => !before.has(name)),
    changed: [...before]
      .filter(([name, value]) => !timelike.test(name) && after.get(name) !== value)
      .map(([name]) => name),
  };
});
