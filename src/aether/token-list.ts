// Tokens in two arrays of numbers. They tile their text, so a token ends where the next one starts;
// objects are made when one is looked at and need not outlive that.

export type TokenKind =
  | 'name'
  | 'keyword'
  | 'string'
  | 'number'
  | 'duration'
  | 'op'
  | 'newline'
  | 'space'
  | 'comment'
  | 'bad';

export type Token = {
  readonly kind: TokenKind;
  readonly start: number;
  readonly end: number;
  /** The token as written. */
  readonly value: string;
};

const kinds: readonly TokenKind[] = [
  'name',
  'keyword',
  'string',
  'number',
  'duration',
  'op',
  'bad',
  'newline',
  'space',
  'comment',
];
const codes = new Map(kinds.map((kind, code) => [kind, code]));
/** Kinds from here on are nothing a statement is made of. */
const firstTrivial = kinds.indexOf('newline');

export class TokenList {
  readonly text: string;
  length = 0;
  #starts: Int32Array;
  #kinds: Uint8Array;
  #remembered: { from: number; to: number; tokens: readonly Token[] } = {
    from: 0,
    to: 0,
    tokens: [],
  };

  constructor(text: string) {
    this.text = text;
    const capacity = Math.max(16, text.length >> 1);
    this.#starts = new Int32Array(capacity);
    this.#kinds = new Uint8Array(capacity);
  }

  add(kind: TokenKind, start: number): void {
    if (this.length === this.#starts.length) this.#grow();
    this.#starts[this.length] = start;
    this.#kinds[this.length] = codes.get(kind) ?? 0;
    this.length += 1;
  }

  #grow(): void {
    const starts = new Int32Array(this.length * 2);
    starts.set(this.#starts);
    this.#starts = starts;
    const more = new Uint8Array(this.length * 2);
    more.set(this.#kinds);
    this.#kinds = more;
  }

  kind(index: number): TokenKind | undefined {
    return index >= 0 && index < this.length ? kinds[this.#kinds[index] ?? 0] : undefined;
  }

  start(index: number): number {
    return index < this.length ? (this.#starts[index] ?? 0) : this.text.length;
  }

  end(index: number): number {
    return this.start(index + 1);
  }

  /** Empty outside the list. */
  value(index: number): string {
    return index < 0 ? '' : this.text.slice(this.start(index), this.end(index));
  }

  isCode(index: number): boolean {
    return index < this.length && (this.#kinds[index] ?? 0) < firstTrivial;
  }

  token(index: number): Token {
    const start = this.start(index);
    const end = this.end(index);
    const kind = kinds[this.#kinds[index] ?? 0] ?? 'bad';
    return { kind, start, end, value: this.text.slice(start, end) };
  }

  /** Tokens of a range that statements are made of. The last range asked for is remembered. */
  code(from: number, to: number): readonly Token[] {
    const { from: lastFrom, to: lastTo, tokens: lastTokens } = this.#remembered;
    if (from === lastFrom && to === lastTo) return lastTokens;
    const tokens: Token[] = [];
    for (let index = from; index < to; index += 1)
      if (this.isCode(index)) tokens.push(this.token(index));
    this.#remembered = { from, to, tokens };
    return tokens;
  }

  toArray(): Token[] {
    return Array.from({ length: this.length }, (_, index) => this.token(index));
  }
}
