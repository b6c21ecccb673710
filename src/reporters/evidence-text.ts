import type { ObjectRef } from '../evidence/record.ts';
import { indentJson } from './indent-json.ts';
import { size } from './measures.ts';

/** Content of an object, already read and possibly bounded; undefined when the bundle lacks it. */
export type Objects = (ref: ObjectRef) => Uint8Array | undefined;

export type ShownEvidence = {
  readonly kind: 'json' | 'text' | 'binary' | 'missing';
  /** Not neutralised; the writer of each format does that. */
  readonly text: string;
  /** A sentence about what is not shown. */
  readonly omitted?: string;
};

const textualType = /^text\/|[/+](?:json|xml|yaml|x-ndjson|jsonl|javascript|x-sh)\b/u;

const isTextual = (ref: ObjectRef, head: Uint8Array): boolean =>
  textualType.test(ref.mediaType) && !head.includes(0);

/** Evidence as text of at most `limitBytes` bytes and `limitLines` lines. */
export function showEvidence(
  ref: ObjectRef,
  objects: Objects,
  { limitBytes, limitLines }: { readonly limitBytes: number; readonly limitLines: number },
): ShownEvidence {
  const bytes = objects(ref);
  if (bytes === undefined)
    return {
      kind: 'missing',
      text: '',
      omitted: 'Not at hand here: not in the bundle, or too large to be read for this report.',
    };
  const head = bytes.subarray(0, limitBytes);
  if (!isTextual(ref, head))
    return { kind: 'binary', text: '', omitted: `${size(ref.bytes)} of ${ref.mediaType}.` };
  // A stream decoder holds back a character that the limit cuts in two.
  const raw = new TextDecoder().decode(head, { stream: true });
  const pretty = head.length === ref.bytes ? indentJson(ref.mediaType, raw) : undefined;
  const lines = (pretty ?? raw).replace(/\n$/u, '').split('\n');
  const omitted = omission({
    bytes: ref.bytes - head.length,
    lines: Math.max(0, lines.length - limitLines),
  });
  return {
    kind: pretty === undefined ? 'text' : 'json',
    text: lines.slice(0, limitLines).join('\n'),
    ...(omitted === undefined ? {} : { omitted }),
  };
}

function omission(left: { readonly bytes: number; readonly lines: number }): string | undefined {
  const parts = [
    ...(left.lines > 0 ? [`${String(left.lines)} more lines`] : []),
    ...(left.bytes > 0 ? [`${size(left.bytes)} more`] : []),
  ];
  return parts.length === 0 ? undefined : `Cut here: ${parts.join(' and ')} in the bundle.`;
}
