// A small pack with every kind of proof, as files by path.

const rows = `- id: AQ-001
  phase: 9
  legacySubject: [test-rebuild.sh]
  coverage: A rebuild starts from something old and keeps what its owner had.
  boundary: [state, sandbox]
  planned:
    scenarios: [rebuild]
    checks: [demo.rebuild.marker-kept, demo.rebuild.version-probed]
  fixtures:
    - {role: old-sandbox, proof: old-before-new-after}
    - {role: staged-registry, proof: staged-not-observed}
    - {role: endpoint, proof: endpoint-reached}
    - {role: patched-image, proof: built-then-reused}
    - {role: blueprint, proof: restored}
  manifest: required
  owner: demo-team
- id: AQ-002
  phase: 9
  legacySubject: [test-refuse.sh]
  coverage: A rebuild that cannot work leaves the old one alone.
  boundary: [host-cli]
  planned: {scenarios: [refuse], checks: [demo.refuse.keeps-old]}
  fixtures: [{role: kept-sandbox, proof: refused}]
  manifest: forbidden
  owner: demo-team
`;

const head = (id: string, title: string, row: string): string => `apiVersion: seatrial/v1
kind: Scenario
metadata: {id: ${id}, title: ${title}, rows: [${row}]}
spec:
  environment: {os: [linux], arch: [x64, arm64], driver: process, product: [reference], network: none}
  text: {given: [something old], when: [it is rebuilt], then: [it is kept]}
`;

export const expectations: Readonly<Record<string, readonly object[]>> = {
  'demo.rebuild.marker-kept': [{ at: '/after/marker', op: 'same-as', to: '/before/marker' }],
  'demo.rebuild.version-probed': [{ at: '/registry', op: 'same-as', to: '/probe' }],
  'demo.refuse.keeps-old': [{ at: '/kept', op: 'equals', value: true }],
};

const check = (id: string, boundary: string): string => `
  - id: ${id}
    since: 0.1.0
    revision: 1
    title: It is as it should be
    boundary: ${boundary}
    collector: checks/demo.ts#${id.split('.')[2]?.replaceAll('-', '') ?? ''}
    evidence: [facts.json]
    expect: ${JSON.stringify(expectations[id])}
    generic: false`;

const canary = (id: string, scenario: string, kills: string): string => `
  - id: ${id}
    scenario: ${scenario}
    plant: {mutant: ${id}}
    kills: [${kills}]`;

export const packFiles: Readonly<Record<string, string>> = {
  'pack.yaml': `id: demo
owner: demo-team
layers: [demo]
subjects: [{id: reference, open: actions/demo.ts#reference}]
phases: [9]
manifest: {apiVersion: demo/v1, kind: DemoInstance, spec: manifests/spec.schema.json}
actions: {deploy: actions/demo.ts#deploy, rebuild: actions/demo.ts#deploy}
observers: {registry: checks/demo.ts#keepsold}
staging:
  registry: {file: "{home}/registry.json", entries: ""}
`,
  'manifests/spec.schema.json': '{"type":"object"}',
  'manifests/plain.yaml': `apiVersion: demo/v1
kind: DemoInstance
metadata: {name: plain}
spec: {title: Plain}
`,
  'contracts/no-instance.yaml': `id: no-instance
reason: The refusal alone is looked at, so that there is no instance to describe
subject: refusal
forbids: [manifest]
touches: [host-cli]
`,
  'checks/register.yaml': `checks:${check('demo.rebuild.marker-kept', 'state')}${check('demo.rebuild.version-probed', 'sandbox')}${check('demo.refuse.keeps-old', 'host-cli')}
`,
  'checks/demo.ts': `export const markerkept = () => 1;
export const versionprobed = () => 1;
export const keepsold = () => 1;
`,
  'actions/demo.ts': 'export const reference = () => 1;\nexport const deploy = () => 1;\n',
  'images/old/Dockerfile': 'FROM scratch\n',
  'staging/old.json': '{"version":"0.0.1"}\n',
  'canaries/canaries.yaml': `canaries:${canary('rebuild.lose-marker', 'rebuild', 'demo.rebuild.marker-kept')}
    spares: [demo.rebuild.version-probed]${canary('rebuild.copy-version', 'rebuild', 'demo.rebuild.version-probed')}${canary('refuse.delete-first', 'refuse', 'demo.refuse.keeps-old')}
`,
  'scenarios/rebuild.yaml': `${head('rebuild', 'A rebuild keeps', 'AQ-001')}  manifest: manifests/plain.yaml
  fixtures:
    - {id: old-image, kind: image-build, role: old-sandbox, restore: {budget: 5s}, with: {recipe: images/old}}
    - {id: staged, kind: state-staging, role: staged-registry, restore: {budget: 5s}, with: {registry: staging/old.json}}
    - {id: endpoint, kind: http-endpoint, role: endpoint, restore: {budget: 5s}, with: {models: [echo]}}
    - {id: patched, kind: image-build, role: patched-image, restore: {budget: 5s}, with: {recipe: images/old, tags: ["p:1"]}}
    - {id: mutation, kind: key, role: blueprint, restore: {budget: 5s}, with: {file: "{product}/b.yaml", set: {/v: 1}}}
  runtimeActions:
    - {id: deploy, use: action, action: deploy, timeout: 10s}
    - {id: rebuild, use: rebuild, timeout: 10s}
  expectedChecks:
    - {id: demo.rebuild.marker-kept, after: rebuild, boundary: state, evidence: [facts.json], rows: [AQ-001]}
    - {id: demo.rebuild.version-probed, after: rebuild, boundary: sandbox, evidence: [facts.json], rows: [AQ-001]}
  budget: 1m
`,
  'scenarios/refuse.yaml': `${head('refuse', 'A refusal keeps', 'AQ-002')}  noManifestReason: {contract: no-instance, reason: The refusal alone is looked at and no instance is described}
  fixtures:
    - {id: kept, kind: file, role: kept-sandbox, restore: {budget: 5s}, with: {path: "{home}/kept", content: x}}
  runtimeActions:
    - {id: deploy, use: action, action: deploy, timeout: 10s}
    - {id: rebuild, use: rebuild, timeout: 10s, expect: {exit: nonzero}}
  expectedChecks:
    - {id: demo.refuse.keeps-old, after: rebuild, boundary: host-cli, evidence: [facts.json], rows: [AQ-002]}
  expectedFailure:
    action: rebuild
    exit: nonzero
    says: {stream: stderr, matches: kept}
    check: demo.refuse.keeps-old
    forbiddenSideEffects: [{id: registry-changed, observe: registry, mustEqualBefore: [/]}]
  budget: 1m
`,
  'audit/queue.yaml': rows,
  'audit/inventory.yaml': '- {subject: test-rebuild.sh}\n- {subject: test-refuse.sh}\n',
};
