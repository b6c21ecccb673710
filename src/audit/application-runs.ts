// Planned runs of manifests as rows ask about them: each stands where a scenario of the pack would.

import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Boundary } from '../evidence/record.ts';
import { applicationDigests, referenceDigest } from '../scenario/application-plan.ts';
import type { Pack } from '../scenario/load-pack.ts';
import type { YamlDocument } from '../scenario/yaml-document.ts';
import type { Json } from '../ports/json.ts';
import type { AuditPack, PlannedScenario, RegisteredCheck } from './pack.ts';
import type { Row } from './queue-schema.ts';
import type { PlannedRunEntry } from './runs-file.ts';

/** The harness's own checks: which version, and by id the surface that each is about. */
export type Harness = {
  readonly name: string;
  readonly checks: ReadonlyMap<string, Boundary>;
};

type Planned = {
  readonly pack: Pack;
  readonly rows: readonly Row[];
  readonly harness: Harness;
  readonly entries: readonly PlannedRunEntry[];
  readonly document: YamlDocument;
  /** By path, relative to the pack; absent ones cannot be read. */
  readonly manifests: ReadonlyMap<string, Json>;
};

type Applications = Pick<AuditPack, 'scenarios' | 'waiting' | 'register' | 'reference'>;

export function applicationRuns(planned: Planned): Applications {
  const { pack, entries, manifests } = planned;
  const scenarios = entries.flatMap((entry, index): readonly PlannedScenario[] => {
    const manifest = manifests.get(entry.manifest ?? '');
    return manifest === undefined ? [] : [scenarioOf(planned, { entry, index, manifest })];
  });
  return {
    scenarios: new Map(scenarios.map((each) => [each.id, each])),
    waiting: new Map(
      entries.flatMap(({ id, waits, checks }) =>
        waits === undefined ? [] : [[id, { reason: waits, checks: new Set(checks) }]],
      ),
    ),
    register: registerOf(planned),
    ...(scenarios.length === 0 ? {} : { reference: referenceDigest(pack) }),
  };
}

/** What a plan names and is not there, or is there twice. */
export function runProblems({
  pack,
  entries,
  document,
  manifests,
}: Omit<Planned, 'rows' | 'harness'>): readonly Diagnostic[] {
  return entries.flatMap(({ id, manifest }, index): readonly Diagnostic[] => {
    const at = { severity: 'error' as const, span: document.spanOf([index, 'id']) };
    if (pack.scenarios.has(id)) {
      const message = `A scenario of the pack is called ${id}, too.`;
      return [{ ...at, code: 'AU001', message, hint: 'Give the run another id.' }];
    }
    if (manifest === undefined || manifests.has(manifest)) return [];
    const span = document.spanOf([index, 'manifest']);
    const message = `${manifest} is no manifest of the pack that can be read.`;
    const hint = 'Name a file of the pack.';
    return [{ ...at, code: 'SC011', span, message, hint }];
  });
}

type Placed = { readonly entry: PlannedRunEntry; readonly index: number; readonly manifest: Json };

function scenarioOf(
  { pack, rows, harness }: Planned,
  { entry, manifest }: Placed,
): PlannedScenario {
  const { id, manifest: path = '', life, head, base, from, checks, outcomes } = entry;
  const { plan, collectors } = applicationDigests(pack, { path, manifest }, harness.name);
  const planning = new Set(
    rows.filter(({ planned }) => planned.scenarios.includes(id)).map((row) => row.id),
  );
  return {
    ...{ id, file: 'audit/runs.yaml', rows: planning, plan, manifest: path },
    ...{ subjects: [applicationSubject], fixtures: [] },
    actions: lives[life].map((operation) => ({ id: operation, mustFail: false })),
    checks: checks.map((check) => ({
      ...{ id: check, after: check.split('.')[1] ?? '', rows: planning },
      boundary: harness.checks.get(check) ?? overlayBoundary,
    })),
    application: {
      asked: {
        manifest: path,
        ...(head === undefined ? {} : { head }),
        ...(base === undefined ? {} : { base }),
      },
      ...{ life, collectors, outcomes },
      ...(from === undefined ? {} : { from }),
    },
  };
}

/** Of every pack whose runs are of manifests: it has no function that would put another in place. */
export const applicationSubject = 'reference';

const lives = {
  lifecycle: ['install', 'upgrade', 'backup', 'restore', 'rebuild'],
  fresh: ['install'],
} as const;

/** The surface that checks of an app are proven to touch. */
const overlayBoundary = 'http';

/**
 * The harness judges its own checks, which is no function of any pack; checks of the app lie beside its manifest. Which
 * they are is part of what a run is bound to.
 */
function registerOf({ entries, harness }: Planned): AuditPack['register'] {
  const register = new Map<string, RegisteredCheck>();
  for (const id of entries.flatMap(({ checks }) => checks)) {
    const boundary = harness.checks.get(id);
    const by = boundary === undefined ? 'overlay' : 'harness';
    if (by === 'overlay' && !id.startsWith('overlay.')) continue;
    register.set(id, {
      ...{ id, by, boundary: boundary ?? overlayBoundary, collector: by, expect: [] },
      ...{ evidence: ['facts.json'], generic: false, revision: 1 },
    });
  }
  return register;
}
