// Hooks that a change brings, in its own manifest or in the functions of a recipe's CI folder: which of them
// run, and what hostile ones reach.

import * as fs from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { bundleRoot, objectPath } from '../../src/evidence/bundle-paths.ts';
import type { RunState } from '../../src/evidence/run-state.ts';
import { localHooksOf, ownManifestNotes } from '../../src/lifecycle/local-hooks.ts';
import type { CommittedFile } from '../../src/ports/git.ts';
import { noSandbox } from '../drivers/sandbox/sandbox-here.ts';
import { makeChange, notesOf, type Change } from './change-repository.ts';

const made: Change[] = [];
afterEach(async () => {
  for (const each of made.splice(0)) await each.remove();
});

const committed = (files: Readonly<Record<string, string>>): readonly CommittedFile[] =>
  Object.entries(files).map(([path, text]) => ({
    ...{ path, bytes: Buffer.from(text) },
    mode: text === 'a link' ? '120000' : '100644',
  }));

const ciFolder = committed({
  'tests/install_steps.sh': 'exit 0\n',
  'tests/ops.py':
    'def pre_install(ctx): pass\ndef pre_upgrade(ctx): pass\ndef pre_backup(ctx): pass\ndef pre_restore(ctx): pass\n',
  'tests/recipe_meta.py':
    'def READY_PROBE(domain): return True\ndef BACKUP_VERIFY(domain): return True\nEXTRA_ENV = {}\n',
});
const ownHooks = (hooks: string): string => `seatrial: 1\napp: notes\nhooks: ${hooks}\n`;

const decided = (
  files: readonly CommittedFile[],
  authority: 'denied' | 'sandboxed' | 'approved' | 'approved+docker',
  owner: Parameters<typeof localHooksOf>[1]['hooks'] = {},
) => localHooksOf(files, { hooks: owner }, { authority });

test.each([
  ['denied', []],
  ['sandboxed', ['mutate', 'ready', 'seed']],
  ['approved', ['backupVerify', 'mutate', 'preUpgrade', 'prepare', 'ready', 'seed']],
  ['approved+docker', ['backupVerify', 'mutate', 'preUpgrade', 'prepare', 'ready', 'seed']],
] as const)('HC2: hooks of a CI folder that is %s', (authority, names) => {
  const { hooks } = decided(ciFolder, authority);
  expect(Object.keys(hooks).sort()).toEqual(names);
  for (const hook of Object.values(hooks)) expect(hook).toMatchObject({ authority, call: true });
});

test("a hook of the owner is not replaced, and the change's own manifest goes before its functions", () => {
  const files = [
    ...ciFolder,
    ...committed({
      'seatrial.yaml': ownHooks('{ mutate: { file: ./tests/mutate.sh } }'),
      'tests/mutate.sh': 'exit 0\n',
    }),
  ];
  const { hooks, paths } = decided(files, 'sandboxed', { seed: { file: 'seed.sh' } });
  expect(Object.keys(hooks).sort()).toEqual(['mutate', 'ready']);
  expect(hooks.mutate).toMatchObject({ path: 'tests/mutate.sh' });
  expect(hooks.mutate).not.toHaveProperty('call');
  expect(paths).toEqual(['tests/mutate.sh', 'seatrial.yaml', 'tests/recipe_meta.py']);
});

