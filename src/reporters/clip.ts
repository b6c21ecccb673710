/** The first lines and characters of a text, and a sentence about the rest when there is one. */
export function clip(
  text: string,
  limits: { readonly characters: number; readonly lines: number },
): string {
  const lines = text.split('\n');
  const kept = lines
    .slice(0, limits.lines)
    .join('\n')
    .slice(0, limits.characters)
    // A pair that the limit cuts in two.
    .replace(/[\ud800-\udbff]$/u, '');
  const left = text.length - kept.length;
  return left === 0 ? text : `${kept}…\n(${String(left)} more characters in the bundle)`;
}
