// Runs the tests of a work tree and reads the JUnit report that they leave. Second argument: the tree.

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { SaxesParser } from 'saxes';
import { report } from './tool.ts';

type Counted = { readonly total: number; readonly failed: number; readonly whole: boolean };

/** A report that is not well-formed to its end proves nothing of what it holds. */
function countTests(xml: string): Counted {
  let [total, failed] = [0, 0];
  const parser = new SaxesParser();
  parser.on('opentag', ({ name }) => {
    if (name === 'testcase') total += 1;
    if (name === 'failure' || name === 'error') failed += 1;
  });
  parser.on('error', (error) => {
    throw error;
  });
  try {
    parser.write(xml).close();
    return { total, failed, whole: true };
  } catch {
    return { total, failed, whole: false };
  }
}

await report(() => {
  const tree = process.argv[3] ?? '';
  const file = join(tree, 'junit.xml');
  rmSync(file, { force: true });
  const ran = spawnSync('node', ['run-tests.mjs'], { cwd: tree, encoding: 'utf8' });
  const { total, failed, whole } = countTests(existsSync(file) ? readFileSync(file, 'utf8') : '');
  return Promise.resolve({
    exit: ran.status,
    tests_total: total,
    failed,
    whole,
    tests_ok: ran.status === 0 && whole && total > 0 && failed === 0,
    stdout_snippet: ran.stdout.split('\n').slice(0, 10).join('\n'),
  });
});
