// Two reloads at once: one runs, the other is told that the kernel is busy.

import { ask, moduleNamed, reload, untilInflight, withReloads } from './hmr-tool.ts';
import { report } from './tool.ts';

await report(() =>
  withReloads(async (url) => {
    const slow = ask(url, 'work');
    await untilInflight(url, 1);
    const results = await Promise.all([1, 2].map(() => reload(url, moduleNamed('v2'))));
    await slow;
    return {
      swapped: results.filter(({ ok }) => ok === true).length,
      refused: results.filter(({ reason }) => reason === 'busy').length,
    };
  }),
);
