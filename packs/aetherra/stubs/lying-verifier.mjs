// Asks the real verifier and then says that it took the scripts named like the first argument.

import { spawnSync } from 'node:child_process';

const [, , taken, ...args] = process.argv;
const { stdout, status } = spawnSync('node', [process.env.AETHER_PROGRAM, ...args], {
  encoding: 'utf8',
});
const lines = stdout
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line))
  .map((line) =>
    line.file.endsWith(`/${taken}.aether`) ? { ...line, ok: true, code: 0, signature: 'OK' } : line,
  );
process.stdout.write(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
process.exitCode = status === 22 && lines.every(({ ok }) => ok) ? 0 : status;
