// What a published release said while it started, and which of the judged plugins were ready then.

import type { JsonObject, PackCollector } from 'seatrial';

/** They need no further packages, so that nothing but the rename decides. */
const judged = ['device-pair', 'phone-control', 'talk-voice'];

/** `… ready (3 plugins: a, b, c; 9.2s)`, or `(0 plugins, 9.2s)`. */
const readyLine = /\[gateway\] (?:ready|http server listening) \((\d+) plugins?(?:: ([^;)]*))?/;

const renameLine = /EXDEV: cross-device link not permitted, rename '([^']+)' -> '([^']+)'/;

function factsIn(said: string): JsonObject {
  const lines = said.split('\n');
  const [, , named = ''] = readyLine.exec(said) ?? [];
  const loaded = named.split(',').map((each) => each.trim());
  const failed = lines.filter((line) => renameLine.test(line));
  const refused = judged.map((plugin) => {
    const own = failed.filter((line) => line.includes(`/.plugin-${plugin}-`));
    return { plugin, lines: own.length };
  });
  return {
    ready: readyLine.test(said),
    loaded: judged.filter((plugin) => loaded.includes(plugin)),
    loadedCount: judged.filter((plugin) => loaded.includes(plugin)).length,
    refused: refused.filter(({ lines: count }) => count === 1).map(({ plugin }) => plugin),
    refusedCount: failed.length,
  };
}

/** Folders of a home, by the device they are on: a second one would be a cause of its own. */
const of = (release: string, home: string): PackCollector => ({
  after: async ({ ports, product, home: user, action }) => {
    const { stdout } = await ports.run({ argv: [`${product}/${release}/openclaw`, '--version'] });
    const devices = await ports.run({
      argv: ['find', `${user}/${home}`, '-type', 'd', '-printf', String.raw`%D\n`],
      timeoutMs: 60_000,
    });
    return {
      ...factsIn(action.stdout),
      version: /\b(\d{4}\.\d+\.\d+)\b/.exec(stdout)?.[1] ?? '',
      devices: new Set(devices.stdout.split('\n').filter((line) => line !== '')).size,
      exit: action.exit,
    };
  },
});

export const oldExdevObserved = of('openclaw-base', 'old-v1');
export const referControlLoads = of('openclaw-base', 'old-v2');
export const currentPluginsLoad = of('openclaw-head', 'current-v1');
