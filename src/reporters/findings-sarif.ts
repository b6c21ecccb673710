// SARIF 2.1.0, as code hosts read it. Fingerprints let them follow a finding from commit to commit.

import type {
  Classification,
  ClassifiedFinding,
  Workflow,
} from '../findings/classification-schema.ts';
import { wholePhase } from '../findings/finding.ts';
import { wellFormed } from './neutralise.ts';

export type SarifOptions = {
  readonly version: string;
  /** Suppressed findings too, marked as such; else they are left out. */
  readonly full: boolean;
  /** How often each fingerprint is in the baseline; with it, results say whether they are new. */
  readonly baseline?: ReadonlyMap<string, number>;
};

/** Subjects of these inputs are files; others are tests and checks, which have no place in a tree. */
const fileSources: ReadonlySet<string> = new Set(['aether', 'sarif']);

export function renderSarif({ workflows }: Classification, options: SarifOptions): string {
  const left = new Map(options.baseline);
  const results = workflows.flatMap((workflow) =>
    workflow.findings
      .filter(({ suppressed }) => options.full || !suppressed)
      .map((finding) => ({
        ...resultOf(finding, workflow),
        ...(options.baseline === undefined ? {} : { baselineState: stateOf(finding, left) }),
        ...(finding.suppressed ? { suppressions: [suppressionOf(finding)] } : {}),
      })),
  );
  const rules = [...new Set(results.map(({ ruleId }) => ruleId))].sort().map((id) => ({ id }));
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'Seatrial', version: options.version, rules } },
        columnKind: 'utf16CodeUnits',
        results,
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

/** As often as the baseline has a fingerprint it is known; the next time it is new. */
function stateOf(
  { fingerprint }: ClassifiedFinding,
  left: Map<string, number>,
): 'new' | 'unchanged' {
  const count = left.get(fingerprint) ?? 0;
  left.set(fingerprint, count - 1);
  return count > 0 ? 'unchanged' : 'new';
}

const suppressionOf = ({ reason }: ClassifiedFinding) => ({
  kind: 'external',
  status: 'accepted',
  justification: wellFormed(reason ?? ''),
});

const resultOf = (finding: ClassifiedFinding, workflow: Workflow) => ({
  ruleId: wellFormed(finding.rule),
  level: finding.class === 'WARNING' ? 'warning' : 'error',
  message: { text: wellFormed(finding.message) || finding.class },
  locations: [locationOf(finding, workflow)],
  partialFingerprints: {
    'seatrial/v1': finding.fingerprint,
    ...(workflow.fingerprint_reference === null
      ? {}
      : { 'aetherra/v0': workflow.fingerprint_reference }),
  },
});

function locationOf({ line, column }: ClassifiedFinding, { path, source, phase }: Workflow) {
  const name = wellFormed(path);
  if (!fileSources.has(source) || phase === wholePhase)
    return { logicalLocations: [{ fullyQualifiedName: name }] };
  const region =
    line === null
      ? {}
      : { region: { startLine: line, ...(column === null ? {} : { startColumn: column }) } };
  return {
    physicalLocation: {
      artifactLocation: { uri: source === 'sarif' ? name : uriOf(name) },
      ...region,
    },
  };
}

/** A relative reference: a colon in the first part would make it look like a scheme. */
const uriOf = (path: string): string => path.split('/').map(encodeURIComponent).join('/');
