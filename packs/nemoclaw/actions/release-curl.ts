// The `curl` of a machine whose release host is a fixture: it notes what is asked, and reaches nothing
// else. Called as the installer calls curl: -fsSL -o FILE URL.

import { appendFileSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';

const published = 'https://github.com/NVIDIA/OpenShell/releases/download/';

function fail(code: number, message: string): void {
  process.stderr.write(`curl: (${String(code)}) ${message}\n`);
  process.exitCode = code;
}

function fetchTo(file: string, address: string): void {
  const asked = get(address, (answer) => {
    const chunks: Buffer[] = [];
    answer.on('data', (chunk: Buffer) => chunks.push(chunk));
    answer.on('error', () => {
      fail(18, 'the transfer was cut off');
    });
    answer.on('end', () => {
      if (answer.statusCode === 200) writeFileSync(file, Buffer.concat(chunks));
      else fail(22, `the answer was ${String(answer.statusCode)}`);
    });
  });
  asked.on('error', (error) => {
    fail(7, error.message);
  });
}

const [, , file = '', url = ''] = process.argv.slice(2);
const host = process.env['SEATRIAL_RELEASE_HOST'] ?? '';
const path = url.slice(published.length);
if (!url.startsWith(published) || host === '') fail(6, `${url} is not reached from here`);
else {
  appendFileSync(join(process.env['HOME'] ?? '.', 'requested'), `${path}\n`);
  fetchTo(file, `${host}/${path}`);
}
