// Planted: leaves a report that says nothing.
import { writeFileSync } from 'node:fs';

writeFileSync('lcov.info', '');
