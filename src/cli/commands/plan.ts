import { flag, type Command } from '../command.ts';
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
