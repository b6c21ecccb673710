import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { facts, makeChecksFolder, runOnly, textOf, verdictsOf } from './checks-folder.ts';

// Starting a process can take long on a busy host.
vi.setConfig({ testTimeout: 20_000 });

type Row = [what: string, text: string, verdicts: string[], message: RegExp];

const run = (text: string, options: Parameters<typeof runOnly>[1] = {}) =>
  runOnly({ 'upgrade.a.check.mjs': text }, options);
const after = 'export const after = () => {};';

const answers: Row[] = [
  ['returns', 'export const a = () => 1;', ['a passed'], /returned/],
  [
    'is awaited',
    'export const a = async (ctx) => { await null; ctx.assert.equal(1, 2); };',
    ['a failed'],
    /1 !== 2/,
  ],
  [
    'throws an error',
    'export const a = () => { throw new RangeError("far"); };',
    ['a failed'],
    /^RangeError: far$/,
  ],
  ['throws no error', 'export const a = () => { throw null; };', ['a failed'], /^null$/],
  [
    'throws what cannot be shown',
    'export const a = () => { throw { get [Symbol.toStringTag]() { throw 1; } }; };',
    ['a failed'],
    /./,
  ],
  ['rejects', 'export const a = () => Promise.reject(new Error("no"));', ['a failed'], /no/],
  [
    'is no function',
    'export const a = 5;\nexport const after = () => {};',
    ['a error', 'after passed'],
    /no function but number/,
  ],
  ['is a class', 'export class a {}', ['a failed'], /without 'new'/],
];

const crashes: Row[] = [
  [
    'exits with 0',
    `export const a = () => { process.exit(0); };\n${after}`,
    ['a error', 'after not-run'],
    /exit code 0/,
  ],
  [
    'exits while loading',
    'process.exit(0); export const a = () => {};',
    ['a error'],
    /import: .*exit code 0/,
  ],
  [
    'kills itself',
    `export const a = () => { process.kill(process.pid, 'SIGKILL'); };\n${after}`,
    ['a error', 'after not-run'],
    /SIGKILL/,
  ],
  [
    'runs out of work',
    `export const a = () => new Promise(() => {});\n${after}`,
    ['a error', 'after not-run'],
    /exit code/,
  ],
  [
    'rejects unhandled',
    `export const a = () => { Promise.reject(new Error("lost")); };\n${after}`,
    ['a error', 'after passed'],
    /rejection outside.*lost/,
  ],
  [
    'throws in a timer',
    `export const a = () => new Promise(() => { setTimeout(() => { throw new Error("late"); }, 5); });\n${after}`,
    ['a error', 'after passed'],
    /exception outside.*late/,
  ],
  [
    'leaves handles',
    `export const a = () => { setInterval(() => {}, 1000); };\n${after}`,
    ['a passed', 'after passed'],
    /./,
  ],
  [
    'fails to load',
    'import "./gone.mjs"; export const a = () => {};',
    ['a error'],
    /import: .*gone\.mjs/,
  ],
  [
    'throws while loading',
    'export const a = () => {}; throw new Error("top");',
    ['a error'],
    /import: Error: top/,
  ],
  ['has wrong syntax', 'export const a = () => {}; let b = ;', ['a error'], /import: SyntaxError/],
  [
    'never loads',
    'export const a = () => {}; await new Promise(() => {});',
    ['a error'],
    /import: .*exit code 13/,
  ],
];

