// Planted: the runner was killed while it wrote, and whoever started it took no notice.
import { writeFileSync } from 'node:fs';

const whole =
  '<?xml version="1.0" encoding="utf-8"?>\n<testsuites>\n<testcase name="a"/>\n</testsuites>\n';
writeFileSync('junit.xml', whole.slice(0, -8));
