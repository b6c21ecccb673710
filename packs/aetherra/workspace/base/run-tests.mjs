// Runs the tests and leaves junit.xml.
import { spawnSync } from 'node:child_process';
import './make-table.mjs';

const reporters = [
  ...['--test-reporter=spec', '--test-reporter-destination=stdout'],
  ...['--test-reporter=junit', '--test-reporter-destination=junit.xml'],
];
const { status } = spawnSync('node', ['--test', ...reporters, 'test'], { stdio: 'inherit' });
process.exitCode = status ?? 1;
