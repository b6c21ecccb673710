// `workflow_suppressions.txt`, as the source document describes it: a fingerprint per line, `#` for
// comments. It has neither owners nor ends.

import { conflictMarkerLine } from './conflict-markers.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Source } from '../diagnostics/source.ts';
import type { Entry } from './suppression.ts';

const wordLengthMin = 8;

export type SuppressionListReading = {
  readonly entries: readonly Entry[];
  readonly problems: readonly Diagnostic[];
};

/** The first word of a line of the list form, when it is long enough to be a fingerprint. */
export function listedFingerprint(line: string): string | undefined {
  const word = /^\S+/u.exec(line.trimStart())?.[0] ?? '';
  return word.startsWith('#') || word.length < wordLengthMin ? undefined : word;
}

export function readSuppressionList(source: Source): SuppressionListReading {
  const marker = conflictMarkerLine(source.text);
  if (marker !== undefined) {
    const start = source.lineStarts[marker - 1] ?? 0;
    const span = { start, end: start + 7 };
    const message = 'The file holds a conflict marker.';
    return {
      entries: [],
      problems: [{ code: 'E_SUPPRESS_FILE', severity: 'error', message, span }],
    };
  }
  const entries = source.text.split('\n').flatMap((text, index): readonly Entry[] => {
    const fingerprint = listedFingerprint(text);
    if (fingerprint === undefined) return [];
    const rest = text.trimStart().slice(fingerprint.length).trim().replace(/^#\s*/u, '');
    return [{ fingerprint, reason: rest, file: source.path, line: index + 1 }];
  });
  return { entries, problems: [] };
}
