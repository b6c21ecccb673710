// How a kernel ends that is told to, and whether its port is free then.

import { connect } from 'node:net';
import { report, startKernel } from './tool.ts';

const isHeld = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });

await report(async () => {
  const kernel = await startKernel({});
  if (kernel === undefined) throw new Error('the kernel did not start');
  const { code, ms } = await kernel.stop();
  return { exit: code, ms, port_held: await isHeld(Number(new URL(kernel.url).port)) };
});
