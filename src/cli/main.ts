#!/usr/bin/env node
// The composition root: the only file that sets the exit code. Everything else is imported late, so
// that `seatrial --version` costs little more than starting Node.

import { version } from './version.ts';

const argv = process.argv.slice(2);

if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V')) {
  process.stdout.write(`${version}\n`);
} else {
  const { dispatch } = await import('./dispatch.ts');
  process.exitCode = await dispatch(argv);
}
