import { resolve } from 'node:path';
import type { CanaryResult } from '../canaries.ts';
import { endOfCanaries } from '../canaries-end.ts';
import { storeOption } from '../common-options.ts';
import { flag, text, type Command, type Terminal, type Values } from '../command.ts';
import { many } from '../findings-options.ts';
import { storeOf } from '../store.ts';

const defaultParallel = 2;

export const canariesRun: Command = {
  name: 'canaries run',
  summary: 'Plant each fault of a pack and see whether its checks go red',
  details: [
    'Exit code 0: all red. 1: one stayed green. 3: one could not run, or a check that it must turn red',
    'was not judged. Told to end, it ends as a run does, and what it had seen by then is printed.',
    'Of a pack with subjects each scenario is also run without a fault: a check that is red there too',
    'is told, exit code 3. A run that is about what is there now is not made again. Each fixture has two',
    'faults by itself, `apply-skipped:ID` and `undo-skipped:ID`. A run with a fault ends once every check',
    'that it kills or spares was asked.',
    'Of a pack of gates every gate is also asked without a fault, and must then be green; what came',
    'of each is written to canaries.json.',
  ],
  args: [{ name: 'pack', summary: 'a shipped pack (floor) or a folder', required: true }],
  options: [
    storeOption,
    { name: 'only', value: 'ID', summary: 'one canary alone' },
    { name: 'gates', value: 'NAME', multiple: true, summary: 'of a pack of gates, these alone' },
    { name: 'parallel', value: 'N', summary: 'how many at once (default 2)' },
  ],
  examples: ['seatrial canaries run floor'],
  run: async ({ args, values }, terminal) => {
    const { packFolder, preparePack } = await import('../packs.ts');
    const pack = packFolder(args[0] ?? '', terminal.cwd);
    preparePack(pack, terminal.node);
    if (await isGatePack(pack)) return runGatePack(pack, values, terminal);
    const { results, planned } = await runAll(pack, {
      terminal,
      store: resolve(terminal.cwd, storeOf(values, terminal)),
      only: text(values, 'only'),
      parallel: parallelOf(values),
    });
    const unproven = unprovenBy(results);
    terminal.out(
      flag(values, 'json')
        ? `${JSON.stringify({ results, unproven })}\n`
        : render(results, { unproven, planned }),
    );
    const outcomes = results.map(({ outcome }) => outcome);
    return endOfCanaries(outcomes, { good: 'red', planned }, terminal);
  },
};

const parallelOf = (values: Values): number =>
  Math.max(1, Number(text(values, 'parallel') ?? defaultParallel) || 1);

async function isGatePack(pack: string): Promise<boolean> {
  const { systemFiles } = await import('../../drivers/files.ts');
  const own = await systemFiles.stat(`${pack}/canaries/canaries.yaml`);
  return own === undefined && (await systemFiles.stat(`${pack}/gates.yaml`)) !== undefined;
}

async function runGatePack(pack: string, values: Values, terminal: Terminal): Promise<number> {
  const { renderGateCanaries, runGateCanaries } = await import('../gates-canaries.ts');
  const { results, code } = await runGateCanaries(pack, {
    parallel: parallelOf(values),
    names: many(values, 'gates').flatMap((each) => each.split(',')),
    store: resolve(terminal.cwd, storeOf(values, terminal)),
    terminal,
  });
  terminal.out(
    flag(values, 'json') ? `${JSON.stringify({ results })}\n` : renderGateCanaries(results),
  );
  return code;
}

async function runAll(
  pack: string,
  options: {
    readonly terminal: Terminal;
    readonly store: string;
    readonly only: string | undefined;
    readonly parallel: number;
  },
): Promise<{ readonly results: readonly CanaryResult[]; readonly planned: number }> {
  const { openPackCanaries, readCanaries, runCanary } = await import('../canaries.ts');
  const { openProblemReport } = await import('../load-manifest.ts');
  const { terminal, store, only, parallel } = options;
  const problems = openProblemReport(terminal, false);
  const { openPack, hasSubjects } = await import('../open-pack.ts');
  const opened = hasSubjects(pack) ? await openPack(pack, problems) : undefined;
  const { builtinCanaries } = await import('../../scenario/builtin-canaries.ts');
  const all =
    opened === undefined
      ? await readCanaries(pack, problems)
      : [...opened.canaries, ...builtinCanaries(opened)];
  const canaries = all.filter(({ id }) => only === undefined || id === only);
  const own =
    opened === undefined ? undefined : await openPackCanaries(opened, { store, terminal });
  const results: CanaryResult[] = [];
  const queue = canaries.entries();
  const worker = async (): Promise<void> => {
    for (const [index, canary] of queue) {
      if (terminal.signal.aborted) return;
      results[index] =
        own === undefined
          ? await runCanary(canary, { pack, store, terminal })
          : await own.run(canary);
      terminal.err(results[index].outcome === 'red' ? '.' : '!');
    }
  };
  await Promise.all(Array.from({ length: parallel }, worker));
  terminal.err('\n');
  // Those that a stop kept from running have left holes.
  return { results: results.flat(), planned: canaries.length };
}

/** Checks that these runs asked and no fault killed. */
function unprovenBy(results: readonly CanaryResult[]): readonly string[] {
  const killed = new Set(results.flatMap((result) => result.killed));
  const asked = new Set(results.flatMap((result) => result.asked));
  return [...asked].filter((check) => !killed.has(check)).sort();
}

function render(
  results: readonly CanaryResult[],
  { unproven, planned }: { readonly unproven: readonly string[]; readonly planned: number },
): string {
  // Fixtures of several scenarios may have one name, and their faults too.
  const lines = results.map(({ id, scenario, outcome, killed, message }) =>
    outcome === 'red'
      ? `red    ${id} (${scenario}): killed ${killed.join(', ')}`
      : `${outcome.padEnd(6)} ${id} (${scenario}): ${message}`,
  );
  const counts = `${String(results.filter(({ outcome }) => outcome === 'red').length)} of ${String(planned)} canaries are red`;
  const open =
    unproven.length === 0
      ? []
      : ['', 'unproven, no fault of this pack kills:', ...unproven.map((id) => `  ${id}`)];
  return [...lines, '', counts, ...open, ''].join('\n');
}
