// Values of a stack's secrets: given, or made once per instance.

import type { SecretCharset, Stack } from '../../ports/stack.ts';
import type { Instance } from './instance.ts';
import { nameIn } from './names.ts';

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const digits = '0123456789';
const alphabets: Readonly<Record<SecretCharset, string>> = {
  default: letters + digits,
  alnum: letters + digits,
  hex: '0123456789abcdef',
  special: `${letters}${digits}!@#$%^&*_-+=`,
  safespecial: `${letters}${digits}!@#%^&*_-+=`,
};

/** By key. Registered with whoever hides secrets before anybody else sees them. */
export function secretValues(instance: Instance, stack: Stack): Readonly<Record<string, string>> {
  const { state, context } = instance;
  const values: Record<string, string> = {};
  for (const [key, secret] of Object.entries(stack.secrets ?? {})) {
    const name = nameIn(stack, 'secret', key);
    const known = state.secrets[name];
    const value =
      'given' in secret.value
        ? secret.value.given
        : (known ?? generate(instance, secret.value.generate));
    if (known !== value) {
      context.hide?.(key, value);
      state.secrets = { ...state.secrets, [name]: value };
    }
    values[key] = value;
  }
  return values;
}

/** Without bias: bytes beyond the last whole multiple of the alphabet are thrown away. */
function generate(
  { options: { ids } }: Instance,
  { length, charset }: { readonly length: number; readonly charset: SecretCharset },
): string {
  const alphabet = alphabets[charset];
  const limit = 256 - (256 % alphabet.length);
  let value = '';
  while (value.length < length)
    for (const byte of Buffer.from(ids.nonce(length), 'hex'))
      if (byte < limit && value.length < length) value += alphabet[byte % alphabet.length] ?? '';
  return value;
}
