/**
 * The words of a command line, as Docker splits `command` and `entrypoint`: quotes and backslashes are taken
 * off, nothing is expanded, and a `#` at the start of a word begins a comment. Undefined when a quote is left
 * open.
 */
export function shellWords(text: string): readonly string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let at = 0;
  while (at < text.length) {
    if (/\s/.test(text.charAt(at))) {
      if (word !== undefined) words.push(word);
      word = undefined;
      at += 1;
    } else if (text.charAt(at) === '#' && word === undefined) at = lineEnd(text, at);
    else {
      const piece = readPiece(text, at);
      if (piece === undefined) return undefined;
      word = (word ?? '') + piece.text;
      at = piece.end;
    }
  }
  return word === undefined ? words : [...words, word];
}

type Piece = { readonly text: string; readonly end: number };

function readPiece(text: string, at: number): Piece | undefined {
  const character = text.charAt(at);
  if (character === "'" || character === '"') return readQuoted(text, at);
  if (character !== '\\') return { text: character, end: at + 1 };
  return at + 1 < text.length ? { text: text.charAt(at + 1), end: at + 2 } : undefined;
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end === -1 ? text.length : end;
}

function readQuoted(text: string, from: number): Piece | undefined {
  const quote = text.charAt(from);
  let content = '';
  for (let at = from + 1; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === quote) return { text: content, end: at + 1 };
    if (character === '\\' && quote === '"') at += 1;
    content += text.charAt(at);
  }
  return undefined;
}
