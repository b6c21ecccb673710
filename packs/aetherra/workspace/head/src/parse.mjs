/** `a=1;b=2` as pairs. */
export function parse(text) {
  if (text === '') return [];
  return text.split(';').map((part) => part.split('='));
}
