import type { Gate } from '../../gates/gate-schema.ts';
import { flag, type Command } from '../command.ts';
import { exit } from '../exit-codes.ts';
import { gateNamed, gatesFileOptions, openGates } from '../gates-file.ts';

export const gatesExplain: Command = {
  name: 'gates explain',
  summary: 'Say what one gate asks, which planted faults turn it red, and who signs it',
  args: [{ name: 'gate', summary: 'its name', required: true }],
  options: gatesFileOptions,
  examples: ['seatrial gates explain agents_api'],
  run: async ({ args, values }, terminal) => {
    const opened = await openGates(values, terminal);
    const [name = ''] = args;
    const gate = gateNamed(opened, name);
    terminal.out(
      flag(values, 'json') ? `${JSON.stringify({ name, ...gate })}\n` : await explain(name, gate),
    );
    return exit.passed;
  },
};

async function explain(name: string, gate: Gate): Promise<string> {
  const { stringify } = await import('yaml');
  const indented = (value: object): string =>
    stringify(value, { lineWidth: 96 })
      .trimEnd()
      .split('\n')
      .map((line) => `  ${line}`)
      .join('\n');
  const { title, kind, required, parallel, timeout, checks, canary, manual } = gate;
  const counted = required ? 'required' : 'shown, never counted';
  const alone = parallel === 'safe' ? 'may run beside others' : 'runs alone';
  return [
    `${name}: ${title ?? name}`,
    `kind ${kind}, ${counted}, ${alone}, at most ${String(timeout)} s`,
    ...checks.flatMap(({ id, title: asks, ...rest }) => [
      '',
      `${id}${asks === undefined ? '' : `: ${asks}`}`,
      indented(rest),
      ...canary
        .filter(({ red }) => [red].flat().includes(id))
        .map((each) => `  red for: ${faultOf(each)}`),
    ]),
    ...(manual === undefined ? [] : ['', 'A person must confirm it:', indented(manual)]),
    '',
  ].join('\n');
}

function faultOf({ fault, env, put, from, stub }: Gate['canary'][number]): string {
  if (fault !== undefined) return `fault ${fault}`;
  if (env !== undefined) return `variables ${Object.keys(env).join(', ')}`;
  return put === undefined
    ? `${Object.keys(stub ?? {}).join(', ')} replaced`
    : `${put} from ${from ?? ''}`;
}
