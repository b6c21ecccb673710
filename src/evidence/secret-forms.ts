// The forms in which a known secret is looked for, and which secrets can be looked for at all.

export const forms = [
  'plain',
  'base64',
  'base64url',
  'percent',
  'hex',
  'json',
  'json-twice',
  'html',
  'utf16le',
] as const;

export type Form = (typeof forms)[number];

/** A value to mask and the reference name that its mask shows. */
export type Secret = { readonly name: string; readonly value: string };

export type SecretProblem = {
  readonly code: 'secret-too-short' | 'secret-in-own-text';
  readonly message: string;
};

const shortest = 8;

/**
 * Why a secret cannot be used: masking it would mask half of every log. `ownText` is what the pack
 * itself says, where its secrets must not occur. The message never holds the value.
 */
export function secretProblem(secret: Secret, ownText: string): SecretProblem | undefined {
  if (Array.from(secret.value).length < shortest)
    return {
      code: 'secret-too-short',
      message: `Secret ${secret.name} has fewer than ${String(shortest)} characters.`,
    };
  if (ownText.includes(secret.value))
    return {
      code: 'secret-in-own-text',
      message: `Secret ${secret.name} is a text that the pack itself contains.`,
    };
  return undefined;
}
