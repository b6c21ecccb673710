import { resolve } from 'node:path';
import type { Finding } from '../../evidence/verify-finding.ts';
import { storeOption } from '../common-options.ts';
import { flag, text, UsageError, type Command } from '../command.ts';
import { exit } from '../exit-codes.ts';
import { chooseRun, hasRunsList, runIds, storeOf } from '../store.ts';

export const verify: Command = {
  name: 'verify',
  summary: 'Read bundles again and believe nothing that can be worked out from them',
  details: [
    'Chain, one end per start, expected ids, digests of objects and reports, signature, and the',
    'store’s list of runs. Exit code 0: sound. 1: something was changed, and what.',
    'A sound bundle may hold a failed run: seatrial show tells.',
  ],
  args: [{ name: 'run', summary: 'id, or a unique part of it; default the newest' }],
  options: [
    storeOption,
    { name: 'all', summary: 'every run of the store' },
    { name: 'keys', value: 'FILE', summary: 'trusted keys (default seatrial.keys.yaml)' },
    { name: 'require-signature', summary: 'an unsigned or untrusted bundle is not sound' },
  ],
  examples: [
    'seatrial verify',
    'seatrial verify --all --require-signature --keys release-keys.yaml',
  ],
  run: async ({ args, values }, terminal) => {
    const store = resolve(terminal.cwd, storeOf(values, terminal));
    const ids = await runIds(store);
    // The list may know of runs that somebody took away.
    const listed = await hasRunsList(store);
    if (ids.length === 0 && !listed)
      throw new UsageError(`no run in store ${store}`, 'seatrial run makes one');
    const whole = flag(values, 'all') || ids.length === 0;
    const chosen = whole ? ids : [await chooseRun(store, args[0])];
    const { verifyRuns } = await import('../verify-runs.ts');
    const { bundles, list } = await verifyRuns(store, chosen, {
      terminal,
      strict: flag(values, 'require-signature'),
      keys: text(values, 'keys'),
    });
    if (bundles.length + list.length === 0)
      throw new UsageError(`no run in store ${store}`, 'seatrial run makes one');
    const ok = bundles.every((bundle) => bundle.ok) && list.length === 0;
    terminal.out(
      flag(values, 'json')
        ? `${JSON.stringify({ ok, bundles, list })}\n`
        : bundles.map((bundle) => render(bundle)).join('') +
            list.map(({ message }) => `✕ runs.jsonl: ${message}\n`).join(''),
    );
    return ok ? exit.passed : exit.failed;
  },
};

function render({
  run,
  ok,
  findings,
  verdict,
}: {
  readonly run: string;
  readonly ok: boolean;
  readonly findings: readonly Finding[];
  readonly verdict: string;
}): string {
  const lines = findings.map(({ file, seq, code, severity, message }) => {
    const where = seq === undefined ? file : `${file}, record ${String(seq)}`;
    return `  ${severity === 'error' ? '✕' : '!'} ${where}: ${message} [${code}]\n`;
  });
  const told = ok ? '✓ sound' : '✕ NOT SOUND';
  return `${told}  run ${run}, verdict in its records: ${verdict}\n${lines.join('')}`;
}
