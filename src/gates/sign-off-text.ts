// Text of targets and people in a Markdown document: inert, on one line, and short.

/** Controls, format and direction marks, line separators, lone surrogates. */
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+/gu;
const special = /[\\`*_{}[\]<>#|~!$@]/gu;

/** No markup, link, mention or table cell can begin or end in it. */
export function inert(text: string, limit = 400): string {
  const line = text
    .replaceAll(/\s*[\r\n]+\s*/gu, ' ⏎ ')
    .replace(unseen, ' ')
    .trim();
  const cut = Array.from(line);
  const short = cut.length <= limit ? line : `${cut.slice(0, limit - 1).join('')}…`;
  return short.replace(special, (character) => entity(character)).replace(/:\/\//gu, '&#58;//');
}

/** As entities, since a backslash before a pipe ends a cell for some readers all the same. */
const entity = (character: string): string => `&#${String(character.charCodeAt(0))};`;

/** The address part of a link; anything odd in it is percent-encoded. */
export const linkTarget = (path: string): string =>
  path.replaceAll(/[^A-Za-z0-9\-._~/:?=&%+]/gu, (character) => encodeURIComponent(character));
