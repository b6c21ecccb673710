// Leaves lcov.info of the sources, also when a test fails: that is for the tests to say.
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import './make-table.mjs';

rmSync('lcov.info', { force: true });
const reporter = ['--test-reporter=lcov', '--test-reporter-destination=lcov.info'];
spawnSync('node', ['--test', '--experimental-test-coverage', ...reporter, 'test']);
const records = readFileSync('lcov.info', 'utf8').split('end_of_record\n');
const own = records.filter((record) => /^SF:(?:src|generated)\//m.test(record));
writeFileSync('lcov.info', own.map((record) => `${record}end_of_record\n`).join(''));
