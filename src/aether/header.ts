import type { Line } from './layout.ts';

const headWords = new Set(
  'meta policy require plugin_contract on_error workflow parallel transaction steps if elif else for while'.split(
    ' ',
  ),
);

/** Whether deeper lines below this one are expected, judged by its looks alone. */
export function looksLikeHeader(line: Line): boolean {
  const { value } = line.first;
  if (line.last.value === ':' || headWords.has(value.toLowerCase())) return true;
  return value === '-' && line.tokens[1]?.value === 'when';
}
