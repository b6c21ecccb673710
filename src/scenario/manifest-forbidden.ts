// What a manifest may not hold whatever its keys say: secrets, and the ids of tests. It describes an
// app; what is checked is the scenario's business, and a secret in a file outlives every run.

import type { Diagnostic, Span } from '../diagnostics/diagnostic.ts';
import type { Json } from '../ports/json.ts';
import type { ManifestContext } from './manifest-context.ts';
import { isHarmlessValue, isSecretName, secretAssignments, secretForm } from './secret-literal.ts';
import type { Path, YamlDocument } from './yaml-document.ts';

type Forbidden = Pick<ManifestContext, 'checkIds'> & {
  /** Layers of the pack: what begins with one and has three parts is the id of a check. */
  readonly layers?: readonly string[];
  /** What to do about a secret. */
  readonly hint?: string;
};

/** Problems with codes MF001 and MF002. They show keys, never values, and conceal these in excerpts. */
export function forbiddenProblems(
  document: YamlDocument,
  { checkIds, layers = [], hint = seatrialHint }: Forbidden,
): readonly Diagnostic[] {
  return leaves(document.value, []).flatMap(({ path, value }) => {
    const text = String(value);
    const secret = secretProblem(document, path, text);
    if (secret !== undefined) return [{ ...secret, hint }];
    if (typeof value !== 'string') return [];
    const named = isTestId(value, checkIds) || isCheckOf(layers, value);
    return named ? [testId(document, path)] : [];
  });
}

const seatrialHint = 'Take it from outside: `{from: env:NAME}` below `secrets`.';
const threeParts = /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z0-9]+(?:-[a-z0-9]+)*){2}$/;

const isCheckOf = (layers: readonly string[], value: string): boolean =>
  threeParts.test(value) && layers.includes(value.split('.', 1)[0] ?? '');

/** Problems with code MF001 for keys that say what to assert, wherever they are. */
export function testKeyProblems(document: YamlDocument): readonly Diagnostic[] {
  return keyPaths(document.value, [])
    .filter((path) => testKey.test(String(path.at(-1))))
    .map((path) => ({
      code: 'MF001',
      severity: 'error',
      span: document.keySpanOf(path),
      message: `\`${nameOf(path)}\` says what to check.`,
      hint: 'A manifest describes the app; name checks in a scenario.',
    }));
}

function keyPaths(value: Json, path: Path): readonly Path[] {
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value))
    return value.flatMap((item: Json, index) => keyPaths(item, [...path, index]));
  return Object.entries(value).flatMap(([key, item]) => [
    [...path, key],
    ...keyPaths(item, [...path, key]),
  ]);
}

const reservedLayers =
  /^(?:floor|overlay|fixture|run|gate|audit)(?:\.[a-z0-9]+(?:-[a-z0-9]+)*){2}$/;
/** Names of standards have the form of a row's id. */
const rowId = /^(?!ISO-|IEC-|RFC-|SHA-|AES-|UTF-|CVE-)[A-Z]{2,4}-\d{3,6}$/;

export function isTestId(value: string, checkIds: ManifestContext['checkIds']): boolean {
  return reservedLayers.test(value) || rowId.test(value) || (checkIds?.has(value) ?? false);
}

/** Keys that say what to assert instead of what the app is. */
export const testKey = /^(?:assert|check|expect|suite|test)/i;

type Leaf = { readonly path: Path; readonly value: string | number | boolean };

function leaves(value: Json, path: Path): readonly Leaf[] {
  if (value === null) return [];
  if (typeof value !== 'object') return [{ path, value }];
  if (Array.isArray(value))
    return value.flatMap((item: Json, index) => leaves(item, [...path, index]));
  return Object.entries(value).flatMap(([key, item]) => leaves(item, [...path, key]));
}

function secretProblem(document: YamlDocument, path: Path, text: string): Diagnostic | undefined {
  // `{from: env:NAME}` is a reference, and belongs to the key above it.
  const reference = path.length === 3 && path[2] === 'from';
  if (reference && text.startsWith('env:')) return undefined;
  const name = nameOf(reference ? path.slice(0, 2) : path);
  const span = document.keySpanOf(path);
  const conceal = [document.spanOf(path)];
  if (path[0] === 'secrets' || (isSecretName(name) && !isHarmlessValue(text)))
    return literal(span, `\`${name}\` is given as a literal although it is secret.`, conceal);
  const form = secretForm(text);
  if (form !== undefined) return literal(span, `\`${name}\` holds a ${form}.`, conceal);
  const [inside] = secretAssignments(text);
  return inside === undefined
    ? undefined
    : literal(
        span,
        `\`${name}\` gives \`${inside.name}\` a literal although it is secret.`,
        conceal,
      );
}

function literal(span: Span, message: string, conceal: readonly Span[]): Diagnostic {
  return { code: 'MF002', severity: 'error', span, message, hint: seatrialHint, conceal };
}

function testId(document: YamlDocument, path: Path): Diagnostic {
  return {
    code: 'MF001',
    severity: 'error',
    span: document.spanOf(path),
    message: `\`${nameOf(path)}\` holds the id of a check or row.`,
    hint: 'A manifest describes the app; name checks in a scenario.',
  };
}

/** The nearest key above: an item of a list has no name of its own. */
function nameOf(path: Path): string {
  return (path.findLast((step) => typeof step === 'string') ?? 'the file').slice(0, 60);
}
