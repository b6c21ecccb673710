// A file formatted, or the reason why it is left as it is.

import { answerOf, refusal, type Answer } from './answer.ts';
import { checkBytes, type CheckedText, type CheckOptions } from './check-text.ts';
import { formatChecked } from './format.ts';
import { isSigned } from './signature.ts';
import { encodeText } from './text.ts';

export type Formatted =
  { readonly bytes: Uint8Array; readonly isChanged: boolean } | { readonly refused: Answer };

const formattable = new Set(['aether-1.1', 'line']);

export type FormatOptions = CheckOptions & {
  /** The caller signs what was signed again. */
  readonly signsAgain?: boolean;
};

/** `file` is what the answer calls it. Never touches what cannot be read or is signed. */
export function formatBytes(file: string, bytes: Uint8Array, options: FormatOptions): Formatted {
  const checked = checkBytes(bytes, { ...options, path: file });
  const isKept = isSigned(bytes) && options.signsAgain !== true;
  const refused = refuse(file, checked, isKept);
  if (refused !== undefined) return { refused };
  const { source, decision } = checked;
  const text = formatChecked(checked);
  const formatted = encodeText({ text, hasBom: source.hasBom });
  const again = checkBytes(formatted, { ...options, path: file, dialect: decision.dialect });
  if (!isSame(checked, again) || formatChecked(again) !== text)
    return { refused: refusal(file, 'E_INTERNAL', 'the formatted text would read differently') };
  return { bytes: formatted, isChanged: text !== source.text };
}

function refuse(
  file: string,
  { source, problems, code, decision }: CheckedText,
  isKept: boolean,
): Answer | undefined {
  const { dialect } = decision;
  if ([20, 24].includes(code)) return answerOf(file, { source, problems, dialect });
  if (!formattable.has(dialect))
    return refusal(file, 'E_DIALECT_UNSUPPORTED', `dialect '${dialect}' is not formatted`);
  if (isKept) return refusal(file, 'E_SIG_MISMATCH', 'formatting it would break its signature');
  return undefined;
}

/**
 * Judged alike, rule by rule; only places may have moved. What looks like an escape and is none is
 * its two characters: written again, the backslash is escaped, and the warning has gone.
 */
function isSame(before: CheckedText, after: CheckedText): boolean {
  const codes = ({ problems }: CheckedText) =>
    problems
      .filter(({ code }) => code !== 'W_LEX_ESCAPE')
      .map(({ code, message }) => `${code} ${message}`)
      .sort()
      .join('\n');
  return codes(before) === codes(after);
}
