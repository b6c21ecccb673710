// Everything that can be checked on this machine: installs what the tests need, builds, checks,
// tests. What was left out is listed with its reason; leaving out never counts as passing.

import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { type Ended, heading, run, say } from './steps.ts';

type Step = { readonly name: string; readonly program: string; readonly args: readonly string[] };

const [leftOut, broken]: [string[], string[]] = [[], []];
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

const list = (lines: readonly string[]): string =>
  lines.length === 0 ? 'nothing' : lines.map((each) => `- ${each}`).join('\n');

const npm = (name: string): Step => ({ name, program: 'npm', args: ['run', '--silent', name] });

async function step({ name, program, args }: Step): Promise<boolean> {
  heading(name);
  return judge(name, await run(program, args, { show: true }));
}

/** Two at a time, one a core; each shows what it said when it has ended. */
async function steps(waiting: Step[]): Promise<void> {
  const next = async (): Promise<void> => {
    for (let each = waiting.shift(); each !== undefined; each = waiting.shift()) {
      const ended = await run(each.program, each.args);
      heading(each.name);
      say(`${ended.stdout}${ended.stderr}`.trim());
      judge(each.name, ended);
    }
  };
  await Promise.all([next(), next()]);
}

function judge(name: string, { code, seconds }: Ended): boolean {
  say(
    `\n${name}: ${code === 0 ? 'passed' : `failed with exit code ${String(code)}`} in ${seconds.toFixed(1)} s`,
  );
  if (code === 0) passed += 1;
  else fail(name);
  return code === 0;
}

/** Counts what failed and names it again at the end: a log of thousands of lines is read from there. */
function fail(name: string): void {
  failed += 1;
  broken.push(name);
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
  const started = stdout.includes('started the engine');
  // No run is alive on an engine that was not: what it brings back would stand in the way of tests.
  const sweep = { program: 'npm', args: ['run', '--silent', 'docker', '--', 'sweep'] };
  if (started) await step({ name: 'docker sweep', ...sweep });
  const exports = [...stdout.matchAll(/^export (\w+)=(.*)$/gm)];
  return {
    env: {
      ...process.env,
      ...Object.fromEntries(exports.map(([, name = '', value = '']) => [name, value])),
    },
    started,
  };
}

type VitestFile = {
  readonly name: string;
  readonly status: string;
  readonly message: string;
  readonly assertionResults: readonly {
    readonly status: string;
    readonly fullName: string;
    readonly failureMessages: readonly string[];
  }[];
};

type VitestReport = {
  readonly numPassedTests: number;
  readonly testResults: readonly VitestFile[];
};

async function tests(env: NodeJS.ProcessEnv): Promise<void> {
  heading('test');
  const folder = mkdtempSync(join(tmpdir(), 'seatrial-verify-'));
  const file = join(folder, 'vitest.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  const { code } = await run('npx', ['vitest', 'run', ...reporters], { show: true, env });
  if (!existsSync(file)) {
    fail('the test runner left no report');
  } else {
    count(JSON.parse(readFileSync(file, 'utf8')) as VitestReport, code);
  }
  rmSync(folder, { recursive: true });
}

function count(report: VitestReport, code: number): void {
  passed += report.numPassedTests;
  const before = failed;
  for (const file of report.testResults) countFile(file);
  if (failed === before && (code !== 0 || report.numPassedTests === 0))
    fail(`the test runner ended with exit code ${String(code)}, and names no test that failed`);
}

function countFile({ name, status, message, assertionResults }: VitestFile): void {
  const path = relative('.', name);
  const red = assertionResults.filter((each) => each.status === 'failed');
  for (const each of red)
    fail(`${path}: ${each.fullName}\n  ${firstLines(each.failureMessages[0])}`);
  if (status === 'failed' && red.length === 0) fail(`${path}: all of it\n  ${firstLines(message)}`);
  const notAsked = assertionResults.filter((each) => !['passed', 'failed'].includes(each.status));
  leftOut.push(...notAsked.map(({ fullName }) => `test skipped: ${fullName}`));
}

/** Enough to know the cause from the end of a log whose beginning is lost. */
const firstLines = (text = ''): string => text.trim().split('\n', 40).join('\n  ').slice(0, 4_000);

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
await steps(['lint', 'types', 'docs:check', 'format', 'unused', 'package'].map(npm));
if (built) {
  const { env, started } = await engine();
  await tests(env);
  const down = { program: 'npm', args: ['run', '--silent', 'docker', '--', 'down'] };
  if (started) await step({ name: 'docker down', ...down });
}
if (built) await step(npm('canaries'));
const acceptance = { program: 'npx', args: ['tsx', 'scripts/acceptance-aether.ts'] };
if (built) await step({ name: 'acceptance:aether', ...acceptance });
if (built) await demo();

heading('left out');
say(list(leftOut));
heading('failed');
say(list(broken));
say(`\n${String(passed)} passed, ${String(failed)} failed`);
process.exitCode = failed === 0 ? 0 : 1;
