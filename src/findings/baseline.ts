import { canonicalJson, sha256Hex } from '../evidence/canonical.ts';
import { countByClass, rateOf } from './classes.ts';
import { leadOf } from './leading.ts';
import type { Classification, Workflow } from './classification-schema.ts';
import {
  baselineSchemaId,
  type Baseline,
  type BaselineFile,
  type BaselineFinding,
} from './baseline-schema.ts';

/** What is accepted from now on. A classification of a part of the input is unfit: see `limited`. */
export function makeBaseline({ workflows, summary }: Classification): Baseline {
  const { timestamp, checker, inputs } = summary;
  return sealBaseline({ timestamp, checker, inputs }, workflows.map(fileOf));
}

export type BaselineHead = Pick<Baseline, 'timestamp' | 'checker' | 'inputs'>;

/** Counts and digest are computed from the files, never carried over. `files` are sorted by path. */
export function sealBaseline(head: BaselineHead, files: readonly BaselineFile[]): Baseline {
  const failed = files.filter(({ ok }) => !ok).length;
  return {
    timestamp: head.timestamp,
    total: files.length,
    by_code: countByClass(files.map((file) => file.code_name)),
    failure_rate: rateOf(failed, files.length),
    schema: baselineSchemaId,
    checker: head.checker,
    inputs: head.inputs,
    root_digest: sha256Hex(
      files.map((file) => `${JSON.stringify(file.path)} ${contentOf(file)}\n`).join(''),
    ),
    files: [...files],
  };
}

/** A test has no content of its own; what was found of it stands for it. */
const contentOf = ({ digest, code_name, findings }: BaselineFile): string =>
  digest ?? sha256Hex(canonicalJson([code_name, ...findings.map((each) => each.fingerprint)]));

function fileOf(workflow: Workflow): BaselineFile {
  const { path, source, phase, digest, fingerprint_reference } = workflow;
  const findings = workflow.findings.map(
    ({ class: name, rule, line, column, message, fingerprint }): BaselineFinding => ({
      ...{ class: name, rule, line, column, message, fingerprint },
    }),
  );
  const sound = source === 'aether' ? 'parse ok' : 'ok';
  return judgedFile({ path, phase, digest, fingerprint_reference }, findings, sound);
}

type FileFacts = Pick<BaselineFile, 'path' | 'phase' | 'digest' | 'fingerprint_reference'>;

/** A record whose code, place and message are those of its most telling finding. */
export function judgedFile(
  facts: FileFacts,
  findings: readonly BaselineFinding[],
  sound: string,
): BaselineFile {
  const { ok, code, code_name, line, error, rule, column, fingerprint } = leadOf(findings);
  return {
    ...{ path: facts.path, ok, code, code_name, line, message: error ?? sound },
    ...{ rule, column, fingerprint, fingerprint_reference: facts.fingerprint_reference },
    ...{ phase: facts.phase, digest: facts.digest, findings: [...findings] },
  };
}

/** One record a line, so that a change of one file is a change of one line. */
export function renderBaseline({ files, ...head }: Baseline): string {
  const facts = Object.entries(head).map(
    ([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)},`,
  );
  const lines = files.map((file) => JSON.stringify(file)).join(',\n');
  return `{\n${facts.join('\n')}\n"files": [\n${lines}\n]\n}\n`;
}
