import { flag, text, type Command } from '../command.ts';
import { packOption } from '../fixtures-options.ts';

export const fixturesCheck: Command = {
  name: 'fixtures check',
  summary: 'Say how each fixture of a pack is put back; nothing is prepared',
  details: [
    'Exit code 0: each fixture that changes something has a kind that can be restored, a budget, a',
    'target of its own and two checks that no scenario can remove. 2: one has not, or a file is wrong.',
  ],
  options: [packOption],
  examples: ['seatrial fixtures check --pack nemoclaw'],
  run: async ({ values }, terminal) => {
    const { openNamedPack } = await import('../fixtures-options.ts');
    const { obligationsOf, renderObligations } = await import('../fixtures-check.ts');
    const pack = await openNamedPack(text(values, 'pack'), flag(values, 'json'), terminal);
    const fixtures = obligationsOf(pack);
    terminal.out(
      flag(values, 'json') ? `${JSON.stringify({ fixtures })}\n` : renderObligations(fixtures),
    );
    return 0;
  },
};
