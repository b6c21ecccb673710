import { hash } from 'node:crypto';

/** An Ed25519 key that signs; the private half never leaves the driver. */
export type Signer = {
  /** First 16 hex digits of SHA-256 of the public key's SPKI DER. */
  readonly keyId: string;
  /** The half that may be shown, as SPKI DER. */
  readonly publicKey: Uint8Array;
  readonly sign: (bytes: Uint8Array) => Promise<Uint8Array>;
};

/** The id of a public key, given as SPKI DER. */
export const keyIdOf = (publicKey: Uint8Array): string => hash('sha256', publicKey).slice(0, 16);
