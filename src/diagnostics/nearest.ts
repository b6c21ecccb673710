import { distance } from 'fastest-levenshtein';

/** The candidate a person most likely meant, or undefined when none is close enough to be one. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const limit = Math.max(1, Math.floor(word.length / 3));
  return (
    candidates
      // The distance is at least the difference in length, so a very long word costs nothing.
      .filter((candidate) => Math.abs(candidate.length - word.length) <= limit)
      .map((candidate) => ({ candidate, edits: editsBetween(word, candidate) }))
      .filter(({ edits }) => edits <= limit)
      .sort((a, b) => a.edits - b.edits || (a.candidate < b.candidate ? -1 : 1))[0]?.candidate
  );
}

/** Two letters in the wrong order are one slip of the fingers, though two edits. */
function editsBetween(word: string, candidate: string): number {
  const edits = distance(word, candidate);
  return edits === 2 && letters(word) === letters(candidate) ? 1 : edits;
}

function letters(word: string): string {
  return word.split('').sort().join('');
}
