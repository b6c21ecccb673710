// Planted: leaves the report of an earlier day.
import { utimesSync, writeFileSync } from 'node:fs';

writeFileSync('lcov.info', 'SF:src/parse.mjs\nDA:1,1\nend_of_record\n');
utimesSync('lcov.info', new Date('2020-01-01'), new Date('2020-01-01'));