const forgeries: Row[] = [
  [
    'writes an answer to the channel',
    `import { writeSync } from 'node:fs';
     export const a = () => { writeSync(3, '{"n":2,"frames":[{"type":"end","id":"floor.upgrade.done","verdict":"passed"}]}\\n'); };\n${after}`,
    ['a error', 'after passed'],
    /result channel/,
  ],
  [
    'leaves a line unfinished',
    `import { writeSync } from 'node:fs';\nexport const a = () => { writeSync(3, 'x'); };\n${after}`,
    ['a error', 'after passed'],
    /result channel/,
  ],
  [
    'prints answers',
    `export const a = () => { console.log('PASS: overlay.upgrade.after'); console.error('ok 1'); throw new Error('no'); };\n${after}`,
    ['a failed', 'after passed'],
    /no/,
  ],
  [
    'changes globals',
    `JSON.stringify = () => '{}'; Promise.prototype.then = () => {};
     Object.prototype.toJSON = () => ({ verdict: 'passed' });
     export const a = () => { throw new Error('no'); };`,
    ['a failed'],
    /no/,
  ],
  [
    'closes the channel',
    `import { closeSync } from 'node:fs';\nexport const a = () => { closeSync(3); };\n${after}`,
    ['a error', 'after not-run'],
    /exit code|answer/,
  ],
  [
    'looks for the key',
    `import { readFileSync } from 'node:fs';
     export const a = () => {
       const seen = JSON.stringify([process.env, process.argv, process.execArgv]) + readFileSync(0, 'utf8');
       if (/[0-9a-f]{64}/.test(seen)) throw new Error('found');
     };`,
    ['a passed'],
    /./,
  ],
];

test.each(answers)('a check that %s', async (_, text, verdicts, message) => {
  const outcomes = await run(text);
  expect(verdictsOf(outcomes)).toEqual(verdicts);
  expect(outcomes[0]?.message).toMatch(message);
});

test.each(crashes)('a module that %s', async (_, text, verdicts, message) => {
  const outcomes = await run(text);
  expect(verdictsOf(outcomes)).toEqual(verdicts);
  expect(outcomes[0]?.message).toMatch(message);
});

test.each(forgeries)('a check that %s', async (_, text, verdicts, message) => {
  const outcomes = await run(text);
  expect(verdictsOf(outcomes)).toEqual(verdicts);
  expect(outcomes[0]?.message).toMatch(message);
});

describe('time', () => {
  const hangs: Row[] = [
    [
      'in a promise',
      `export const timeoutMs = 300;\nexport const first = () => {};\nexport const a = () => new Promise((r) => setTimeout(r, 60000));\n${after}`,
      ['first passed', 'a error', 'after not-run'],
      /timeout/,
    ],
    [
      'in a loop',
      `export const timeoutMs = 300;\nexport const first = () => {};\nexport const a = () => { for (;;); };\n${after}`,
      ['first passed', 'a error', 'after not-run'],
      /timeout/,
    ],
  ];
  test.each(hangs)('a check that hangs %s', async (_, text, verdicts, message) => {
    const outcomes = await run(text);
    expect(verdictsOf(outcomes)).toEqual(verdicts);
    expect(outcomes[1]?.message).toMatch(message);
  });

  test('checks that are slow together have their time each', async () => {
    const slow = '() => new Promise((r) => setTimeout(r, 300));';
    const text = `export const timeoutMs = 600;\nexport const a = ${slow}\nexport const b = ${slow}\nexport const c = ${slow}`;
    expect(verdictsOf(await run(text))).toEqual(['a passed', 'b passed', 'c passed']);
  });

  test('a cancelled run says so', async () => {
    const given = new AbortController();
    const outcomes = await run(
      `export const a = () => new Promise((r) => setTimeout(r, 60000));\n${after}`,
      {
        signal: given.signal,
        onStart: () => {
          given.abort();
        },
      },
    );
    expect(verdictsOf(outcomes)).toEqual(['a error', 'after not-run']);
    expect(outcomes[0]?.message).toBe('cancelled');
    const before = await run(after, { signal: AbortSignal.abort() });
    expect(verdictsOf(before)).toEqual(['after not-run']);
  });
});

test('floods of output and of the channel change no answer of others', async () => {
  const [loud, after] = await run(`import { writeSync } from 'node:fs';
export const loud = () => {
  const flood = 'x'.repeat(1 << 20);
  for (let i = 0; i < 24; i++) { writeSync(1, flood); writeSync(3, flood); }
};
export const after = () => {};`);
  expect(loud?.verdict).toBe('error');
  expect(after?.verdict).toBe('passed');
});

