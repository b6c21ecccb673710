// What FAULT makes this release do. Each is a mistake that apps are known for.
import { spawn } from 'node:child_process';
import { appendFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

export const faults = {
  'wipes-data': {
    atStart: ({ data }) => {
      for (const name of readdirSync(data)) rmSync(join(data, name), { recursive: true });
    },
  },
  crashes: { onceListening: () => setTimeout(() => process.exit(3), 50) },
  ends: { onceListening: () => setTimeout(() => process.exit(0), 50) },
  'answers-empty': {
    answers: (request, response) => {
      response.end();
      return true;
    },
  },
  // As init scripts start daemons: a new session, an empty environment, another folder. It ends by
  // itself after a minute, should nobody else end it.
  'leaves-daemon': {
    atStart: () => {
      spawn(
        'setsid',
        ['--fork', 'env', '-i', process.execPath, '-e', 'setTimeout(() => {}, 6e4)'],
        {
          cwd: '/',
          stdio: 'ignore',
          detached: true,
        },
      ).unref();
    },
  },
  'ignores-sigterm': { staysOn: true },
  'logs-secrets': { atStart: () => console.log(JSON.stringify(process.env)) },
  'edits-itself': {
    atStart: () => appendFileSync(new URL(import.meta.url), '// Changed at start.\n'),
  },
  'dies-when-asked': {
    answers: ({ url }, response) => {
      if (url === '/count') response.on('close', () => process.exit(4));
      return false;
    },
  },
  'cannot-count': {
    answers: ({ url }, response) => {
      if (url !== '/count') return false;
      response.writeHead(500).end('no\n');
      return true;
    },
  },
  'refuses-migration': {
    answers: ({ method }, response) => {
      if (method !== 'POST') return false;
      response.writeHead(500).end('no\n');
      return true;
    },
  },
};
