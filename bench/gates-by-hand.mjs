// What a gate does, as a script without a runner would: start the server, wait until it is ready, ask
// once, end it. node bench/gates-by-hand.mjs SERVER WAIT COUNT
import { spawn } from 'node:child_process';
import { once } from 'node:events';

const [server, wait, count] = process.argv.slice(2);
for (let at = 0; at < Number(count); at += 1) {
  const child = spawn(process.execPath, [server, '0', wait], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(child.stdout, 'data');
  const { url } = JSON.parse(line.toString());
  const { status } = await fetch(`${url}/slow`);
  if (status !== 200) throw new Error(`status ${String(status)}`);
  child.kill('SIGTERM');
  await once(child, 'exit');
}
