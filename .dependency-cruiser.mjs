// Who may import whom. A folder not listed on the right may not be imported.
const may = {
  diagnostics: [],
  ports: ['diagnostics'],
  aether: ['diagnostics'],
  scenario: ['diagnostics', 'ports', 'evidence'],
  recipe: ['diagnostics', 'ports', 'evidence', 'scenario'],
  trust: ['diagnostics', 'ports', 'evidence', 'scenario'],
  evidence: ['diagnostics', 'ports'],
  checks: ['diagnostics', 'ports', 'scenario', 'evidence'],
  lifecycle: ['diagnostics', 'ports', 'scenario', 'recipe', 'trust', 'evidence', 'checks'],
  findings: ['diagnostics', 'ports', 'evidence'],
  audit: ['diagnostics', 'ports', 'evidence', 'scenario'],
  gates: ['diagnostics', 'ports', 'evidence', 'scenario', 'findings', 'audit'],
  reporters: ['diagnostics', 'evidence', 'findings', 'audit', 'gates'],
  drivers: ['diagnostics', 'ports'],
  queue: ['diagnostics', 'ports', 'evidence'],
  server: [
    'diagnostics',
    'ports',
    'scenario',
    'trust',
    'evidence',
    'findings',
    'audit',
    'gates',
    'reporters',
    'queue',
  ],
  cli: '*',
};
const pure =
  'aether|audit|checks|diagnostics|evidence|findings|gates|lifecycle|ports|recipe|reporters|scenario|trust';

const folderRules = Object.entries(may)
  .filter(([, to]) => to !== '*')
  .map(([from, to]) => ({
    name: `${from}-imports`,
    comment: `src/${from} may import only: ${to.join(', ') || 'nothing'}. See ARCHITECTURE.md, "Who may import whom".`,
    severity: 'error',
    from: { path: `^src/${from}/` },
    to: { path: '^src/', pathNot: [from, ...to].map((folder) => `^src/${folder}/`) },
  }));

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    ...folderRules,
    {
      name: 'new-folder',
      comment: 'A new src/ folder must be added to the table in .dependency-cruiser.mjs.',
      severity: 'error',
      from: { path: '^src/[^/]+/', pathNot: `^src/(${Object.keys(may).join('|')})/` },
      to: {},
    },
    {
      name: 'pure-folders-touch-nothing',
      comment: 'Only drivers, queue, server and cli reach the outside world. Take a port instead.',
      severity: 'error',
      from: { path: `^src/(${pure})/` },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?(crypto|assert|assert/strict)$' },
    },
    {
      name: 'reference-alone',
      comment:
        'What is under trial and what tries it share no code: a fault of one would hide in the other.',
      severity: 'error',
      from: { path: '^packs/(nemoclaw/reference|aetherra/(kernel|probes))/' },
      to: { path: '^(src|test|scripts)/' },
    },
    {
      name: 'kernel-and-probes-alone',
      comment: 'Whoever asks the kernel must not answer with its own code.',
      severity: 'error',
      from: { path: '^packs/aetherra/(kernel|probes)/' },
      to: { path: '^packs/', pathNot: '^packs/aetherra/$1/' },
    },
    {
      name: 'src-not-to-packs',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^packs/' },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'src-not-to-test', severity: 'error', from: { path: '^src/' }, to: { path: '^test/' } },
    {
      name: 'nobody-imports-index',
      comment: 'src/index.ts is for users of the package.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^src/index\\.ts$' },
    },
    {
      name: 'no-dev-deps-in-src',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    { name: 'not-to-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'no-orphans',
      severity: 'error',
      from: { orphan: true, path: '^src/', pathNot: '^src/index\\.ts$' },
      to: {},
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
