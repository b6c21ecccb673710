import { storeOption } from '../common-options.ts';
import type { Command } from '../command.ts';

export const gatesWatch: Command = {
  name: 'gates watch',
  summary: 'Look at a running system again and again, for the first day or two after a release',
  details: [
    'Each look is a record: kernel, memory, and what was appended to the logs below --data. The same',
    'command goes on with a watch that was interrupted. Writes watch_report.md and watch_report.json.',
    'Exit code 0: nothing went wrong. 1: something did. 3: too little was seen to say. 130: interrupted.',
  ],
  options: [
    { name: 'for', value: 'TIME', summary: 'how long, e.g. 48h (default 24h)' },
    { name: 'interval', value: 'TIME', summary: 'time between two looks (default 60s)' },
    { name: 'config', value: 'FILE', summary: 'what is a no-go (default ./watch.yaml)' },
    { name: 'pack', value: 'NAME', summary: 'or watch.yaml of a shipped pack, or of a folder' },
    { name: 'target', value: 'URL', summary: 'the running system' },
    { name: 'data', value: 'DIR', summary: 'its data folder, in which its logs lie' },
    { name: 'fail-fast', summary: 'end at the first no-go' },
    { name: 'anew', summary: 'begin a new watch instead of going on with an interrupted one' },
    { name: 'out', short: 'o', value: 'DIR', summary: 'where the reports are written (default .)' },
    { name: 'sign', value: 'KEY', summary: 'sign the bundle with this key' },
    { name: 'quiet', short: 'q', summary: 'no progress on standard error' },
    storeOption,
  ],
  examples: [
    'seatrial gates watch --for 48h --target http://127.0.0.1:8080 --data /var/lib/app --fail-fast',
  ],
  run: async (input, terminal) => {
    const { runGatesWatch } = await import('../gates-watch.ts');
    return runGatesWatch(input, terminal);
  },
};
