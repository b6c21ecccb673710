import { flag, type Command, type Terminal } from '../command.ts';
import { planOptions, recipeArgument } from '../run-options.ts';

export const plan: Command = {
  name: 'plan',
  summary: 'Show what a run would do and must show, and why; change nothing',
  details: ['A plan has no journal and can never be counted as evidence.'],
  args: [recipeArgument],
  options: planOptions,
  examples: ['seatrial plan', 'seatrial plan --head dir:. --base 1.4.2'],
  run: async ({ args, values }, terminal) => {
    const { composeRun } = await import('../compose-run.ts');
    const { renderPlan } = await import('../render-plan.ts');
    const { inputsOf } = await import('../ci-folder.ts');
    const inputs = await inputsOf(values, terminal, args);
    const shown = await planOfPack(inputs.scenarioFile, flag(values, 'json'), terminal);
    if (shown !== undefined) {
      terminal.out(shown);
      return 0;
    }
    const { planned } = await composeRun(inputs, terminal, {
      json: flag(values, 'json'),
      onProgress: (line) => {
        terminal.err(`${line}\n`);
      },
    });
    terminal.out(
      flag(values, 'json')
        ? `${JSON.stringify({ ...planned.plan, evidence: false })}\n`
        : renderPlan(planned.plan),
    );
    return 0;
  },
};

/** Undefined for a scenario whose app is deployed by a manifest. */
async function planOfPack(
  scenarioFile: string | undefined,
  json: boolean,
  terminal: Terminal,
): Promise<string | undefined> {
  if (scenarioFile === undefined) return undefined;
  const { openPackScenario } = await import('../open-pack.ts');
  const { openProblemReport } = await import('../load-manifest.ts');
  const found = await openPackScenario(scenarioFile, openProblemReport(terminal, json));
  if (found === undefined) return undefined;
  if ('validation' in found) {
    const { planValidation, renderValidationPlan } = await import('../run-validation.ts');
    const planned = await planValidation(found);
    return json
      ? `${JSON.stringify({ ...planned, evidence: false })}\n`
      : renderValidationPlan(planned);
  }
  const { planPack, renderPackPlan } = await import('../run-pack.ts');
  const planned = planPack(found);
  const { plan: bound, digest: planDigest, expected } = planned;
  return json
    ? `${JSON.stringify({ plan: bound, planDigest, expected, evidence: false })}\n`
    : renderPackPlan(planned);
}
