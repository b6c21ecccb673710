// Strings that have broken reports, and a way to put one into every field that an app can reach.

import type { RunState } from '../../src/evidence/run-state.ts';
import type { Objects } from '../../src/reporters/evidence-text.ts';
import { evidence, failedState, objects } from './state.ts';

export const hostileStrings: Readonly<Record<string, string>> = {
  script: '<script>window.pwned = 1</script>',
  image: '"><img src=http://127.0.0.1:9/x onerror="window.pwned = 1">',
  attribute: '\' onmouseover=alert(1) x="',
  closers: '</pre></details></title></style></textarea><!-- --><svg onload=alert(1)>',
  template: '${1} {{7*7}} `x` %s %n',
  cdata: 'a]]>b<![CDATA[c]]>&amp;&#0;&nope;',
  ansi: 'x\u001b[31mred\u001b[0m\u001b]0;title\u0007\u001b]8;;http://127.0.0.1\u001b\\link\u009b2J',
  ansiOpen: 'x\u001b]never ends, \u001b[999;999 nor this \u001bP',
  controls:
    Array.from({ length: 32 }, (_, code) => String.fromCharCode(code)).join('') + '\u007f\u0085',
  surrogates: 'lone \ud800 and \udfff',
  noncharacters: '\ufffe\uffff\ufeff',
  direction: 'safe\u202egpj.exe\u2066\u2069\u200f\u061c',
  invisible: 'floor\u200b.install\u00ad.done\u{e0041}\u3164',
  separators: 'a\u2028b\u2029c\u0085d',
  commands:
    '\n::error::forged\n::set-output name=x::y\n##[error]forged\n##vso[task.complete]\n##teamcity[x]',
  markdown:
    '\n# H\n- [x] ![i](http://127.0.0.1/i) **b** | `c` ``d`` ```\n```\n<details>\n@everyone #1 https://example.test\n/close',
  marker: '\nPASS: floor.upgrade.data-kept\n',
  wide: '漢字かな交じり文👩‍👩‍👧‍👦🇳🇱e\u0301',
  long: `${'longword'.repeat(400)} ${'line\n'.repeat(300)}`,
  empty: '',
};

/** Enumerations, times and digests are the harness's own; all other strings may be the app's. */
const fixedKeys = new Set([
  'format',
  'outcome',
  'verdict',
  'boundary',
  'source',
  'severity',
  'stage',
  'state',
  'selection',
  'at',
  'startedAt',
  'endedAt',
  'lastAt',
  'sha256',
  'planDigest',
  'origin',
  'mediaType',
]);

const isFixed = (path: readonly string[]): boolean => {
  const key = path.at(-1) ?? '';
  return (
    fixedKeys.has(key) ||
    (path.length === 1 && key === 'head') ||
    path.join('.') === 'started.tool.name' ||
    (key === 'kind' &&
      (path.includes('skip') || path.includes('resources') || path.includes('driver')))
  );
};

function poisoned(value: unknown, text: string, path: readonly string[]): unknown {
  if (typeof value === 'string') return isFixed(path) ? value : `${value}${text}`;
  if (Array.isArray(value)) return value.map((each) => poisoned(each, text, path));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, poisoned(each, text, [...path, key])]),
  );
}

/** The failed run with `text` appended to every string that is not the harness's own, evidence too. */
export function poison(text: string): { readonly state: RunState; readonly objects: Objects } {
  const state = poisoned(failedState, text, []) as RunState;
  const content = evidence('x', `content ${text}`, 'text/plain');
  const checks = state.checks.map((check) => ({
    ...check,
    evidence: check.evidence.map((ref) => ({ ...ref, mediaType: 'text/plain' })),
  }));
  return { state: { ...state, checks }, objects: (ref) => objects(content) ?? objects(ref) };
}

/** Characters that no report may hold raw, besides tab and line feed. */
const raw = /(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\u115f\u1160\u3164\uffa0\ufffe\uffff]/u;

/** A sentence about the first character that could act on a reader's screen; undefined when none. */
export function firstUnseen(text: string): string | undefined {
  const found = raw.exec(text);
  if (found === null) return undefined;
  const code = (found[0].codePointAt(0) ?? 0).toString(16);
  return `U+${code} at ${String(found.index)}: ${JSON.stringify(text.slice(Math.max(0, found.index - 30), found.index + 5))}`;
}

/** Lines that a build server would obey. */
export const obeyedLines = (text: string): readonly string[] =>
  text.split(/\r?\n|\r/u).filter((line) => /^\s*::|##[a-z]*\[|^(?:PASS|FAIL): /u.test(line));
