// The scenario of a run: one that every app has, or a file.

import { builtInScenario, builtInScenarios } from '../scenario/scenarios.ts';
import { UsageError, type Terminal } from './command.ts';
import type { ProblemReport } from './load-manifest.ts';
import type { OpenedScenario } from './opened-scenario.ts';
import type { RunInputs } from './run-options.ts';

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
