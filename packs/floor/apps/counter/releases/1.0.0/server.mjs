// A counter that keeps its number in a file of its data folder.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';

const [, , port, data] = process.argv;

function count() {
  try {
    return Number(readFileSync(join(data, 'count'), 'utf8'));
  } catch {
    return 0;
  }
}

const server = createServer((request, response) => {
  response.end(request.url === '/count' ? `${count()}\n` : 'counter 1.0.0\n');
});
server.listen(Number(port), '127.0.0.1');
process.on('SIGTERM', () => {
  server.close();
  server.closeAllConnections();
});
