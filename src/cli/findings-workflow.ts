// One workflow as a subject of findings: what the checker says, what running it against the provider in
// memory says, what its signature is worth, and what a fingerprint needs of all that.

import { codeNames } from '../aether/answer.ts';
import { checkBytes, type CheckedText } from '../aether/check-text.ts';
import type { Effects } from '../aether/effects.ts';
import { interpret } from '../aether/interpret.ts';
import { gatherLines, type Line } from '../aether/layout.ts';
import { scan } from '../aether/lex.ts';
import { bytesMax } from '../aether/limits.ts';
import type { Problem } from '../aether/problem.ts';
import { referenceVerdict } from '../aether/reference.ts';
import type { Registry } from '../aether/registry.ts';
import { scanRisk } from '../aether/risk.ts';
import { ruleClass } from '../aether/rules.ts';
import { isSigned, verifyBytes, type VerifyOptions } from '../aether/signature.ts';
import { placeAt, type Text } from '../aether/text.ts';
import { sha256Hex } from '../evidence/canonical.ts';
import type { Checker } from '../findings/finding.ts';
import type { CheckedDiagnostic, CheckedFile } from '../findings/read-checked-files.ts';
import { localHosts } from './aether-scan.ts';
import type { Found } from './aether-paths.ts';
import { readFound } from './aether-read.ts';

export type WorkflowChecks = {
  readonly registry: Registry;
  readonly checker: Checker;
  readonly signatures: VerifyOptions & {
    /** A missing or wrong signature is a finding. */
    readonly demanded: boolean;
  };
  /** Sound files are run too, each against a provider in memory of its own. */
  readonly execute?: { readonly makeEffects: () => Effects; readonly signal: AbortSignal };
};

export async function checkWorkflow(
  found: Found,
  path: string,
  options: WorkflowChecks,
): Promise<CheckedFile> {
  const read = readFound(found, bytesMax);
  if ('refusal' in read) {
    const { code, message } = read.refusal;
    return { path, phase: 'read', diagnostics: [wholeFile(path, code, message)] };
  }
  const { bytes } = read;
  const verdict = referenceVerdict(bytes);
  const { class: name, message, place } = referenceDiagnostics(verdict, path)[0] ?? {};
  const facts = {
    ...{ path, phase: 'parse', digest: sha256Hex(bytes) },
    ...(name === undefined
      ? {}
      : { reference: { class: name, message: message ?? '', ...(place && { line: place.line }) } }),
  };
  if (options.checker === 'reference')
    return { ...facts, diagnostics: referenceDiagnostics(verdict, path) };
  return { ...facts, ...(await judge(bytes, path, options)) };
}

const wholeFile = (path: string, code: Problem['code'], message: string): CheckedDiagnostic => ({
  class: codeNames[ruleClass(code)],
  rule: code,
  severity: 'error' as const,
  message,
  context: path,
});

type Verdict = ReturnType<typeof referenceVerdict>;

function referenceDiagnostics(
  { code, codeName, message, line }: Verdict,
  path: string,
): readonly CheckedDiagnostic[] {
  if (code === 0) return [];
  const place = line === null ? {} : { place: { line, column: 1 } };
  const said = { class: codeName, rule: codeName, severity: 'error' as const, message };
  return [{ ...said, ...place, context: path }];
}

type Judged = Omit<CheckedFile, 'path' | 'digest' | 'reference' | 'phase'> & {
  readonly phase?: string;
};

/** A bug met on one file is that file's finding; the others are still looked at. */
async function judge(bytes: Uint8Array, path: string, options: WorkflowChecks): Promise<Judged> {
  const signature = signatureOf(bytes, path, options);
  try {
    const checked = checkBytes(bytes, { path, registry: options.registry, bytesMax });
    const { source, problems, decision } = checked;
    const errors = problems.filter(({ severity }) => severity === 'error');
    const isSound = errors.length === 0 && signature.diagnostics.length === 0;
    const ran = isSound ? await execute(checked, options) : undefined;
    const all = ran?.problem === undefined ? errors : [ran.problem];
    const statements = all.length === 0 ? [] : gatherLines(scan(source.text));
    return {
      ...signature,
      ...(ran === undefined ? {} : { phase: 'execute' }),
      dialect: decision.dialect,
      riskScore: scanRisk(source, { allowedHosts: localHosts }).score,
      diagnostics: [
        ...signature.diagnostics,
        ...all.map((each) => diagnosticOf(each, { source, path, statements })),
      ],
    };
  } catch (error) {
    const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return { diagnostics: [wholeFile(path, 'E_INTERNAL', message)] };
  }
}

type Signature = Pick<CheckedFile, 'diagnostics' | 'signatureVerified'>;

/** Of an unsigned file nothing is said unless signatures are demanded. */
function signatureOf(bytes: Uint8Array, path: string, { signatures }: WorkflowChecks): Signature {
  const signed = isSigned(bytes);
  if (!signed && !signatures.demanded) return { diagnostics: [] };
  const answer = verifyBytes(bytes, signatures);
  const diagnostics =
    answer.ok || !signatures.demanded
      ? []
      : [{ ...wholeFile(path, answer.problem.code, answer.problem.message), place: firstColumn }];
  return { diagnostics, ...(signed ? { signatureVerified: answer.ok } : {}) };
}

const firstColumn = { line: 1, column: 1 };

async function execute(
  checked: CheckedText,
  { registry, execute: how }: WorkflowChecks,
): Promise<{ readonly problem?: Problem } | undefined> {
  if (how === undefined) return undefined;
  const { problem, interrupted } = await interpret(checked, how.makeEffects(), how.signal, {
    registry,
  });
  // What was cut short says nothing about the file.
  if (interrupted) return undefined;
  return problem === undefined ? {} : { problem };
}

type About = {
  readonly source: Text;
  readonly path: string;
  readonly statements: readonly Line[];
};

function diagnosticOf({ code, message, span }: Problem, about: About): CheckedDiagnostic {
  const said = {
    class: codeNames[ruleClass(code)],
    rule: code,
    severity: 'error' as const,
    message,
  };
  if (span === null) return { ...said, context: about.path };
  const { line, column } = placeAt(about.source, span.start);
  return { ...said, place: { line, column }, context: contextAt(span.start, about) };
}

const silent: ReadonlySet<string> = new Set(['space', 'newline', 'comment']);

/** The statement's tokens with one blank between them; its text where it could not be lexed. */
function contextAt(at: number, { source, path, statements }: About): string {
  const line = statements.findLast(({ tokens }) => (tokens[0]?.start ?? Infinity) <= at);
  const tokens = line?.tokens.filter(({ kind }) => !silent.has(kind)) ?? [];
  const [first, last] = [tokens[0], tokens.at(-1)];
  if (first === undefined || last === undefined) return path;
  if (tokens.every(({ kind }) => kind !== 'bad')) return tokens.map(({ value }) => value).join(' ');
  return source.text.slice(first.start, last.end).replace(/\s+/g, ' ').trim();
}
