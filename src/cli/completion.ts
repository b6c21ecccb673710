// Shell completion from the same tables as --help.

import { everyCommand } from './common-options.ts';
import type { Command } from './command.ts';

export const shells = ['bash', 'zsh', 'fish'] as const;

const wordsOf = ({ args = [], options }: Command): string[] => [
  ...args.flatMap(({ choices = [] }) => choices),
  ...[...options, ...everyCommand].map(({ name }) => `--${name}`),
];

const quote = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;

export function renderCompletion(
  shell: (typeof shells)[number],
  commands: readonly Command[],
): string {
  if (shell === 'fish') return fish(commands);
  const bash = bashFunction(commands);
  return shell === 'bash'
    ? `${bash}complete -o default -F _seatrial seatrial\n`
    : `#compdef seatrial\nautoload -U +X bashcompinit && bashcompinit\n${bash}complete -o default -F _seatrial seatrial\n`;
}

function bashFunction(commands: readonly Command[]): string {
  const firsts = [...new Set(commands.map(({ name }) => name.split(' ')[0] ?? name))];
  const groups = firsts.flatMap((first) => {
    const seconds = commands
      .filter(({ name }) => name.startsWith(`${first} `))
      .map(({ name }) => name.slice(first.length + 1));
    return seconds.length === 0 ? [] : [`    ${first}) words=${quote(seconds.join(' '))} ;;`];
  });
  return `_seatrial() {
  local current="\${COMP_WORDS[COMP_CWORD]}" words=''
  if [ "$COMP_CWORD" -eq 1 ]; then
    words=${quote([...firsts, '--help', '--version'].join(' '))}
  else
    case "\${COMP_WORDS[1]}" in
${groups.join('\n')}
    esac
    if [ -z "$words" ] || [ "$COMP_CWORD" -gt 2 ]; then
      case "\${COMP_WORDS[1]} \${COMP_WORDS[2]}" in
${commands.map((command) => `      ${quote(command.name)}*) words=${quote(wordsOf(command).join(' '))} ;;`).join('\n')}
      esac
    fi
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
`;
}

function fish(commands: readonly Command[]): string {
  return commands
    .flatMap((command) => {
      const [first = '', second] = command.name.split(' ');
      const seen =
        second === undefined
          ? `__fish_seen_subcommand_from ${first}`
          : `__fish_seen_subcommand_from ${first}; and __fish_seen_subcommand_from ${second}`;
      const offer =
        second === undefined
          ? `complete -c seatrial -n __fish_use_subcommand -a ${first} -d ${quote(command.summary)}`
          : `complete -c seatrial -n '__fish_seen_subcommand_from ${first}' -a ${second} -d ${quote(command.summary)}`;
      return [
        offer,
        ...command.options.map(
          ({ name, summary }) =>
            `complete -c seatrial -n ${quote(seen)} -l ${name} -d ${quote(summary)}`,
        ),
      ];
    })
    .join('\n')
    .concat('\n');
}
