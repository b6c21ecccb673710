// Reloads that must not come about, each for its reason: what the audit says, who answers afterwards,
// and whether anybody does. Second argument: which of them.

import { ask, auditLines, moduleNamed, reload, untilInflight, withReloads } from './hmr-tool.ts';
import { report } from './tool.ts';

const afterMs = 1500;

async function failing(name: string) {
  return withReloads(async (url, audit) => {
    const result = await reload(url, moduleNamed(name));
    return outcome(url, audit, result);
  });
}

async function outcome(url: string, audit: string, result: Readonly<Record<string, unknown>>) {
  const after = await ask(url, 'quick', afterMs);
  const lines = auditLines(audit);
  const last = lines.at(-1);
  return {
    result_ok: result['ok'] ?? null,
    events: lines.map(({ event }) => event),
    reason: last?.reason ?? null,
    answers: after.status === 200,
    by: after.version,
    audit: lines,
  };
}

/** Requests that do not end in time. */
async function quiesceTimeout() {
  return withReloads(async (url, audit) => {
    const slow = ask(url, 'stay');
    await untilInflight(url, 1);
    const result = await reload(url, moduleNamed('v2'), { quiesce_ms: 200 });
    const told = await outcome(url, audit, result);
    await slow;
    return told;
  });
}

await report(async () => {
  if (process.argv[3] === 'rollback') return { unhealthy: await failing('unhealthy') };
  return {
    load: await failing('unloadable'),
    probe: await failing('bad-probe'),
    import: await failing('import-throws'),
    quiesce: await quiesceTimeout(),
  };
});
