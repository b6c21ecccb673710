// Sets of bytes that the shapes of secrets are made of.

export type ByteClass = { readonly id: number; readonly has: Uint8Array };

const makeClass = (id: number, characters: string): ByteClass => {
  const has = new Uint8Array(256);
  for (const byte of new TextEncoder().encode(characters)) has[byte] = 1;
  return { id, has };
};

const inverse = (id: number, characters: string): ByteClass => ({
  id,
  has: makeClass(id, characters).has.map((member) => 1 - member),
});

const digits = '0123456789';
const upper = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const letters = upper + upper.toLowerCase();
const ends = ' \t\r\n"\'`';

export const byteClasses = {
  digit: makeClass(0, digits),
  upper: makeClass(1, upper),
  upperDigit: makeClass(2, upper + digits),
  alphanumeric: makeClass(3, letters + digits),
  word: makeClass(4, `${letters}${digits}_`),
  /** The alphabet of base64url and of most tokens. */
  token: makeClass(5, `${letters}${digits}_-`),
  /** What may follow `Bearer`, by RFC 6750. */
  bearer: makeClass(6, `${letters}${digits}-._~+/=`),
  blank: makeClass(7, ' \t'),
  pemLabel: makeClass(8, `${upper}${digits} `),
  /** Body of a PEM block, also as one string with escaped line ends, without hyphens. */
  pemBody: makeClass(9, `${letters}${digits}+/= \t\r\n\\:,.()"'`),
  /** An unquoted value. */
  bare: inverse(10, `${ends};,&|<>(){}[]\\`),
  /** The inside of a quoted value. */
  quoted: inverse(11, '"\'`\r\n'),
  line: inverse(12, '"\'`\r\n'),
  urlPart: inverse(13, `${ends}/?#@:<>\\`),
} as const;

export type ByteClassName = keyof typeof byteClasses;
