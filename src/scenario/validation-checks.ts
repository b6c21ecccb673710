// What a validation can ask of an audit. The ids are `audit.phase<N>.<name>`: the harness judges these
// itself, so that no pack can say of its own rows that they are proven.

export const validationChecks = {
  'rows-complete': 'every row is complete by the bundles of the members alone',
  'fresh-rejected':
    'each claim is refused for the reasons that are stated, and the absent fact is named',
  'nothing-flipped': 'no status, file of the pack, work queue or other file was changed by a claim',
  'hermetic-complete': 'the rows are complete, every member passed and put back what it changed',
  'no-manifest': 'every member ran under a contract, and nothing read an instance manifest',
} as const;

export type ValidationCheck = keyof typeof validationChecks;

/** Undefined for an id that no validation of the phase can ask. */
export function validationCheckOf(id: string, phase: number): ValidationCheck | undefined {
  const prefix = `audit.phase${String(phase)}.`;
  const name = id.startsWith(prefix) ? id.slice(prefix.length) : '';
  return Object.hasOwn(validationChecks, name) ? (name as ValidationCheck) : undefined;
}
