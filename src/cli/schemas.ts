// The JSON Schemas that Seatrial publishes, by name; `seatrial schema <name>` prints one.

type Published = { readonly summary: string; readonly render: () => Promise<object> };

export const schemas: Readonly<Record<string, Published>> = {
  seatrial: {
    summary: 'the manifest, seatrial.yaml',
    render: async () =>
      (await import('../scenario/manifest-json-schema.ts')).renderManifestSchema(),
  },
  scenario: {
    summary: 'a scenario file of `kind: Scenario`',
    render: async () => (await import('../scenario/scenario-file.ts')).renderScenarioSchema(),
  },
  validation: {
    summary: 'a scenario file of `kind: Validation`',
    render: async () => (await import('../scenario/scenario-file.ts')).renderValidationSchema(),
  },
  canaries: {
    summary: 'the planted faults of a pack, canaries.yaml',
    render: async () => (await import('../scenario/canaries.ts')).canariesRegistry.render(),
  },
  pack: {
    summary: 'what a pack is, pack.yaml',
    render: async () => (await import('../scenario/pack-file.ts')).packRegistry.render(),
  },
  contract: {
    summary: 'why a scenario has no instance, contracts/*.yaml',
    render: async () => (await import('../scenario/pack-file.ts')).contractRegistry.render(),
  },
  register: {
    summary: 'every check of a pack, checks/register.yaml',
    render: async () => (await import('../scenario/register.ts')).registerRegistry.render(),
  },
  instance: {
    summary: 'an instance manifest of a pack, manifests/*.yaml',
    render: async () =>
      (await import('../scenario/instance-manifest.ts')).instanceRegistry.render(),
  },
  gates: {
    summary: 'go/no-go gates, gates.yaml',
    render: async () => (await import('../gates/load-gates.ts')).renderGatesSchema(),
  },
  'gate-results': {
    summary: 'gate_results.json, what seatrial gates run answers',
    render: async () => (await import('../gates/results-schema.ts')).gateResultsSchema,
  },
  watch: {
    summary: 'what a running system is watched for, watch.yaml',
    render: async () => (await import('../gates/load-watch.ts')).renderWatchSchema(),
  },
  risks: {
    summary: 'residual risks beside gates, risks.yaml',
    render: async () => (await import('../gates/risks-file.ts')).renderRisksSchema(),
  },
  report: {
    summary: 'seatrial report --format json',
    render: async () => (await import('../reporters/report-schema.ts')).reportSchema,
  },
  'aether-answer': {
    summary: 'a line of seatrial aether check --json',
    render: async () => (await import('../aether/answer-schema.ts')).answerSchema,
  },
  'aether-status': {
    summary: 'a line of seatrial aether check --json-status',
    render: async () => (await import('../aether/answer-schema.ts')).statusSchema,
  },
  'aether-functions': {
    summary: 'seatrial.functions.yaml: functions that scripts may call',
    render: async () => (await import('./aether-functions.ts')).renderFunctionsSchema(),
  },
  findings: {
    summary: 'a line of seatrial findings import',
    render: async () => (await import('../findings/subjects-file.ts')).subjectsLineSchema,
  },
  classification: {
    summary: 'workflow_failures.json, and snapshots of it',
    render: async () =>
      (await import('../findings/classification-schema.ts')).classificationJsonSchema,
  },
  suppressions: {
    summary: 'seatrial.suppressions.yaml: findings set aside',
    render: async () => (await import('../findings/suppression.ts')).suppressionsSchema,
  },
  baseline: {
    summary: 'parse_baseline.json',
    render: async () => (await import('../findings/baseline-schema.ts')).baselineJsonSchema,
  },
  regress: {
    summary: 'what seatrial findings regress answers',
    render: async () => (await import('../findings/regress-schema.ts')).regressJsonSchema,
  },
  trends: {
    summary: 'trends.json of a history folder',
    render: async () => (await import('../findings/trends.ts')).trendsJsonSchema,
  },
  'trend-report': {
    summary: 'seatrial findings trends --json',
    render: async () => (await import('../findings/trends.ts')).trendReportJsonSchema,
  },
  flakes: {
    summary: 'seatrial findings flakes --json',
    render: async () => (await import('../findings/flakes.ts')).flakesJsonSchema,
  },
  'audit-queue': {
    summary: 'rows of an audit, audit/queue.yaml',
    render: async () => (await import('../audit/load-queue.ts')).renderQueueSchema(),
  },
  'audit-runs': {
    summary: 'planned runs of manifests, audit/runs.yaml',
    render: async () => (await import('../audit/runs-file.ts')).renderRunsSchema(),
  },
  'audit-inventory': {
    summary: 'legacy subjects, audit/inventory.yaml',
    render: async () => (await import('../audit/load-audit-files.ts')).renderInventorySchema(),
  },
  'audit-amendments': {
    summary: 'rows that need no evidence for a while, audit/amendments.yaml',
    render: async () => (await import('../audit/load-audit-files.ts')).renderAmendmentsSchema(),
  },
  'audit-claim': {
    summary: 'what somebody says is covered, audit/claims/*.yaml',
    render: async () => (await import('../audit/load-audit-files.ts')).renderClaimSchema(),
  },
  'audit-rules': {
    summary: 'gates of a pack’s own, audit/rules.yaml',
    render: async () => (await import('../audit/rules-file.ts')).renderRulesSchema(),
  },
  audit: {
    summary: 'what seatrial audit status and check answer with --json',
    render: async () => (await import('../audit/audit-json.ts')).renderAuditSchema(),
  },
};
