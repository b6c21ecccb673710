/** An Ed25519 key that signs; the private half never leaves the driver. */
export type Signer = {
  /** First 16 hex digits of SHA-256 of the public key's SPKI DER. */
  readonly keyId: string;
  readonly sign: (bytes: Uint8Array) => Promise<Uint8Array>;
};
