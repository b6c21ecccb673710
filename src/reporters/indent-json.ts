/** Deeper levels share one indentation, or nesting alone could blow a small object up. */
const deepest = 20;

/**
 * JSON with line breaks, token for token as it was: parsing and printing again would round long
 * numbers and drop repeated keys, and evidence is shown as it is. Undefined when it is not JSON.
 */
export function indentJson(mediaType: string, text: string): string | undefined {
  if (!/[/+]json\b/u.test(mediaType) || !isJson(text)) return undefined;
  const tokens = text.match(/"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]|[^\s"{}[\],:]+/gu) ?? [];
  return laidOut(tokens);
}

function laidOut(tokens: readonly string[]): string {
  let depth = 0;
  let text = '';
  for (const [index, token] of tokens.entries()) {
    const before = tokens[index - 1] ?? '';
    if (isClose(token)) depth -= 1;
    text += separator(before, token, depth) + token;
    if (isOpen(token)) depth += 1;
  }
  return text;
}

/** What stands between two neighbouring tokens; `{}` and `[]` stay together. */
function separator(before: string, token: string, depth: number): string {
  if (before === ':') return ' ';
  const isEmpty = isOpen(before) && isClose(token);
  const breaks = before === ',' || isOpen(before) || isClose(token);
  return breaks && !isEmpty ? `\n${'  '.repeat(Math.min(depth, deepest))}` : '';
}

const isOpen = (token: string): boolean => token === '{' || token === '[';
const isClose = (token: string): boolean => token === '}' || token === ']';

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
