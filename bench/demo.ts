// A run on Node-RED against a shell script that does the same steps by hand. Both start from releases that are
// prepared already, and wait as long for the app to settle.
// npm run build && npx tsx bench/demo.ts [rounds] [store]

import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { inTurns, median, say, timed, type Program } from './timed.ts';

const rounds = Number(process.argv[2] ?? 3);
const store = resolve(process.argv[3] ?? '.seatrial');
const ratioMax = 1.05;
const settleS = 2;
const versions = { base: '3.1.15', head: '4.1.15' };

const run: Program = {
  name: 'seatrial run',
  argv: [
    ...([process.execPath, 'dist/cli/main.js', 'run', '--quiet', '--store', store] as const),
    ...['--manifest', 'examples/node-red/seatrial.yaml'],
    ...['--base', versions.base, '--head', versions.head],
  ],
};

/** Where the store keeps a prepared release. */
function treeOf(version: string): string {
  const cache = join(store, 'cache');
  const found = readdirSync(cache).find((key) => {
    try {
      const text = readFileSync(join(cache, key, 'meta.json'), 'utf8');
      return text.includes(`"npm:node-red@${version}"`);
    } catch {
      return false;
    }
  });
  if (found === undefined) throw new Error(`${store} has no prepared node-red ${version}`);
  return join(cache, found, 'tree');
}

function freePort(): Promise<number> {
  return new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => {
        done(port);
      });
    });
  });
}

// The first one may still have to fetch the releases.
timed(run);
const byHand: Program = {
  name: 'by hand',
  argv: [
    ...(['sh', 'bench/demo-by-hand.sh'] as const),
    ...[treeOf(versions.base), treeOf(versions.head)],
    ...[String(await freePort()), String(settleS)],
  ],
};
const [hands = [], runs = []] = inTurns([byHand, run], rounds);
const seconds = (values: readonly { readonly wallMs: number }[]): string =>
  (median(values.map(({ wallMs }) => wallMs)) / 1000).toFixed(1);
const ratio = median(runs.map(({ wallMs }, at) => wallMs / (hands[at]?.wallMs ?? 1)));
say(
  `demo: ${seconds(runs)} s against ${seconds(hands)} s by hand, ratio ${ratio.toFixed(2)} (limit ≤ ${ratioMax.toFixed(2)})`,
);
process.exitCode = ratio <= ratioMax ? 0 : 1;
