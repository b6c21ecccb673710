// Runs the benchmarks one after the other, or those that are named. Each prints ratios that were measured
// in one run of its own, and ends with 1 when one of them is beyond its limit.
//
//   npm run bench -- [name…]

import { readdirSync } from 'node:fs';
import { heading, run, say } from './steps.ts';

const all = readdirSync('bench').flatMap((file) => /^(?!timed)([\w-]+)\.ts$/.exec(file)?.[1] ?? []);
const asked = process.argv.slice(2);
const unknown = asked.find((name) => !all.includes(name));
if (unknown !== undefined) throw new Error(`no benchmark ${unknown}; there are: ${all.join(', ')}`);

const built = await run('npm', ['run', '--silent', 'build'], { show: true });
if (built.code !== 0) process.exit(built.code);

const beyond: string[] = [];
for (const name of asked.length > 0 ? asked : all) {
  heading(name);
  const { code } = await run('npx', ['tsx', `bench/${name}.ts`], { show: true });
  if (code !== 0) beyond.push(name);
}
heading('beyond a limit, or failed');
say(beyond.length === 0 ? 'none' : beyond.join(', '));
process.exitCode = beyond.length === 0 ? 0 : 1;
