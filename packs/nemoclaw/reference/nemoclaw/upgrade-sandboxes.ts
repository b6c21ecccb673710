import { usage } from '../shared/failure.ts';
import { parseArguments } from '../shared/parse-arguments.ts';
import { say } from '../shared/program.ts';
import { rebuild } from './rebuild-current.ts';
import { readRegistry } from './registry.ts';
import { checkSandbox, type Finding } from './upgrade-check-current.ts';

const upgradeUsage = 'nemoclaw upgrade-sandboxes --check | --auto --yes';

/** Exit 0 all current, 5 some stale, 6 some unknown and none stale. */
export async function upgradeSandboxes(args: readonly string[]): Promise<number> {
  const options = {
    check: { type: 'boolean' },
    auto: { type: 'boolean' },
    yes: { type: 'boolean' },
  } as const;
  const { flag } = parseArguments(args, options, upgradeUsage);
  if (flag('check') === (flag('auto') && flag('yes'))) throw usage(upgradeUsage);
  const findings: Finding[] = [];
  for (const entry of Object.values(readRegistry().sandboxes))
    findings.push(await checkSandbox(entry));
  for (const finding of findings) say(lineOf(finding));
  const stale = findings.filter(({ state }) => state === 'stale');
  if (flag('check')) return exitCodeOf(findings);
  for (const { name } of stale) {
    const code = await rebuild(name, { isVerbose: false, isResumed: false });
    if (code !== 0) return code;
  }
  return 0;
}

function lineOf({ name, state, version, expected, why }: Finding): string {
  if (state === 'current') return `${name}: up to date (${version})`;
  if (state === 'unknown') return `${name}: unknown, ${why}`;
  return `${name}: stale, needs upgrading: has ${version}, ${expected} is expected (${why})`;
}

function exitCodeOf(findings: readonly Finding[]): number {
  if (findings.some(({ state }) => state === 'stale')) return 5;
  return findings.some(({ state }) => state === 'unknown') ? 6 : 0;
}
