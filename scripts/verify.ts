// Everything that can be checked on this machine: installs what the tests need, builds, checks,
// tests. What was left out is listed with its reason; leaving out never counts as passing.

import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { heading, run, say } from './steps.ts';

type Step = { readonly name: string; readonly program: string; readonly args: readonly string[] };

const leftOut: string[] = [];
let [passed, failed] = [0, 0];

/** Debian packages that tests use, by a program each brings. */
const packages = [
  { program: '/usr/bin/chromium', name: 'chromium', why: 'HTML reports in a real browser' },
  { program: '/usr/bin/xmllint', name: 'libxml2-utils', why: 'XML reports against their schemas' },
  { program: '/usr/bin/flock', name: 'util-linux', why: 'kernel locks' },
  { program: '/usr/bin/perl', name: 'perl-base', why: 'the process guardian' },
  { program: '/usr/bin/bwrap', name: 'bubblewrap', why: 'the sandbox for code of a change' },
  { program: '/usr/bin/git', name: 'git', why: 'releases from git' },
  { program: '/usr/bin/pgrep', name: 'procps', why: 'looking for leftover processes' },
] as const;

async function installPackages(): Promise<void> {
  const missing = packages.filter(({ program }) => !existsSync(program));
  if (missing.length === 0) return;
  const names = missing.map(({ name }) => name);
  const root = process.getuid?.() === 0;
  if (!root || !existsSync('/usr/bin/apt-get')) {
    for (const { name, why } of missing)
      leftOut.push(
        `${why}: needs Debian package ${name} (${root ? 'no apt-get here' : 'not root'})`,
      );
    return;
  }
  heading(`Debian packages: ${names.join(', ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const updated = await run('apt-get', ['update', '-q'], { env });
  const args = ['install', '-y', '-q', '--no-install-recommends', ...names];
  const installed = updated.code === 0 ? await run('apt-get', args, { env }) : updated;
  if (installed.code === 0) return;
  say(installed.stderr);
  for (const { name, why } of missing)
    leftOut.push(`${why}: package ${name} could not be installed`);
}

const npm = (name: string): Step => ({ name, program: 'npm', args: ['run', '--silent', name] });

async function step({ name, program, args }: Step): Promise<boolean> {
  heading(name);
  const { code, seconds } = await run(program, args, { show: true });
  say(
    `\n${name}: ${code === 0 ? 'passed' : `failed with exit code ${String(code)}`} in ${seconds.toFixed(1)} s`,
  );
  if (code === 0) passed += 1;
  else failed += 1;
  return code === 0;
}

type Engine = { readonly env: NodeJS.ProcessEnv; readonly started: boolean };

/** The engine that tests of containers run on. Without one they are skipped and listed as left out. */
async function engine(): Promise<Engine> {
  heading('docker');
  const { code, stdout, stderr } = await run('npm', ['run', '--silent', 'docker', '--', 'up']);
  say(stdout.trim());
  if (code !== 0) {
    const why = stderr.trim().split('\n').at(-1) ?? '';
    leftOut.push(`Compose and Swarm on a real engine: ${why}`);
    return { env: process.env, started: false };
  }
  const exports = [...stdout.matchAll(/^export (\w+)=(.*)$/gm)];
  return {
    env: {
      ...process.env,
      ...Object.fromEntries(exports.map(([, name = '', value = '']) => [name, value])),
    },
    started: stdout.includes('started the engine'),
  };
}

type VitestReport = {
  readonly numTotalTests: number;
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numFailedTestSuites: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
};

async function tests(env: NodeJS.ProcessEnv): Promise<void> {
  heading('test');
  const folder = mkdtempSync(join(tmpdir(), 'seatrial-verify-'));
  const file = join(folder, 'vitest.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  const { code } = await run('npx', ['vitest', 'run', ...reporters], { show: true, env });
  if (!existsSync(file)) {
    failed += 1;
    say('the test runner left no report');
  } else {
    count(JSON.parse(readFileSync(file, 'utf8')) as VitestReport, code);
  }
  rmSync(folder, { recursive: true });
}

function count(report: VitestReport, code: number): void {
  passed += report.numPassedTests;
  const files = report.testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && assertionResults.every((each) => each.status !== 'failed'),
  );
  failed += report.numFailedTests + files.length;
  const broken = code !== 0 && report.numFailedTests + files.length === 0;
  if (broken || report.numPassedTests === 0) failed += 1;
  for (const { assertionResults } of report.testResults)
    for (const { status, fullName } of assertionResults)
      if (status !== 'passed' && status !== 'failed') leftOut.push(`test skipped: ${fullName}`);
}

/** What a newcomer runs first. It takes its application from the npm registry. */
async function demo(): Promise<void> {
  const { code, stderr } = await run('npm', ['view', 'node-red@4.1.15', 'version']);
  if (code === 0) await step({ name: 'demo', program: 'npx', args: ['tsx', 'scripts/demo.ts'] });
  else
    leftOut.push(
      `demo: the npm registry does not answer: ${stderr.trim().split('\n').at(-1) ?? ''}`,
    );
}

await installPackages();
const built = await step(npm('build'));
for (const name of ['types', 'lint', 'format', 'unused', 'docs:check', 'package'])
  await step(npm(name));
if (built) {
  const { env, started } = await engine();
  await tests(env);
  if (started) await run('npm', ['run', '--silent', 'docker', '--', 'down'], { show: true });
}
if (built) await step(npm('canaries'));
const acceptance = { program: 'npx', args: ['tsx', 'scripts/acceptance-aether.ts'] };
if (built) await step({ name: 'acceptance:aether', ...acceptance });
if (built) await demo();

heading('left out');
say(leftOut.length === 0 ? 'nothing' : leftOut.map((each) => `- ${each}`).join('\n'));
say(`\n${String(passed)} passed, ${String(failed)} failed`);
process.exitCode = failed === 0 ? 0 : 1;
