// A manifest from its text: total, every problem collected, each with a place and a hint.

import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { hasErrors } from '../diagnostics/file-problems.ts';
import type { Source } from '../diagnostics/source.ts';
import { descriptionAt, knownKeysAt } from './json-schema.ts';
import { fillManifest } from './fill-manifest.ts';
import type { ManifestContext } from './manifest-context.ts';
import { forbiddenProblems, testKey } from './manifest-forbidden.ts';
import type { Manifest } from './manifest.ts';
import { manifestRuleProblems } from './manifest-rules.ts';
import { manifestSchema } from './manifest-schema.ts';
import { renderManifestSchema } from './manifest-json-schema.ts';
import { schemaProblems, unknownKeyIn, type Voice } from './schema-problems.ts';
import { list } from './schema-parts.ts';
import { readYaml, readYamlBytes, type Path, type YamlReading } from './yaml-document.ts';

export const manifestSizeMax = 64 * 1024;

export type LoadedManifest = {
  /** Undefined exactly when a problem is an error. */
  readonly manifest?: Manifest;
  /** In the order of the file. */
  readonly problems: readonly Diagnostic[];
};

/**
 * Codes: SC001 not YAML, SC002 unknown key, SC003 wrong value, SC011 file absent or outside, MF001 test
 * id, MF002 secret, MF010 required key missing, MF011 reason missing, MF012 unknown reference, and as a
 * warning MF013 declared not applicable although supported.
 */
export function loadManifest(source: Source, context: ManifestContext): LoadedManifest {
  return judge(readYaml(source, manifestSizeMax), context);
}

/** The same for the bytes of a file, which may be anything. */
export function loadManifestBytes(
  path: string,
  bytes: Uint8Array,
  context: ManifestContext,
): LoadedManifest & { readonly source: Source } {
  const reading = readYamlBytes(path, bytes, manifestSizeMax);
  return { source: reading.source, ...judge(reading, context) };
}

function judge({ document, problems }: YamlReading, context: ManifestContext): LoadedManifest {
  if (document === undefined) return { problems };
  const parsed = manifestSchema.safeParse(document.value);
  const forbidden = forbiddenProblems(document, context);
  const secretAt = new Set(
    forbidden.filter(({ code }) => code === 'MF002').map(({ span }) => span.start),
  );
  const faults = parsed.success
    ? []
    : schemaProblems(document, parsed.error.issues, manifestVoice()).filter(
        ({ code, span }) => code !== 'SC003' || !concealed(forbidden, span.start, secretAt),
      );
  const found = [
    ...forbidden,
    ...faults,
    ...(parsed.success ? manifestRuleProblems(document, parsed.data, context) : []),
  ].sort((a, b) => a.span.start - b.span.start || (a.code < b.code ? -1 : 1));
  if (!parsed.success || hasErrors(found)) return { problems: found };
  return { manifest: fillManifest(parsed.data), problems: found };
}

/** A misplaced secret has the wrong type too; one problem says what to do about it. */
function concealed(
  forbidden: readonly Diagnostic[],
  start: number,
  keys: ReadonlySet<number>,
): boolean {
  return (
    keys.has(start) ||
    forbidden.some(({ conceal = [] }) => conceal.some((span) => span.start === start))
  );
}

function manifestVoice(): Voice {
  const schema = renderManifestSchema();
  const knownKeys = (path: Path): readonly string[] => knownKeysAt(schema, path);
  return {
    missing: 'MF010',
    knownKeys,
    meaning: (path) => descriptionAt(schema, path),
    unknownKey: unknownKey(knownKeys),
  };
}

function unknownKey(knownKeys: Voice['knownKeys']): Required<Voice>['unknownKey'] {
  return (path, key) => {
    if (path.length === 1 && (path[0] === 'notApplicable' || path[0] === 'skipFloor'))
      return {
        code: 'MF012',
        message: `The operation \`${key.slice(0, 60)}\` is unknown, or cannot be set aside.`,
        hint: `Known: ${list(knownKeys(path))}.`,
      };
    if (testKey.test(key))
      return {
        code: 'MF001',
        message: `\`${key.slice(0, 60)}\` says what to check.`,
        hint: 'A manifest describes the app; name checks in a scenario.',
      };
    return unknownKeyIn({ knownKeys })(path, key);
  };
}
