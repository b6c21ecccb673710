// Text from files as a terminal may show it: a file under acceptance must not steer the terminal of
// whoever reads a diagnostic about it.

/* C0 and C1 controls, DEL, bidirectional controls, line and paragraph separators, lone surrogates. */
const unprintable =
  /[\u0000-\u001F\u007F-\u009F\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069\uFEFF\p{Surrogate}]/gu;

/** One visible character for each hidden one, so that columns stay where they are. */
export function printable(text: string): string {
  return text.replace(unprintable, picture);
}

/** The same, but tabs stay: in an excerpt they are layout. */
export function printableLine(text: string): string {
  return text.replace(unprintable, (character) =>
    character === '\t' ? character : picture(character),
  );
}

function picture(character: string): string {
  const code = character.charCodeAt(0);
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  return code === 0x7f ? '\u2421' : '\uFFFD';
}
