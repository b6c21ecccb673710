import type { Line } from './layout.ts';

const headWords = new Set(
  'meta policy require plugin_contract on_error workflow parallel transaction steps if elif else for while'.split(
    ' ',
  ),
);

/** Whether deeper lines below this one are expected, judged by its looks alone. */
export function looksLikeHeader({ tokens }: Line): boolean {
  const first = tokens[0]?.value ?? '';
  if (tokens.at(-1)?.value === ':' || headWords.has(first.toLowerCase())) return true;
  return first === '-' && tokens[1]?.value === 'when';
}
