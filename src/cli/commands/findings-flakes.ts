import { flag, text, UsageError, type Command } from '../command.ts';
import { exit } from '../exit-codes.ts';
import { many } from '../findings-options.ts';

export const findingsFlakes: Command = {
  name: 'findings flakes',
  summary: 'Tell broken from flaky from worse, over many runs of the same tests',
  details: [
    'broken: fails every time, alone too. worse: fails more often than chance explains (Fisher’s exact',
    'test, corrected for the number of tests). flaky: passes and fails on the same code. Exit code 1:',
    'something is broken or worse; 0: not; 2: an input cannot be trusted.',
  ],
  options: [
    { name: 'before', value: 'KIND:PATH', multiple: true, summary: 'a run of the reference' },
    { name: 'after', value: 'KIND:PATH', multiple: true, summary: 'a run of the code in question' },
    { name: 'alone', value: 'KIND:PATH', multiple: true, summary: 'what failed, run on its own' },
    {
      name: 'alpha',
      value: 'P',
      summary: 'chance of a false alarm that is accepted (default 0.05)',
    },
  ],
  examples: [
    'seatrial findings flakes --before r1.xml --before r2.xml --after a1.xml --alone b.xml',
  ],
  run: async ({ values }, terminal) => {
    const { readInputs } = await import('../findings-input.ts');
    const { judgeFlakes } = await import('../../findings/flakes.ts');
    const { renderFlakes } = await import('../findings-render-flakes.ts');
    const alpha = Number(text(values, 'alpha') ?? 0.05);
    if (!(alpha > 0 && alpha < 1)) throw new UsageError('--alpha takes a number between 0 and 1');
    if (many(values, 'after').length === 0) throw new UsageError('--after is missing');
    const runs = async (name: string) => {
      const read = [];
      for (const each of many(values, name))
        read.push(await readInputs([each], { values, terminal }));
      return read;
    };
    const flakes = judgeFlakes({
      before: await runs('before'),
      after: await runs('after'),
      alone: await runs('alone'),
      alpha,
    });
    terminal.out(flag(values, 'json') ? `${JSON.stringify(flakes)}\n` : renderFlakes(flakes));
    const isWorse = flakes.subjects.some(
      ({ verdict }) => verdict === 'broken' || verdict === 'worse',
    );
    return isWorse ? exit.failed : exit.passed;
  },
};
