/** Standard alphabet, padded. */
export function toBase64(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

/**
 * Standard or URL-safe alphabet; undefined for anything else. Only the one proper spelling of bytes
 * is taken, so that no changed character can mean the same.
 */
export function fromBase64(text: string): Uint8Array | undefined {
  const standard = text.replaceAll('-', '+').replaceAll('_', '/');
  if (!/^[\w+/-]*={0,2}$/u.test(text)) return undefined;
  try {
    const bytes = Uint8Array.from(atob(standard), (character) => character.charCodeAt(0));
    const proper = toBase64(bytes);
    return [proper, proper.replace(/=+$/u, '')].includes(standard) ? bytes : undefined;
  } catch {
    return undefined;
  }
}
