import { codeOf, rankOf, success } from './classes.ts';

export type Judged = {
  readonly class: string;
  readonly rule: string;
  readonly message: string;
  readonly line: number | null;
  readonly column: number | null;
  readonly fingerprint: string;
};

/** What the record of a subject says: the first finding of its most telling class. */
export type Lead = {
  readonly ok: boolean;
  readonly code: number;
  readonly code_name: string;
  /** Null when there is no finding, like all that follows. */
  readonly error: string | null;
  readonly rule: string | null;
  readonly line: number | null;
  readonly column: number | null;
  readonly fingerprint: string | null;
};

const sound: Lead = {
  ...{ ok: true, code: codeOf(success), code_name: success, error: null },
  ...{ rule: null, line: null, column: null, fingerprint: null },
};

export function leadOf(findings: readonly Judged[]): Lead {
  let leading = findings[0];
  if (leading === undefined) return sound;
  for (const each of findings) if (rankOf(each.class) < rankOf(leading.class)) leading = each;
  const { class: name, message, rule, line, column, fingerprint } = leading;
  return {
    ...{ ok: false, code: codeOf(name), code_name: name, error: message },
    ...{ rule, line, column, fingerprint },
  };
}
