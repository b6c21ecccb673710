import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { discoverOverlays } from '../../src/checks/overlay-discovery.ts';
import { kebab } from '../../src/checks/overlay-name.ts';
import { positionAt } from '../../src/diagnostics/source.ts';
import type { OverlaySource } from '../../src/ports/overlays.ts';

const file = (path: string, text?: string, executable = false): OverlaySource => ({
  path,
  sha256: '0'.repeat(64),
  executable,
  ...(text === undefined ? {} : { text }),
});
const discover = (...files: OverlaySource[]) => discoverOverlays(files, ['custom', 'custom-load']);
const idsOf = async (...files: OverlaySource[]) => {
  const { files: found, problems } = await discover(...files);
  expect(problems).toEqual([]);
  return found.flatMap((each) => each.checks.map((check) => check.id));
};
const check = 'export const works = () => {};\n';

const idTable: [what: string, files: OverlaySource[], ids: string[]][] = [
  ['an export', [file('install.a.check.mjs', check)], ['overlay.install.works']],
  ['an action', [file('custom-load.a.check.js', check)], ['overlay.custom-load.works']],
  ['a folder', [file('custom/custom.a.check.ts', check)], ['overlay.custom.works']],
  [
    'functions and renamed exports',
    [
      file(
        'upgrade.a.check.mjs',
        'function f(){}\nexport { f as notesKept };\nexport async function HTTPWorks2(){}\nexport const snake_case = 1;',
      ),
    ],
    ['overlay.upgrade.notes-kept', 'overlay.upgrade.http-works2', 'overlay.upgrade.snake-case'],
  ],
  [
    'destructured',
    [file('backup.a.check.mjs', 'export const { a, b: c } = x, d = 1;')],
    ['overlay.backup.a', 'overlay.backup.c', 'overlay.backup.d'],
  ],
  [
    'types are no checks',
    [
      file(
        'restore.a.check.ts',
        `import type { Check } from 'seatrial';\nexport type T = 1;\nexport interface I { a: T }\nexport const kept: Check = async (ctx) => { const id = <T,>(x: T) => x; id(ctx satisfies unknown); };`,
      ),
    ],
    ['overlay.restore.kept'],
  ],
  ['shell, also not executable', [file('rebuild.up.check.sh', '')], ['overlay.rebuild.up']],
  ['a program', [file('remove.all-gone.check', undefined, true)], ['overlay.remove.all-gone']],
  ['dots in a name', [file('install.a.b.check.sh', '')], ['overlay.install.a-b']],
  [
    'python',
    [
      file(
        'test_install.py',
        'def test_one(): pass\nasync def test_two():\n    def test_inner(): pass\ndef other(): pass\n',
      ),
    ],
    ['overlay.install.test-one', 'overlay.install.test-two'],
  ],
  [
    'python classes',
    [
      file(
        'test_upgrade.py',
        'class TestA:\n\tdef test_x(self): pass\n\tdef setup(self): pass\nclass Other:\n    def test_no(self): pass\nclass TestB:\n  class TestC:\n    def test_y(self): pass\n',
      ),
    ],
    ['overlay.upgrade.test-x', 'overlay.upgrade.test-y'],
  ],
  [
    'python text',
    [
      file(
        'test_install.py',
        '"""\ndef test_no(): pass\n"""\n# def test_no(): pass\nx = """\\"""\ndef test_no(): pass\n"""\ny = (\ndef_ := 1,\n)\ndef test_yes(a="""\ndef test_no(): pass\n"""): pass\n',
      ),
    ],
    ['overlay.install.test-yes'],
  ],
  [
    'python below an if',
    [
      file(
        'test_install.py',
        'class TestA:\n    pass\nif True:\n    def test_no(): pass\ndef test_yes(): pass\n',
      ),
    ],
    ['overlay.install.test-yes'],
  ],
  [
    'custom python',
    [file('custom/test_anything.py', 'def test_a(): pass')],
    ['overlay.custom.test-a'],
  ],
  [
    'action python',
    [file('test_custom_load.py', 'def test_a(): pass')],
    ['overlay.custom-load.test-a'],
  ],
  [
    'one name in two files',
    [
      file('install.b.check.mjs', check),
      file('install.a.check.mjs', check),
      file('upgrade.a.check.mjs', check),
    ],
    ['overlay.install.works-a', 'overlay.install.works-b', 'overlay.upgrade.works'],
  ],
  [
    'one name in two classes',
    [
      file(
        'test_install.py',
        'class TestA:\n  def test_x(self): pass\nclass TestB:\n  def test_x(self): pass\n',
      ),
    ],
    ['overlay.install.test-x-test-a', 'overlay.install.test-x-test-b'],
  ],
  [
    'other files',
    [
      file('README.md', 'x'),
      file('conftest.py', 'def test_a(): pass'),
      file('values.ts', 'export const a = 1;'),
    ],
    [],
  ],
];

