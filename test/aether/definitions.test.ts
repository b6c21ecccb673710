import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkString } from '../../src/aether/check-text.ts';
import { findDefinitions, readableAt } from '../../src/aether/definitions.ts';

/** Names readable at the `|` of a script. */
function readable(marked: string): readonly string[] {
  const offset = marked.indexOf('|');
  const text = marked.replace('|', '');
  const { script, source } = checkString(text);
  const definitions = findDefinitions(script.body, source.text.length);
  return readableAt(definitions, offset).map(({ name }) => name);
}

const table: readonly [name: string, script: string, names: readonly string[]][] = [
  ['behind an assignment', 'goal: "x"\na: 1\n|', ['a']],
  ['not inside it', 'goal: "x"\na: |1\n', []],
  ['a loop name inside its block', 'goal: "x"\nfor i in [1]:\n  x: |i\n', ['i']],
  ['not behind the block', 'goal: "x"\nfor i in [1]:\n  x: i\ny: |1\n', ['x']],
  ['an alias behind its step', 'goal: "x"\nworkflow:\n  - store(1) as s\n  - |len(s)\n', ['s']],
  ['parallel names not among themselves', 'goal: "x"\nparallel:\n  a: 1\n  b: |1\n', []],
  ['behind the block', 'goal: "x"\nparallel:\n  a: 1\n  b: 1\n|', ['a', 'b']],
  ['names of a branch', 'goal: "x"\nif true:\n  a: 1\nelse:\n  b: 1\n|', ['a', 'b']],
  ['in a transaction', 'goal: "x"\ntransaction:\n  - store(1) as s\n  b: 1\n|', ['s', 'b']],
  ['of a line that cannot be read', 'goal: "x"\na: [1\nb: |1\n', ['a']],
];

test.each(table)('%s', (_, script, names) => {
  expect(readable(script)).toEqual(names);
});

test('canary: a name of the end of the script is not readable at its start', () => {
  expect(readable('|goal: "x"\na: 1\n')).toEqual([]);
});

test('any text has definitions inside it', () => {
  const words = fc.constantFrom('for', 'a', ':', ' ', '\n', '  ', '1', 'workflow', '-', 'as', '(');
  fc.assert(
    fc.property(fc.array(words, { maxLength: 40 }), (parts) => {
      const { script, source } = checkString(parts.join(''));
      for (const { span, from } of findDefinitions(script.body, source.text.length)) {
        expect(span.start).toBeGreaterThanOrEqual(0);
        expect(from).toBeGreaterThanOrEqual(span.start);
        expect(span.end).toBeLessThanOrEqual(source.text.length);
      }
    }),
  );
});
