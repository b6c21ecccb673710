import tseslint from 'typescript-eslint';

// Folders that may not touch the outside world. The import half of this rule is in
// .dependency-cruiser.mjs; this is the half about globals.
const pureFolders = [
  'aether',
  'audit',
  'checks',
  'diagnostics',
  'evidence',
  'findings',
  'gates',
  'lifecycle',
  'ports',
  'recipe',
  'reporters',
  'scenario',
  'trust',
];

const modules = [
  { selector: 'ExportDefaultDeclaration', message: 'Name every export.' },
  { selector: 'ExportAllDeclaration', message: 'Name every re-export.' },
  {
    selector: "ImportDeclaration[source.value='zod'] > ImportSpecifier",
    message: 'Write import * as z: a name keeps all of zod in the programs.',
  },
];

export default tseslint.config(
  { ignores: ['dist', 'build', 'coverage', 'test/fixtures', '.seatrial', 'examples/**/*.mjs'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { project: ['tsconfig.json'] } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      complexity: ['error', 10],
      'max-depth': ['error', 3],
      'max-lines': ['error', { max: 400 }],
      'max-lines-per-function': ['error', { max: 70 }],
      'max-params': ['error', 4],
      'no-console': 'error',
      'no-restricted-syntax': ['error', ...modules],
      'no-warning-comments': ['error', { terms: ['fixme', 'xxx'] }],
      '@typescript-eslint/consistent-type-definitions': ['error', 'type'],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
    },
  },
  {
    files: pureFolders.map((folder) => `src/${folder}/**`),
    rules: {
      'no-restricted-globals': [
        'error',
        { name: 'process', message: 'Only src/cli reads the process.' },
        { name: 'setTimeout', message: 'Take the Clock port.' },
        { name: 'fetch', message: 'Write a driver.' },
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: 'Take the Clock port.' },
        { object: 'Math', property: 'random', message: 'Take the Ids port.' },
      ],
      'no-restricted-syntax': [
        'error',
        ...modules,
        {
          selector: "NewExpression[callee.name='Date'][arguments.length=0]",
          message: 'Take the Clock port.',
        },
      ],
    },
  },
  // Examples are programs of their own; they talk to whoever runs them.
  { files: ['examples/**/*.ts'], rules: { 'no-console': 'off' } },
  { files: ['*.config.ts'], rules: { 'no-restricted-syntax': 'off' } },
);
