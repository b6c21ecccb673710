// What `abra.sh` says about versions. The file comes with the recipe and is a program: it is never run or
// sourced; only lines that export a literal are read.

import type { Source } from '../diagnostics/source.ts';
import type { EnvEntry } from './env-sample.ts';

export type AbraExports = {
  readonly entries: ReadonlyMap<string, EnvEntry>;
  /** Lines that are neither empty, comments nor literal exports. */
  readonly ignoredLines: number;
};

export const noExports: AbraExports = { entries: new Map(), ignoredLines: 0 };

const exported =
  /^export[ \t]+([A-Za-z_][A-Za-z0-9_]*)=(?:'([^']*)'|"([^"$`\\]*)"|([^\s'"$`\\;&|()<>]*))[ \t]*(?:#(.*))?$/;

export function readAbraExports(source: Source): AbraExports {
  const entries = new Map<string, EnvEntry>();
  let ignoredLines = 0;
  let start = 0;
  for (const line of source.text.split('\n')) {
    const text = line.replace(/\r$/, '').trimEnd();
    const match = exported.exec(text);
    if (match !== null) {
      const [, name = '', single, double, bare, comment = ''] = match;
      const span = { start, end: start + text.length };
      const value = single ?? double ?? bare ?? '';
      entries.set(name, { source, span, value, comment: comment.trim() });
    } else if (!/^\s*(?:#|$)/.test(text)) ignoredLines += 1;
    start += line.length + 1;
  }
  return { entries, ignoredLines };
}
