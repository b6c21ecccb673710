// Which apps' own code may run, with which authority. The list is kept by the harness's owner and read
// strictly: any error in it denies everything.

import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Source } from '../diagnostics/source.ts';

export type Authority = 'denied' | 'sandboxed' | 'approved' | 'approved+docker';

export type Grant = {
  readonly app: string;
  readonly authority: Exclude<Authority, 'denied'>;
  /** Hex SHA-256 of the scope; `any` for what runs in a sandbox only. */
  readonly content: string;
  readonly approvedBy: string;
  /** `2026-11-02` */
  readonly on: string;
  readonly reason: string;
};

export type Allowlist = {
  /** By app; empty when there is a problem. */
  readonly grants: ReadonlyMap<string, Grant>;
  /** TRU001 wildcard, TRU002 content not bound, TRU003 two lines for one app, TRU005 other malformed line. */
  readonly problems: readonly Diagnostic[];
};

const linesMax = 10_000;
const authorities = ['sandboxed', 'approved', 'approved+docker'] as const;

export function readAllowlist({ text }: Source): Allowlist {
  const grants = new Map<string, Grant>();
  const problems: Diagnostic[] = [];
  let start = 0;
  for (const [index, line] of text.split('\n').entries()) {
    const written = line.replace(/\r$/, '');
    const span = { start, end: start + written.length };
    start += line.length + 1;
    if (/^\s*(?:#|$)/.test(written)) continue;
    const read = index < linesMax ? readLine(written) : malformed('The list is too long.');
    const twice = 'grant' in read && grants.has(read.grant.app);
    if (twice) problems.push({ ...second, span });
    else if ('grant' in read) grants.set(read.grant.app, read.grant);
    else problems.push({ ...read.problem, span });
  }
  return problems.length === 0 ? { grants, problems } : { grants: new Map(), problems };
}

type Problem = Omit<Diagnostic, 'span'>;
type ReadLine = { readonly grant: Grant } | { readonly problem: Problem };

const second: Problem = {
  code: 'TRU003',
  severity: 'error',
  message: 'There is a line for this app already.',
  hint: 'Keep one of them.',
};

const problem = (code: string, message: string, hint: string): ReadLine => ({
  problem: { code, severity: 'error', message, hint },
});

const malformed = (message: string): ReadLine =>
  problem('TRU005', message, 'Write: app, authority, sha256:<64 hex>, approved-by, date, reason.');

const form =
  /^(?<app>\S+)[ \t]+(?<authority>\S+)[ \t]+(?<content>\S+)[ \t]+(?<approvedBy>\S+)[ \t]+(?<on>\d{4}-\d{2}-\d{2})[ \t]+(?<reason>\S.*)$/;

type Parts = Readonly<
  Record<'app' | 'authority' | 'content' | 'approvedBy' | 'on' | 'reason', string>
>;

function readLine(line: string): ReadLine {
  const parts = form.exec(line)?.groups as Parts | undefined;
  if (parts === undefined) return malformed('The line has not six parts.');
  const { app, approvedBy, on, reason } = parts;
  if (/[*?[\]{}]/.test(app))
    return problem('TRU001', 'An app is named in full.', 'Write a line for each app.');
  if (!/^[a-z0-9][a-z0-9-]{0,39}$/.test(app)) return malformed(`\`${app}\` is no name of an app.`);
  const authority = authorities.find((each) => each === parts.authority);
  if (authority === undefined) return malformed(`\`${parts.authority}\` is no authority.`);
  const content = contentOf(parts.content, authority);
  if (content === undefined)
    return problem(
      'TRU002',
      `\`${authority}\` needs the whole digest of what was read.`,
      'Let `seatrial trust digest` print the line.',
    );
  return { grant: { app, authority, content, approvedBy, on, reason } };
}

function contentOf(written: string, authority: Grant['authority']): string | undefined {
  if (written === 'any' && authority === 'sandboxed') return 'any';
  return /^sha256:([0-9a-f]{64})$/.exec(written)?.[1];
}
