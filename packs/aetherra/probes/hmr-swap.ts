// A reload under load: what the audit says of it, who finishes the requests that were under way, and
// who answers afterwards.

import { ask, auditLines, moduleNamed, reload, untilInflight, withReloads } from './hmr-tool.ts';
import { pause, report } from './tool.ts';

const requests = 8;
const settleMs = 50;

await report(() =>
  withReloads(async (url, audit) => {
    const slow = Array.from({ length: requests }, () => ask(url, 'work'));
    await untilInflight(url, requests);
    const reloading = reload(url, moduleNamed('v2'));
    await pause(settleMs);
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
