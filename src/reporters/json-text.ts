import { unseen, wellFormed } from './neutralise.ts';

/** Indented JSON, ending in a line break, pure of characters that a terminal or an editor obeys. */
export function jsonText(value: unknown): string {
  const text = JSON.stringify(
    value,
    (_key, each: unknown) => (typeof each === 'string' ? wellFormed(each) : each),
    2,
  );
  // Only strings can hold such characters, line breaks aside, and there an escape means the same.
  return `${text.replace(unseen, (character) => (character === '\n' ? '\n' : escaped(character)))}\n`;
}

const escaped = (character: string): string =>
  Array.from({ length: character.length }, (_, at) => character.charCodeAt(at))
    .map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`)
    .join('');
