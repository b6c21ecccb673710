// What clients are told of differential privacy, in header and event, while it is off and on.

import { at, objectOf, readStream, report, target, withKernel } from './tool.ts';

async function toldAt(url: string) {
  const { headers, frames } = await readStream(`${url}/api/ai/stream?message=ping`);
  const event = frames.find((frame) => frame.event === 'policy');
  return {
    header: at(objectOf(headers.get('x-aetherra-policy') ?? ''), 'dp') ?? null,
    event: at(event?.data, 'data', 'dp') ?? null,
  };
}

const on = { AETHERRA_DP_ENABLED: '1', AETHERRA_DP_EPSILON: '8.0' };

await report(async () => {
  const dpOn = await withKernel(on, toldAt);
  return { dp_off: await toldAt(target), dp_on: dpOn, epsilon: at(dpOn.header, 'epsilon') ?? null };
});
