// Bytes as texts with one character for each, in which patterns can be looked for.

const utf8 = new TextEncoder();

export const bytesAsText = ({ buffer, byteOffset, length }: Uint8Array): string =>
  Buffer.from(buffer, byteOffset, length).toString('latin1');

export const utf8AsText = (value: string): string => bytesAsText(utf8.encode(value));
