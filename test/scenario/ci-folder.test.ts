import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { makeSource } from '../../src/diagnostics/source.ts';
import { importCiFolder, type CiFolder } from '../../src/scenario/ci-folder.ts';
import { loadManifestBytes } from '../../src/scenario/load-manifest.ts';
import { readPythonNames } from '../../src/scenario/python-literals.ts';

const value = (text: string) => {
  const found = readPythonNames(`X = ${text}\n`).get('X');
  return found?.kind === 'value' ? found.value : found?.kind;
};

test.each([
  ['1', 1],
  ['-1_000', -1000],
  ['0.5', 0.5],
  ['True', true],
  ['None', null],
  [`'a' "b"  # c`, 'ab'],
  [`'it\\'s \\n \\x41 \\d'`, "it's \n A \\d"],
  [`r'\\d'`, '\\\\d'.slice(1)],
  ['"""two\nlines"""', 'two\nlines'],
  ['[200, 301,]', [200, 301]],
  ['(1)', 1],
  ['(1,)', [1]],
  ['()', []],
  ['{"a": {"b": [1]}, # c\n "d": None}', { a: { b: [1] }, d: null }],
  ['{1, 2}', [1, 2]],
  ['os.environ["X"]', 'computed'],
  ['1 + 1', 'computed'],
  ['f"{x}"', 'computed'],
  ['[x]', 'computed'],
  ['"a" if b else "c"', 'computed'],
  ['lambda ctx: {}', 'computed'],
])('%s is read as %j', (text, found) => {
  expect(value(text)).toEqual(found);
});

test('functions, annotations, text that looks like code, and what is below the top', () => {
  const names = readPythonNames(
    `"""\nHIDDEN = 1\n"""\nA: int = 2\ndef B(ctx):\n    C = 3\nif A == 2:\n    D = 4\nA = 5\n`,
  );
  expect([...names]).toEqual([
    ['A', { kind: 'value', value: 5 }],
    ['B', { kind: 'function' }],
  ]);
});

test('the reader of Python is total, and JSON of strings and numbers is read back', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      readPythonNames(text);
      readPythonNames(`X = ${text}`);
    }),
  );
  const letters = ['a', 'b', ' ', 'é', "'", '"', '\\', '\n'];
  const words = fc.string({ unit: fc.constantFrom(...letters) });
  fc.assert(
    fc.property(fc.array(fc.oneof(words, fc.integer(), fc.dictionary(words, words))), (list) => {
      expect(value(JSON.stringify(list))).toEqual(list);
    }),
  );
});

const folderOf = (
  files: Readonly<Record<string, string>>,
  more: Partial<CiFolder> = {},
): CiFolder => ({
  ...{ app: 'notes', git: '/recipes/notes', driver: 'compose', localImages: true },
  files: new Map(Object.entries(files).map(([path, text]) => [path, Buffer.from(text)])),
  ...more,
});
const manifestOf = (meta: string, files: Readonly<Record<string, string>> = {}) => {
  const imported = importCiFolder(folderOf({ 'recipe_meta.py': meta, ...files }));
  const text = Buffer.from(imported.files.get('seatrial.yaml') ?? []).toString();
  const loaded = loadManifestBytes('seatrial.yaml', Buffer.from(text), {
    exists: (path) => imported.files.has(path),
  });
  const { source, problems } = loaded;
  expect([makeSource('x', source.text).text, problems]).toEqual([text, []]);
  return { ...imported, manifest: parse(text) as Record<string, unknown> };
};