describe('ids', () => {
  test.each(idTable)('%s', async (_, files, ids) => {
    expect(await idsOf(...files)).toEqual(ids);
  });
});

test('what a module declares about its checks', async () => {
  const text = `export const stage = 'head' as const;
export const timeoutMs = 30_000;
export const boundary: string = "state";
export const title = \`Notes are kept\`;
export const kept = () => {};`;
  expect((await discover(file('install.a.check.ts', text))).files[0]).toMatchObject({
    kind: 'module',
    operation: 'install',
    timeoutMs: 30000,
    checks: [
      {
        id: 'overlay.install.kept',
        name: 'kept',
        stage: 'head',
        boundary: 'state',
        title: 'Notes are kept',
      },
    ],
  });
});

test('stages of Python tests', async () => {
  const text = `@pytest.mark.parametrize(
"a", [1, 2]
)
@pytest.mark.stage("head")
def test_a(): pass
def test_b(): pass
@pytest.mark.stage('base')
class TestC:
    def test_d(self): pass
    @pytest.mark.stage("restored",)
    def test_e(self): pass
`;
  const [found] = (await discover(file('test_install.py', text))).files;
  expect(found?.checks.map(({ name, stage }) => [name, stage])).toEqual([
    ['test_a', 'head'],
    ['test_b', undefined],
    ['TestC::test_d', 'base'],
    ['TestC::test_e', 'restored'],
  ]);
});

const problemTable: [what: string, files: OverlaySource[], codes: string[]][] = [
  ['ending', [file('install.a.check.rb', '')], ['OV001 1:1']],
  ['no name', [file('install.check.ts', check)], ['OV001 1:1']],
  ['name not ASCII', [file('install.é.check.ts', check)], ['OV001 1:1']],
  ['unknown operation', [file('instal.a.check.ts', check)], ['OV002 1:1']],
  ['unknown action', [file('custom-other.a.check.ts', check)], ['OV002 1:1']],
  ['unknown operation, Python', [file('test_upgrad.py', 'def test_a(): pass')], ['OV002 1:1']],
  ['lifecycle in custom/', [file('custom/install.a.check.ts', check)], ['OV003 1:1']],
  [
    'lifecycle in custom/, Python',
    [file('custom/test_install.py', 'def test_a(): pass')],
    ['OV003 1:1'],
  ],
  [
    'two of one id',
    [file('install.a.check.mjs', 'export const fooBar = 1;\nexport const foo_bar = 2;')],
    ['OV004 2:14'],
  ],
  [
    'two of one id in two files',
    [file('install.works.check.mjs', check), file('install.works.check.sh', '')],
    ['OV004 1:1'],
  ],
  ['no check', [file('install.a.check.ts', 'const a = 1;\nexport type B = 1;')], ['OV005 1:1']],
  [
    'only declarations',
    [file('install.a.check.ts', "export const stage = 'head';")],
    ['OV005 1:1'],
  ],
  ['no check, Python', [file('test_install.py', 'def check(): pass')], ['OV005 1:1']],
  ['CommonJS', [file('install.a.check.js', 'exports.a = () => {};')], ['OV005 1:1']],
  ['syntax', [file('install.a.check.ts', 'const a = 1;\nexport const b: = 1;')], ['OV006 2:17']],
  ['syntax, JavaScript', [file('install.a.check.mjs', 'export const b = `')], ['OV006 1:19']],
  ['needs more than types', [file('install.a.check.ts', '\nexport enum A { b }')], ['OV006 2:8']],
  ['not text', [file('install.a.check.ts')], ['OV006 1:1']],
  ['default', [file('install.a.check.mjs', 'export default () => {};')], ['OV007 1:8']],
  [
    'star',
    [file('install.a.check.mjs', "export const a = 1;\nexport * from './b.mjs';")],
    ['OV007 2:8'],
  ],
  ['export not ASCII', [file('install.a.check.mjs', 'export const é = 1;')], ['OV007 1:14']],
  [
    'id too long',
    [file('install.a.check.mjs', `export const ${'a'.repeat(90)} = 1;`)],
    ['OV007 1:14'],
  ],
  [
    'stage unknown',
    [file('install.a.check.mjs', `${check}export const stage = 'tail';`)],
    ['OV008 2:14'],
  ],
  [
    'stage computed',
    [file('install.a.check.mjs', `${check}export const stage = 'he' + 'ad';`)],
    ['OV008 2:14'],
  ],
  [
    'stage renamed',
    [file('install.a.check.mjs', `${check}const s = 'head'; export { s as stage };`)],
    ['OV008 2:33'],
  ],
  [
    'timeout of no time',
    [file('install.a.check.mjs', `${check}export const timeoutMs = 0;`)],
    ['OV008 2:14'],
  ],
  [
    'stage in Python',
    [file('test_install.py', '@pytest.mark.stage(HEAD)\ndef test_a(): pass')],
    ['OV008 1:1'],
  ],
  ['not executable', [file('install.a.check', 'x')], ['OV009 1:1']],
];