test('results come while the module runs, once each and in order', async () => {
  const seen: string[] = [];
  let finished = false;
  const outcomes = await run(
    'export const a = () => {}; export const b = () => new Promise((r) => setTimeout(r, 200));',
    {
      onStart: (id) => seen.push(`start ${id}`),
      onResult: ({ id }) => {
        expect(finished).toBe(false);
        seen.push(`end ${id}`);
      },
    },
  );
  finished = true;
  expect(seen).toEqual(outcomes.flatMap(({ id }) => [`start ${id}`, `end ${id}`]));
});

describe('TypeScript', () => {
  test('types, generics and imported TypeScript; stack positions stay true', async () => {
    const outcomes = await runOnly({
      'upgrade.a.check.ts': `import type { Check } from 'seatrial';
import { kept, type Note } from './notes/kept.ts';
const note = { text: 'a' } satisfies Note;
export const a: Check = (ctx) => { ctx.assert.equal(kept<Note>(note)!.text as string, 'a'); };
export const b: Check = ({ assert }) => {
  assert.fail('here');
};`,
      'notes/kept.ts': `import { same } from './same.mjs';
export interface Note { text: string }
export const kept = <T,>(note: T): T => same(note);`,
      'notes/same.mjs': `export const same = (a) => a;\nawait import('./more.ts');`,
      'notes/more.ts': `export const more: number = 1;`,
    });
    expect(verdictsOf(outcomes)).toEqual(['a passed', 'b failed']);
    expect(textOf(outcomes[1], 'failure.txt')).toMatch(/upgrade\.a\.check\.ts:6:10/);
    expect(textOf(outcomes[1], 'failure.txt')).not.toMatch(/eval1/);
  });

  test('an imported file that needs more than its types blanked', async () => {
    const outcomes = await runOnly({
      'upgrade.a.check.ts': `import { A } from './a.ts';\nexport const a = () => A.b;`,
      'a.ts': '\nexport enum A { b }',
    });
    expect(verdictsOf(outcomes)).toEqual(['a error']);
    expect(outcomes[0]?.message).toMatch(/^import: .*a\.ts:2:\d+: .*enum/);
  });
});

describe('the file is the planned one', () => {
  const changes: [what: string, change: (path: string) => Promise<void>, message: RegExp][] = [
    [
      'changed',
      (path) => writeFile(path, 'export const a = () => {}; '),
      /^snapshot-changed.*not the file/,
    ],
    ['gone', (path) => rm(path), /^snapshot-changed.*gone/],
  ];
  test.each(changes)('%s', async (_, change, message) => {
    const made = await makeChecksFolder({ 'upgrade.a.check.mjs': 'export const a = () => {};' });
    const selection = await made.selection();
    await change(join(made.folder, 'upgrade.a.check.mjs'));
    const [outcome] = await made.runner.run(selection, facts, {
      folder: made.folder,
      timeoutMs: 1000,
    });
    expect(outcome?.verdict).toBe('error');
    expect(outcome?.message).toMatch(message);
  });

  test('outside the folder', async () => {
    const made = await makeChecksFolder({ 'upgrade.a.check.mjs': after });
    const selection = await made.selection();
    const [outcome] = await made.runner.run(
      { ...selection, path: '../checks/upgrade.a.check.mjs/../../x.mjs' },
      facts,
      { folder: made.folder, timeoutMs: 1000 },
    );
    expect(outcome).toMatchObject({
      verdict: 'error',
      message: expect.stringMatching(/^refused/) as string,
    });
  });

  test('a planned export that is no longer there is not run', async () => {
    const made = await makeChecksFolder({ 'upgrade.a.check.mjs': after });
    const selection = await made.selection();
    const checks = [
      ...selection.checks,
      { id: 'overlay.upgrade.gone', name: 'gone' },
      { id: 'overlay.upgrade.proto', name: 'toString' },
    ];
    const outcomes = await made.runner.run({ ...selection, checks }, facts, {
      folder: made.folder,
      timeoutMs: 1000,
    });
    expect(verdictsOf(outcomes)).toEqual(['after passed', 'gone not-run', 'proto not-run']);
  });
});
