// Whether a kernel starts that is to protect privacy by a number that protects nothing.

import { report, startKernel } from './tool.ts';

const values = ['0', '-1', 'x', '', 'Infinity', 'NaN'];

await report(async () => {
  const started: string[] = [];
  for (const value of values) {
    const env = { AETHERRA_DP_ENABLED: '1', AETHERRA_DP_EPSILON: value };
    const kernel = await startKernel(env);
    if (kernel === undefined) continue;
    started.push(value);
    await kernel.stop();
  }
  return { tried: values.length, started };
});
