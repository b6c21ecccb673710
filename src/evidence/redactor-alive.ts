import type { Ids } from '../ports/ids.ts';
import { encodeForms } from './encode-forms.ts';
import { concat } from './concat.ts';
import type { Redactor } from './redactor.ts';
import { forms, type Form } from './secret-forms.ts';

/**
 * Sends a fresh secret in every form through the redactor into memory and answers the forms that did
 * not come out wholly masked; none = the redactor is alive.
 */
export function unmaskedForms(redactor: Redactor, ids: Ids): readonly Form[] {
  const probe = `${ids.nonce(8)}~?>~~??>>"\\<&'/+ \n\t~?>${ids.nonce(8)}`;
  redactor.add({ name: 'probe', value: probe });
  const seen = new Set<Form>();
  for (const { form, bytes } of encodeForms(probe))
    if (!isMasked(redactor, bytes, form.startsWith('base64'))) seen.add(form);
  return forms.filter((form) => seen.has(form));
}

/** A mask between blanks and nothing else; base64 leaves the digits of its neighbours beside it. */
function isMasked(redactor: Redactor, bytes: Uint8Array, hasNeighbours: boolean): boolean {
  const stream = redactor.stream();
  const blank = new Uint8Array([0x20]);
  const masked = concat([stream.push(blank), stream.push(bytes), stream.push(blank), stream.end()]);
  const expected = hasNeighbours
    ? /^ [\w+/-]{0,2}\[REDACTED:probe\][\w+/=-]{0,6} $/u
    : /^ \[REDACTED:probe\] $/u;
  return expected.test(new TextDecoder().decode(masked));
}
