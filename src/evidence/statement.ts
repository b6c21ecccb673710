// What is signed about a run or a sign-off: in-toto statements, by https://github.com/in-toto/attestation.

import * as z from 'zod';
import type { Json, JsonObject } from '../ports/json.ts';
import { canonicalJson } from './canonical.ts';
import type { ReleaseIdentity } from './record.ts';
import type { RunState } from './run-state.ts';
import type { Verdict } from './verdict.ts';

const statementType = 'https://in-toto.io/Statement/v1';
export const testResultType = 'https://in-toto.io/attestation/test-result/v0.1';
const verificationResultType = 'https://in-toto.io/attestation/svr/v0.2';

/** `digest`: algorithm → hex, such as `sha256` or `gitCommit`. */
export type Subject = {
  readonly name: string;
  readonly digest: Readonly<Record<string, string>>;
};

export type Statement = {
  readonly subjects: readonly Subject[];
  readonly predicateType: string;
  readonly predicate: JsonObject;
};

/** Canonical JSON, so that equal statements are equal bytes. */
export const renderStatement = ({ subjects, predicateType, predicate }: Statement): string =>
  canonicalJson({
    _type: statementType,
    subject: subjects.map(({ name, digest }) => ({ name, digest })),
    predicateType,
    predicate,
  });

/** What a run showed. Failed, interrupted and empty runs get one too. */
export function testResultStatement(
  state: RunState,
  subjects: readonly Subject[],
  url?: string,
): Statement {
  const ids = (...verdicts: readonly Verdict[]): string[] =>
    state.checks.filter(({ verdict }) => verdicts.includes(verdict)).map(({ id }) => id);
  return {
    subjects,
    predicateType: testResultType,
    predicate: {
      result: testResult(state),
      configuration: configurationOf(state, ids('skipped')),
      ...(url === undefined ? {} : { url }),
      passedTests: ids('passed'),
      warnedTests: [],
      // Readers of this predicate know no third answer: what did not pass must not look harmless.
      failedTests: ids('failed', 'error', 'not-run', 'inconclusive'),
    },
  };
}

/** `WARNED`: passed, but as a rehearsal, of a part, or on a driver that deploys nothing real. */
function testResult({ verdict, started }: RunState): 'PASSED' | 'WARNED' | 'FAILED' {
  if (verdict !== 'passed') return 'FAILED';
  const isWhole = started.selection === 'full' && !started.driver.fake;
  return isWhole && started.canary === undefined ? 'PASSED' : 'WARNED';
}

/** Resource descriptors; the run's own facts are annotations of the descriptor `run`. */
function configurationOf(state: RunState, skipped: readonly string[]): Json {
  const { started } = state;
  return [
    {
      name: 'run',
      uri: `urn:seatrial:run:${started.run}`,
      annotations: {
        run: started.run,
        store: started.store,
        chainHead: state.head,
        records: state.records,
        startedAt: state.startedAt,
        ...(state.endedAt === undefined ? {} : { endedAt: state.endedAt }),
        outcome: state.ended?.outcome ?? 'unfinished',
        verdict: state.verdict,
        exitCode: state.exitCode,
        skipped,
        tool: started.tool,
        ...(started.canary === undefined ? {} : { canary: started.canary }),
      },
    },
    {
      name: 'plan',
      digest: { sha256: started.planDigest },
      annotations: {
        app: started.app,
        instance: started.instance,
        scenario: started.scenario,
        selection: started.selection,
        driver: started.driver,
      },
    },
    releaseDescriptor('head', started.head),
    ...('skipped' in started.base ? [] : [releaseDescriptor('base', started.base)]),
  ];
}

/** A release is identified by the digest of its tree, which no standard algorithm name stands for. */
const releaseDescriptor = (name: string, release: ReleaseIdentity): JsonObject => ({
  name,
  uri: `urn:seatrial:tree:${release.digest}`,
  ...(release.commit === undefined ? {} : { digest: { gitCommit: release.commit } }),
  annotations: {
    ref: release.ref,
    ...(release.version === undefined ? {} : { version: release.version }),
  },
});

export type SignOff = {
  readonly subjects: readonly Subject[];
  /** URI of who judged, and the rules by which; an empty list when there are none. */
  readonly verifier: {
    readonly id: string;
    readonly policies: readonly {
      readonly uri: string;
      readonly digest: Readonly<Record<string, string>>;
    }[];
  };
  /** RFC 3339, UTC. */
  readonly timeCreated: string;
  /** What was verified, in the verifier's own words with its prefix. Only what holds. */
  readonly properties: readonly string[];
  /** The run that the sign-off rests on. */
  readonly run?: { readonly id: string; readonly chainHead: string };
};

export const signOffStatement = (signOff: SignOff): Statement => ({
  subjects: signOff.subjects,
  predicateType: verificationResultType,
  predicate: {
    verifier: { id: signOff.verifier.id, policies: signOff.verifier.policies },
    timeCreated: signOff.timeCreated,
    properties: signOff.properties,
    // An extension field, which readers that do not know it ignore by the standard's parsing rules.
    ...(signOff.run === undefined ? {} : { seatrial_run: signOff.run }),
  },
});

const digestSet = z.record(z.string(), z.string());
const shape = z.object({
  _type: z.literal(statementType),
  subject: z.array(z.object({ name: z.string(), digest: digestSet })).min(1),
  predicateType: z.string(),
  predicate: z.record(z.string(), z.json()),
});

/** A statement, or in words why the payload is none. */
export function parseStatement(payload: Uint8Array): Statement | { readonly fault: string } {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(payload);
    const parsed = shape.safeParse(JSON.parse(text));
    if (parsed.success) {
      const { subject, predicateType, predicate } = parsed.data;
      return { subjects: subject, predicateType, predicate };
    }
    const [issue] = parsed.error.issues;
    return { fault: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}.` };
  } catch {
    return { fault: 'It is not JSON.' };
  }
}
