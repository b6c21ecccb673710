// Answers with what it was given: a digest of its secret, and whether the set-up has run.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const token = readFileSync('/run/secrets/api_token', 'utf8');
const told = createHash('sha256').update(token).digest('hex').slice(0, 12);

createServer((_, response) => {
  response.end(JSON.stringify({ token: told, ready: existsSync('/shared/ready') }));
}).listen(8080);
