// A reload under load: what the audit says of it, who finishes the requests that were under way, and
// who answers afterwards.

import { ask, auditLines, moduleNamed, reload, untilInflight, withReloads } from './hmr-tool.ts';
import { pause, report } from './tool.ts';

const requests = 8;
const prepareMs = 3000;

/** From then on the target is quiesced, and whoever comes has to wait. */
async function untilPrepared(audit: string): Promise<void> {
  const until = performance.now() + prepareMs;
  while (auditLines(audit).length === 0 && performance.now() < until) await pause(10);
}

await report(() =>
  withReloads(async (url, audit) => {
    const slow = Array.from({ length: requests }, () => ask(url, 'work'));
    await untilInflight(url, requests);
    const reloading = reload(url, moduleNamed('v2'));
    await untilPrepared(audit);
    const late = [ask(url, 'quick'), ask(url, 'quick')];
    const [result, finished, waited] = await Promise.all([
      reloading,
      Promise.all(slow),
      Promise.all(late),
    ]);
    const lines = auditLines(audit);
    const [prepare, swap] = lines;
    return {
      config: { requests, target: 'engine' },
      events: lines.map(({ event }) => event),
      inflight_at_prepare: prepare?.inflight ?? null,
      inflight_at_swap: swap?.inflight ?? null,
      swap_ms: typeof swap?.swap_ms,
      result_ok: result['ok'],
      after: (await ask(url, 'quick')).version,
      finished_by: [...new Set(finished.map(({ version }) => version))],
      dropped: finished.filter(({ status }) => status !== 200).length,
      waited: waited.map(({ status }) => status),
      audit: lines,
    };
  }),
);