describe('diagnostics', () => {
  test.each(problemTable)('%s', async (_, files, codes) => {
    const { problems } = await discover(...files);
    expect(
      problems.flatMap(({ source, diagnostics }) =>
        diagnostics.map(({ code, span }) => {
          const { line, column } = positionAt(source, span.start);
          return `${code} ${String(line)}:${String(column)}`;
        }),
      ),
    ).toEqual(codes);
  });

  test('hints name what was meant', async () => {
    const [found] = (await discover(file('instal.a.check.ts', check))).problems;
    expect(found?.diagnostics[0]?.hint).toBe('did you mean `install`?');
  });

  test('a file with an error gives no checks', async () => {
    const { files } = await discover(file('install.a.check.mjs', `${check}export default 1;`));
    expect(files).toEqual([]);
  });
});

test('the order of files does not matter', () => {
  const files = ['a', 'b', 'c'].map((name) => file(`install.${name}.check.mjs`, check));
  return fc.assert(
    fc.asyncProperty(fc.shuffledSubarray(files, { minLength: 3 }), async (shuffled) => {
      expect(await discover(...shuffled)).toEqual(await discover(...files));
    }),
  );
});

test('never throws, and ids keep to their grammar', () => {
  const names = fc.constantFrom(
    'install.a.check.ts',
    'upgrade.b.check.mjs',
    'test_install.py',
    'custom/x.check.js',
  );
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc
      .array(
        fc.constantFrom(
          'export ',
          'const ',
          'a',
          ' = ',
          '{',
          '}',
          "'",
          '"""',
          '(',
          ')',
          '\n',
          'def test_',
          'class Test',
          ':',
          '@pytest.mark.stage',
          '*',
          '`',
          '\\',
        ),
      )
      .map((parts) => parts.join('')),
  );
  return fc.assert(
    fc.asyncProperty(names, text, async (path, content) => {
      for (const { checks } of (await discover(file(path, content))).files)
        for (const { id } of checks)
          expect(id).toMatch(/^overlay\.[a-z-]+\.[a-z0-9]+(-[a-z0-9]+)*$/);
    }),
  );
});

test('hostile sources come to an end', async () => {
  for (const text of [
    '('.repeat(1 << 20),
    '"""'.repeat(300_000),
    "'\\".repeat(500_000),
    '@a\n'.repeat(300_000),
  ])
    expect(
      (await discover(file('install.a.check.ts', text), file('test_install.py', text))).problems,
    ).not.toEqual([]);
});

test.each([
  ['fooBar', 'foo-bar'],
  ['HTTPWorks', 'http-works'],
  ['a__b', 'a-b'],
  ['_x_', 'x'],
  ['$', undefined],
  ['naïve', undefined],
])('kebab case of %s', (name, expected) => {
  expect(kebab(name)).toBe(expected);
});
