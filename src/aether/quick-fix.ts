// How a problem can be mended by itself.

import type { Edit, Problem } from './problem.ts';

export type QuickFix = { readonly title: string; readonly edits: readonly Edit[] };

const suggestion = /^did you mean '([^']+)'\?$/;

/** The problem's own fix, or the word that its hint says was meant. */
export function quickFix({ span, hint, fix }: Problem): QuickFix | undefined {
  if (fix !== undefined) return fix;
  const [, meant] = suggestion.exec(hint ?? '') ?? [];
  if (span === null || meant === undefined) return undefined;
  return { title: `Write '${meant}'`, edits: [{ ...span, text: meant }] };
}
