#!/usr/bin/env node
// The second program: `aether …` is `seatrial aether …`.

import { version } from './version.ts';

const argv = process.argv.slice(2);

if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V')) {
  process.stdout.write(`${version}\n`);
} else {
  const { dispatch } = await import('./dispatch.ts');
  process.exitCode = await dispatch(['aether', ...argv]);
}
