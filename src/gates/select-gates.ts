import { nearest } from '../diagnostics/nearest.ts';

export type Selection =
  | { readonly names: readonly string[] }
  /** The command line is wrong, and nothing may run. */
  | { readonly problem: string; readonly hint?: string };

/** Names as they were given; each must be there, once. */
export function selectGates(
  given: readonly string[],
  { known, shown }: { readonly known: readonly string[]; readonly shown: string },
): Selection {
  const names = given.flatMap((each) => each.split(','));
  for (const [index, name] of names.entries()) {
    if (name === '') return { problem: '--gates holds an empty name' };
    if (names.indexOf(name) !== index) return { problem: `--gates names ${name} twice` };
    if (known.includes(name)) continue;
    const guess = nearest(name, known);
    return {
      problem: `no gate ${JSON.stringify(name)} in ${shown}`,
      hint: guess === undefined ? `known: ${known.join(', ')}` : `did you mean ${guess}?`,
    };
  }
  return { names };
}
