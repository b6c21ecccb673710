/** The only source of randomness. */
export type Ids = {
  /** Hex digits of that many random bytes. */
  readonly nonce: (bytes: number) => string;
};
