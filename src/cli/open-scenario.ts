// The scenario of a run: one that every app has, or a file.

import type { Manifest } from '../scenario/manifest.ts';
import type { Plan } from '../scenario/plan.ts';
import { builtInScenario, builtInScenarios, type RunScenario } from '../scenario/scenarios.ts';
import { UsageError, type Terminal } from './command.ts';
import type { ProblemReport } from './load-manifest.ts';
import type { RunInputs } from './run-options.ts';

export type OpenedScenario = {
  readonly scenario: RunScenario;
  /** With the manifest and the releases that the file names. */
  readonly inputs: RunInputs;
  /** Wall-clock limit of the whole run, cleanup not counted. */
  readonly limitMs?: number;
  /** What the file says about the manifest, and about the plan made from both. */
  readonly judge: {
    readonly manifest: (manifest: Manifest) => void;
    readonly plan: (plan: Plan) => void;
  };
  readonly notes: readonly { readonly code: string; readonly message: string }[];
};

/** Throws UsageError and InvalidInput (exit code 2), and WorldError `unavailable` where it cannot run. */
export async function openScenario(
  inputs: RunInputs,
  terminal: Terminal,
  problems: ProblemReport,
): Promise<OpenedScenario> {
  const { scenarioFile } = inputs;
  if (scenarioFile !== undefined) {
    // Loaded late: few runs name a file, and what reads one is half as large as all the rest.
    const { openScenarioFile } = await import('./open-scenario-file.ts');
    return openScenarioFile({ ...inputs, scenarioFile }, terminal, problems);
  }
  const scenario = builtInScenario(inputs.scenario);
  if (scenario === undefined) {
    const known = builtInScenarios.map(({ id }) => id).join(', ');
    throw new UsageError(
      `unknown scenario ${JSON.stringify(inputs.scenario)}`,
      `known: ${known}, or the path of a file that ends in .yaml`,
    );
  }
  const judge = { manifest: () => undefined, plan: () => undefined };
  return { scenario, inputs, judge, notes: [] };
}