test.each([
  ['a file beside what is bound', '{ seed: { file: hooks/seed.sh } }', /is not valid \(1: SC011/],
  ['a file outside', '{ seed: { file: ../seed.sh } }', /is not valid \(1: SC011/],
  ['a link', '{ seed: { file: tests/link.sh } }', /is valid/],
  ['a name that is no hook', '{ sed: { file: tests/seed.sh } }', /is not valid \(1: SC002/],
  ['no YAML', '{ seed: [', /is not valid/],
])('nothing runs by a manifest that names %s', (_, hooks, says) => {
  const files = committed({
    'seatrial.yaml': ownHooks(hooks),
    'tests/seed.sh': 'exit 0\n',
    'tests/link.sh': 'a link',
  });
  expect(decided(files, 'approved').hooks).toEqual({});
  expect(ownManifestNotes(files)[0]?.message).toMatch(says);
});

const secret = 'sesame-4711-open';

/** Each hook tries what its authority withholds, says what came of it, and asks the app. */
function hostile(): { readonly one: Change; readonly ran: () => string } {
  const one = makeChange({}, 'backup: { how: live, quiesce: [/bin/true], resume: [/bin/true] }\n');
  made.push(one);
  const [ran, hidden] = [one.at('ran'), one.at('harness/secret.txt')];
  const write = (name: string, text: string): void => {
    one.write(`app/${name}`, text);
  };
  one.write('harness/secret.txt', secret);
  write(
    'seatrial.yaml',
    ownHooks(
      '{ prepare: { file: tests/own.sh }, mutate: { file: tests/own.mjs }, ready: { file: tests/own.sh } }',
    ) + 'skipFloor: { all: because the change says so }\n',
  );
  write(
    'tests/own.sh',
    `printf "$SEATRIAL_OPERATION-sh " >>${ran}; cat ${hidden}; env\n{ echo env STOLEN=sh >&3; } 2>&1\nexit 0\n`,
  );
  write(
    'tests/own.mjs',
    `import fs from 'node:fs';
const attempts = [
  () => fs.appendFileSync('${ran}', 'mutate '), () => console.log(fs.readFileSync('${hidden}', 'utf8')),
  () => fs.writeSync(3, 'env STOLEN=mjs\\n'), () => fs.writeFileSync('tests/own.sh', 'exit 1'),
];
for (const attempt of attempts) try { attempt(); } catch (error) { console.log('refused', error.code); }
const answer = await fetch(process.env.SEATRIAL_BASE_URL);
console.log('heard', await answer.text());
`,
  );
  write(
    'tests/ops.py',
    `import os, urllib.request
def pre_backup(ctx):
    attempts = [
        lambda: open("${ran}", "a").write("seed "), lambda: print(open("${hidden}").read()),
        lambda: os.write(3, b"env STOLEN=py\\n"),
    ]
    for attempt in attempts:
        try:
            attempt()
        except OSError as error:
            print("refused", error.errno)
    print("heard", urllib.request.urlopen(os.environ["SEATRIAL_BASE_URL"]).read().decode())
`,
  );
  one.commit();
  return { one, ran: () => (fs.existsSync(ran) ? fs.readFileSync(ran, 'utf8') : '') };
}

type Seen = {
  readonly hook: string;
  readonly output: string;
  readonly exitCode: number;
  readonly authority?: string;
};

function hooksSeen(one: Change, state: RunState | undefined): ReadonlyMap<string, Seen> {
  const root = bundleRoot(one.at('harness/.seatrial'), state?.started.run ?? '');
  const all = (state?.operations ?? []).flatMap(({ name, observations }) =>
    observations
      .filter(({ what }) => what.startsWith('hook-'))
      .map(({ object, what }) => {
        const text = fs.readFileSync(`${root}/${objectPath(object.sha256)}`, 'utf8');
        return [`${name} ${what}`, JSON.parse(text) as Seen] as const;
      }),
  );
  return new Map(all);
}

const ofLife = ['--scenario', 'lifecycle', '--ops'];

test.skipIf(noSandbox)(
  'HC2: seed, mutate and ready of a change reach the app and nothing else',
  async () => {
    const { one, ran } = hostile();
    await one.allow('sandboxed', 'any');
    const { code, state, err } = await one.run({ args: [...ofLife, 'restore'] });
    expect([code, ran()], err).toEqual([0, '']);
    const seen = hooksSeen(one, state);
    expect([...seen.keys()]).toEqual([
      'install hook-ready',
      'backup hook-seed',
      'backup hook-ready',
      'restore hook-mutate',
      'restore hook-ready',
    ]);
    for (const { output, authority } of seen.values()) {
      expect(authority).toBe('sandboxed');
      for (const held of [secret, 'STOLEN', 'SEATRIAL_LOCKS']) expect(output).not.toContain(held);
    }
    // What a user who is not root writes beside the app lands in a folder of the sandbox, and is gone with it.
    for (const each of ['backup hook-seed', 'restore hook-mutate'])
      expect(seen.get(each)?.output).toMatch(/^(?:refused \S+\n){2,4}heard the app: \/\n$/);
    expect(notesOf(state, 'local-manifest')[0]).toContain('only hooks are used');
    expect(state?.checks.find(({ id }) => id === 'floor.install.serving')?.verdict).toBe('passed');
  },
);

test('HC2: the same hooks do all of it once they are approved', async () => {
  const { one, ran } = hostile();
  await one.allow('approved');
  const { code, state, err } = await one.run({ args: [...ofLife, 'backup'] });
  expect(code, err).toBe(0);
  expect(ran()).toBe('install-sh install-sh seed backup-sh ');
  expect(hooksSeen(one, state).get('backup hook-seed')?.output).toContain(secret);
});
