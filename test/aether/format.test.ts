import { describe, expect, test } from 'vitest';
import { checkString } from '../../src/aether/check-text.ts';
import { formatChecked } from '../../src/aether/format.ts';
import { lex } from '../../src/aether/lex.ts';
import { generateScript, makeRandom } from './generate.ts';

function format(text: string): string {
  return formatChecked(checkString(text));
}

/** The tree without its places and without how its literals were written. */
function shape(text: string): unknown {
  const { script } = checkString(text);
  const drop = new Set(['span', 'head']);
  return JSON.parse(
    JSON.stringify(script, (key, value: unknown) => (drop.has(key) ? undefined : value)),
  );
}

function comments(text: string): string[] {
  const { tokens } = lex(text);
  return tokens.filter(({ kind }) => kind === 'comment').map(({ value }) => value.trimEnd());
}

function hold(text: string): void {
  const once = format(text);
  expect(format(once), text).toBe(once);
  expect(shape(once)).toEqual(shape(text));
  expect(comments(once)).toEqual(comments(text));
}

const table: { name: string; text: string; want: string }[] = [
  {
    name: 'spaces',
    text: 'goal :"x"\nx :  1+2 *3\nstore( x,tag = "a" )\n',
    want: 'goal: "x"\nx: 1 + 2 * 3\nstore(x, tag="a")\n',
  },
  {
    name: 'quotes',
    text: `goal: 'x'\nnarrate('say "hi"')\nnarrate('it\\'s')\n`,
    want: `goal: "x"\nnarrate('say "hi"')\nnarrate("it's")\n`,
  },
  {
    name: 'what is no escape',
    text: 'goal: "C:\\d"\nnarrate("\\e")\n',
    want: 'goal: "C:\\\\d"\nnarrate("\\\\e")\n',
  },
  {
    name: 'indentation',
    text: 'goal: "x"\nif x:\n     a: 1\nelse :\n b: 2\n',
    want: 'goal: "x"\nif x:\n  a: 1\nelse:\n  b: 2\n',
  },
  {
    name: 'blank lines',
    text: '\n\ngoal: "x"\n\n\n\na: 1\n\n\n\n\npolicy:\n\n\n  mock_io: true\n',
    want: 'goal: "x"\n\na: 1\n\n\npolicy:\n\n  mock_io: true\n',
  },
  { name: 'a missing final newline', text: 'goal: "x"', want: 'goal: "x"\n' },
  { name: 'CRLF stays', text: 'goal: "x"\r\na:1\r\n', want: 'goal: "x"\r\na: 1\r\n' },
  {
    name: 'comments',
    text: '# top\ngoal: "x" # why\nif x:\n  # inside\n  a: 1\n  # end of block\n# below\nb: 2#x\n',
    want: '# top\ngoal: "x"  # why\nif x:\n  # inside\n  a: 1\n  # end of block\n# below\nb: 2  #x\n',
  },
  {
    name: 'a comment inside a call keeps its lines',
    text: 'goal: "x"\nstore(  \n    1,  # one\n  )\n',
    want: 'goal: "x"\nstore(\n    1,  # one\n  )\n',
  },
  {
    name: 'lines of a call that fits are joined',
    text: 'goal: "x"\nstore(\n  1,\n  tag="a",\n)\n',
    want: 'goal: "x"\nstore(1, tag="a")\n',
  },
  {
    name: 'a rule',
    text: 'goal: "x"\non_error:\n    - when: Timeout\n    do: escalate_to("L")\n',
    want: 'goal: "x"\non_error:\n  - when: Timeout\n    do: escalate_to("L")\n',
  },
  {
    name: 'a step',
    text: 'goal: "x"\nworkflow:\n  steps:\n    - reflect  as a   retry = 2 timeout= 30s\n',
    want: 'goal: "x"\nworkflow:\n  steps:\n    - reflect as a retry=2 timeout=30s\n',
  },
  {
    name: 'flat text without quotes',
    text: 'goal:   ship it   now # soon\nnote:  two  words\n',
    want: 'goal: ship it   now  # soon\nnote: two  words\n',
  },
  {
    name: 'operators',
    text: 'goal: "x"\na: not  x  and -  1<2 or a.b [ 0 ]not in [1 ,2]\n',
    want: 'goal: "x"\na: not x and -1 < 2 or a.b[0] not in [1, 2]\n',
  },
];

describe('format', () => {
  test.each(table)('$name', ({ text, want }) => {
    expect(format(text)).toBe(want);
    hold(text);
  });

  test('what is wider than 100 columns has one item a line', () => {
    const item = `"${'a'.repeat(44)}"`;
    expect(format(`goal: "x"\nx: summarize([${item}, ${item}], 1)\n`)).toBe(
      `goal: "x"\nx: summarize(\n  [${item}, ${item}],\n  1,\n)\n`,
    );
    expect(format(`goal: "x"\nif [${item}, ${item}] == 1:\n  a: 1\n`)).toBe(
      `goal: "x"\nif [\n  ${item},\n  ${item},\n] == 1:\n  a: 1\n`,
    );
  });

  test('is its own fixed point, with the same tree and the same comments', () => {
    const random = makeRandom(11);
    for (let run = 0; run < 150; run += 1) {
      const lines = generateScript(random, 40).map((line) => {
        const roll = random();
        if (roll < 0.1 && line.trim() !== '' && !line.includes('#'))
          return `${line} # c${String(run)}`;
        if (roll < 0.15) return `${line}\n${' '.repeat(Math.floor(random() * 5))}# alone`;
        if (roll < 0.25) return line.replaceAll(', ', ' ,');
        return roll < 0.3 ? `${line}\n\n\n` : line;
      });
      hold(lines.join(random() < 0.3 ? '\r\n' : '\n'));
    }
  });

  test('canary: a formatter that drops comments is caught', () => {
    const text = 'goal: "x" # why\n';
    expect(comments(format(text).replace(/ *#.*/, ''))).not.toEqual(comments(text));
  });
});
