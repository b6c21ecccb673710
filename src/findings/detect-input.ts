import { looksLikeJunit } from '../evidence/looks-like-junit.ts';
import { looksLikeTap } from '../evidence/read-tap.ts';
import { inputKinds, type InputKind } from './finding.ts';
import { subjectsSchemaId } from './subjects-file.ts';

/** `findings` is a file that `findings import` wrote. */
export type SourceKind = InputKind | 'findings';

const kinds: readonly SourceKind[] = [...inputKinds, 'findings'];

export type NamedInput = { readonly kind: SourceKind | undefined; readonly path: string };

/** `junit:FILE` and the like; without a known prefix the kind is open. */
export function parseInput(text: string): NamedInput {
  const colon = text.indexOf(':');
  const kind = kinds.find((each) => each === text.slice(0, Math.max(0, colon)));
  return kind === undefined ? { kind, path: text } : { kind, path: text.slice(colon + 1) };
}

/** What a file claims to be, by how it begins. */
export function kindOfText(head: string): SourceKind | undefined {
  if (looksLikeJunit(head)) return 'junit';
  const text = head.replace(/^\uFEFF/, '').trimStart();
  if (!text.startsWith('{')) return looksLikeTap(text) ? 'tap' : undefined;
  if (text.startsWith(`{"schema":"${subjectsSchemaId}"`)) return 'findings';
  // SARIF has lists named so, and CTRF one object.
  if (/"results"\s*:\s*\{/.test(text)) return 'ctrf';
  return /"runs"\s*:/.test(text) ? 'sarif' : undefined;
}
