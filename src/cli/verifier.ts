// The audit as a program of its own, asked by a validation: it gets folders of its own and no more of this
// process than it needs, so that whatever it writes elsewhere is seen.

import { join } from 'node:path';
import { systemFiles } from '../drivers/files.ts';
import { sha256Hex } from '../evidence/canonical.ts';
import { treeDigest } from '../evidence/tree-digest.ts';
import type { Verifier } from '../audit/run-validation.ts';
import type { AuditReply, Effects } from '../audit/validation-facts.ts';
import type { Processes } from '../ports/processes.ts';
import { WorldError } from '../ports/world-error.ts';
import type { Terminal } from './command.ts';

export type VerifierOptions = {
  /** The program, before its command. */
  readonly argv: readonly [string, ...string[]];
  readonly processes: Processes;
  /** Absolute. */
  readonly store: string;
  readonly pack: string;
  readonly rows: readonly string[];
  readonly subject: string;
  readonly signal: AbortSignal;
  readonly env: Terminal['env'];
};

const timeoutMs = 600_000;
const outputLimitBytes = 256 * 1024 * 1024;

export const openVerifier =
  (options: VerifierOptions) =>
  (work: string): Verifier => ({
    check: async (bundles, claims) => {
      const { pack, rows, subject } = options;
      const args = [
        ...['audit', 'check', '--pack', pack, '--store', options.store, '--release', '--json'],
        ...['--subject', subject, '--rows', rows.join(','), '--bundles', bundles.join(',')],
        ...claims.flatMap((claim) => ['--claim', join(pack, claim)]),
      ];
      const stdout = await run(options, work, args);
      const digest = (text: string): string => `sha256:${sha256Hex(text)}`;
      const source = { transport: 'process', command: digest(args.join('\0')) };
      return {
        reply: JSON.parse(stdout) as AuditReply,
        source: { ...source, output: digest(stdout) },
      };
    },
    effects: (bundles) => effects(options, work, bundles),
  });

/** Statuses of the whole store: what a claim changes need not be about its own bundles. */
async function effects(
  options: VerifierOptions,
  work: string,
  bundles: readonly string[],
): Promise<Effects> {
  const { pack, store } = options;
  const whole = ['--pack', pack, '--store', store];
  const answer = await run(options, work, ['audit', 'status', ...whole, '--json']);
  const { rows } = JSON.parse(answer) as Pick<AuditReply, 'rows'>;
  const queue = await run(options, work, ['audit', 'export', ...whole, '--format', 'md']);
  const trees = [];
  for (const bundle of bundles)
    trees.push(treeDigest(await systemFiles.listing(join(store, 'runs', bundle))));
  return {
    statuses: Object.fromEntries(rows.map(({ id, status }) => [id, status])),
    queue: sha256Hex(queue),
    pack: treeDigest(await systemFiles.listing(pack)),
    runs: sha256Hex(trees.join('\n')),
    outside: treeDigest(await systemFiles.listing(work)),
  };
}

/** Output of an audit that could answer, whatever it answered. */
async function run(
  { argv, processes, signal, env }: VerifierOptions,
  work: string,
  args: readonly string[],
): Promise<string> {
  const folders = { HOME: join(work, 'home'), TMPDIR: join(work, 'tmp') };
  const cwd = join(work, 'cwd');
  for (const folder of [...Object.values(folders), cwd]) await systemFiles.makeDirectory(folder);
  // Who holds a run's lock is told by where locks lie.
  const kept = ['PATH', 'XDG_RUNTIME_DIR', 'SEATRIAL_LOCKS'].flatMap((name) => {
    const value = env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  const result = await processes.run({
    argv: [...argv, ...args] as [string, ...string[]],
    ...{ cwd, env: { ...Object.fromEntries(kept), ...folders } },
    ...{ timeoutMs, outputLimitBytes, signal },
  });
  const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
  if ([0, 1, 3].includes(result.exitCode ?? -1) && result.droppedBytes === 0)
    return text(result.stdout);
  const said = text(result.stderr).trim().slice(-2000);
  const how = result.timedOut
    ? 'took too long'
    : `ended with ${String(result.exitCode ?? 'a signal')}`;
  throw new WorldError('unavailable', `the audit ${how}: ${said}`);
}