test.each([
  ['HEALTH_PATH = "/up"', { health: { path: '/up' } }],
  ['HEALTH_OK = (200, 302)', { health: { status: [200, 302] } }],
  ['HEALTH_OK = 204', { health: { status: [204] } }],
  ['DEPLOY_TIMEOUT = 900\nHTTP_TIMEOUT = 60', { timeouts: { deploy: 900, http: 60 } }],
  ['EXTRA_ENV = {"A": "1", "B": 2}', { env: { A: '1', B: '2' } }],
  ['UPGRADE_EXTRA_ENV = {"A": "1"}', { upgradeEnv: { A: '1' } }],
  ['UPGRADE_BASE_VERSION = "1.0.0+2"', { base: { release: '1.0.0+2' } }],
  [
    'DEPS = ["keycloak", {"recipe": "mail"}]',
    { dependencies: [{ app: 'keycloak' }, { app: 'mail' }] },
  ],
  ['EXPECTED_NA = ["backup"]', { notApplicable: { backup: 'imported from EXPECTED_NA' } }],
  [
    'EXPECTED_NA = {"backup": "it has no data at all"}',
    { notApplicable: { backup: 'it has no data at all' } },
  ],
  ['BACKUP_CAPABLE = False', { backup: { capable: { no: 'imported from BACKUP_CAPABLE' } } }],
  ['SKIP_GENERIC = ["upgrade"]', { skipFloor: { upgrade: 'imported from SKIP_GENERIC' } }],
  ['SKIP_GENERIC = True', { skipFloor: { all: 'imported from SKIP_GENERIC' } }],
  [
    'def BACKUP_VERIFY(ctx): return True',
    { backup: { attempts: 3 }, hooks: { backupVerify: { file: 'hooks/backupVerify.sh' } } },
  ],
  ['def READY_PROBE(ctx): return True', { hooks: { ready: { file: 'hooks/ready.sh' } } }],
  ['def EXTRA_ENV(ctx): return {}', { hooks: { prepare: { file: 'hooks/prepare.sh' } } }],
])('%s', (meta, keys) => {
  const { manifest, notes } = manifestOf(meta);
  expect(manifest).toMatchObject(keys);
  expect(notes).toEqual([]);
});

test.each([
  ['WARM_CANONICAL = True', /not used/],
  ['CHAOS_BASE_DEPLOY = True', /not used/],
  ['OIDC_AT_INSTALL = True', /not used/],
  ['HEALTH_PATH = os.environ["P"]', /not written out/],
  ['SOMETHING = 1', /not known here/],
  ['def SCREENSHOT(page): pass', /a function/],
])('%s is said to be left', (meta, why) => {
  expect(manifestOf(meta).notes).toEqual([expect.stringMatching(why)]);
});

test('files go where a manifest finds them, scripts and repairs included', () => {
  const { files, manifest, notes } = manifestOf('', {
    'install_steps.sh': 'abra app secret generate x\n',
    'ops.py': 'def pre_upgrade(ctx): pass\ndef pre_backup(ctx): pass\n',
    'test_install.py': 'from runner.harness import lifecycle\ndef test_up(): pass\n',
    'functional/test_login.py': 'def test_login(): pass\n',
    'compose.ccci.yml': 'services: {}\n',
    'previous/compose.yml': 'services: {}\n',
    'previous/VERSION': '1.0.0+1\n',
  });
  expect([...files.keys()].sort()).toEqual([
    'checks/functional/test_login.py',
    'checks/install_steps.sh',
    'checks/ops.py',
    'checks/recipe_meta.py',
    'checks/test_install.py',
    'compose.ccci.yml',
    'hooks/ci.py',
    ...['preUpgrade', 'prepare', 'seed'].map((hook) => `hooks/${hook}.sh`),
    'previous/VERSION',
    'previous/compose.yml',
    'seatrial.yaml',
  ]);
  expect(manifest).toMatchObject({
    compose: ['compose.ccci.yml'],
    base: { repair: 'previous/compose.yml', release: '1.0.0+1' },
  });
  expect(notes.join('\n')).toMatch(/install_steps.sh: calls abra/);
  expect(notes.join('\n')).toMatch(/test_install.py: imports runner.harness/);
});

test('names that were approved without a content grant nothing', () => {
  const { files } = importCiFolder(folderOf({}, { approved: '# ours\nnotes\nwiki # read\n' }));
  const text = Buffer.from(files.get('trust.allow') ?? []).toString();
  expect(text.match(/approved {2}sha256/g)).toHaveLength(2);
  expect(text.split('\n').filter((line) => !/^#|^$/.test(line))).toEqual([]);
});
