// A counter that keeps its number in a file of its data folder, and counts when it is migrated.
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { faults } from './faults.mjs';

const [, , port, data] = process.argv;
const fault = faults[process.env.FAULT] ?? {};

function count() {
  try {
    return Number(readFileSync(join(data, 'count'), 'utf8'));
  } catch {
    return 0;
  }
}

function answer({ method, url }) {
  if (url === '/count') return `${count()}\n`;
  if (method !== 'POST' || url !== '/migrate') return 'counter 1.1.0\n';
  writeFileSync(join(data, 'count'), String(count() + 1));
  return 'migrated\n';
}

fault.atStart?.({ data });
const server = createServer((request, response) => {
  if (fault.answers?.(request, response) === true) return;
  response.end(answer(request));
});
server.listen(Number(port), '127.0.0.1', () => fault.onceListening?.());
process.on('SIGTERM', () => {
  if (fault.staysOn === true) return;
  server.close();
  server.closeAllConnections();
});
