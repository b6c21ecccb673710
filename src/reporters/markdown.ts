// For a comment or a step summary. Text of the app stands in code spans and fences only: there a
// forge neither links, mentions nor closes anything, which no escape in running text prevents.

import type { CheckState, RunState } from '../evidence/run-state.ts';
import type { Verdict } from '../evidence/verdict.ts';
import { clip } from './clip.ts';
import { showEvidence, type Objects } from './evidence-text.ts';
import { lastWords } from './last-words.ts';
import { count, duration, moment, shortDigest } from './measures.ts';
import { block, disarm, inline } from './neutralise.ts';
import { notProven } from './not-proven.ts';
import {
  groupChecks,
  leftovers,
  openUndos,
  releaseName,
  runDurationMs,
  unlisted,
} from './overview.ts';
import { checkCounts } from './terminal-operations.ts';
import { exitMeaning, verdictWords, worstFirst } from './verdict-words.ts';

/** Forges refuse a comment of more than 65 536 characters. */
const commentLimit = 60_000;
const spanLimit = 400;
const messageLimits = { characters: 4000, lines: 40 };
const evidenceLimits = { limitBytes: 4096, limitLines: 30 };

const signs: Readonly<Record<Verdict, string>> = {
  passed: '✅',
  failed: '❌',
  error: '⚠️',
  'not-run': '⚠️',
  inconclusive: '⚠️',
  skipped: '⏭️',
};

/** The run as Markdown of at most `limit` characters; what is left out is named. */
export function renderMarkdown(
  state: RunState,
  { objects, limit = commentLimit }: { readonly objects: Objects; readonly limit?: number },
): string {
  const sections = [
    head(state),
    listed('Why', state.reasons.map(code)),
    operations(state),
    ...worstFirst
      .filter((verdict) => verdict !== 'passed')
      .map((verdict) => checksOf(verdict, state, objects)),
    written(state, objects),
    listed('Cleanup', cleanup(state)),
    listed('Notes', [...state.notes.map(note), ...unlisted(state)]),
    listed('What this run does not prove', notProven(state).map(code)),
  ].filter((section) => section !== '');
  return join(sections, foot(state), limit);
}

function join(sections: readonly string[], end: string, limit: number): string {
  const kept: string[] = [];
  const left: string[] = [];
  let length = end.length + 200;
  for (const section of sections) {
    length += section.length + 2;
    if (length <= limit && left.length === 0) kept.push(section);
    else left.push(/^### (.+)/u.exec(section)?.[1] ?? 'summary');
  }
  const cut =
    left.length === 0
      ? []
      : [`*Left out for length, see the report: ${left.join(', ').slice(0, 150)}.*`];
  return `${[...kept, ...cut, end].join('\n\n')}\n`;
}

function head({ started, verdict, exitCode, startedAt, ...state }: RunState): string {
  const base =
    'skipped' in started.base
      ? `no base (${code(started.base.skipped)})`
      : `${code(releaseName(started.base))} (${code(shortDigest(started.base.digest))})`;
  const full = { started, verdict, exitCode, startedAt, ...state };
  return [
    `## ${signs[verdict]} Seatrial: ${verdictWords[verdict].label}`,
    '',
    `**${exitMeaning({ started, exitCode })}** (exit code ${String(exitCode)}) for ${code(started.app)}, scenario ${code(started.scenario)}`,
    '',
    `${base} → ${code(releaseName(started.head))} (${code(shortDigest(started.head.digest))})`,
    '',
    `${moment(startedAt)}, ${duration(runDurationMs(full))}, ${count(state.deployments, 'deployment')}`,
  ].join('\n');
}

const note = ({ severity, code: id, message }: RunState['notes'][number]): string =>
  `${severity} ${code(id)}: ${code(message)}`;

/** Items of one list; a comment is read by people, and the report holds them all. */
const listMax = 20;

const further = (amount: number): readonly string[] =>
  amount > listMax ? [`- ${String(amount - listMax)} more, see the report`] : [];

const listed = (title: string, items: readonly string[]): string =>
  items.length === 0
    ? ''
    : [
        `### ${title}`,
        '',
        ...items.slice(0, listMax).map((item) => `- ${item}`),
        ...further(items.length),
      ].join('\n');

function operations(state: RunState): string {
  const rows = groupChecks(state).map((group) => {
    const { operation } = group;
    const time = operation?.durationMs === undefined ? '' : duration(operation.durationMs);
    return `| ${cell(group.name)} | ${operation?.outcome ?? ''} | ${time} | ${checkCounts(group)} |`;
  });
  return [
    '### Operations',
    '',
    '| operation | outcome | time | checks |',
    '| --- | --- | ---: | --- |',
    ...rows,
  ].join('\n');
}

function checksOf(verdict: Verdict, state: RunState, objects: Objects): string {
  const checks = state.checks.filter((check) => check.verdict === verdict);
  if (checks.length === 0) return '';
  const { label } = verdictWords[verdict];
  const title = `### ${label.charAt(0).toUpperCase()}${label.slice(1)} (${String(checks.length)})`;
  const isBrief = verdict === 'skipped' || verdict === 'not-run';
  const items = checks
    .slice(0, listMax)
    .map((check) => (isBrief ? brief(check) : full(check, objects)));
  return [title, '', ...items, ...further(checks.length)].join('\n').trimEnd();
}

const brief = ({ id, skip, message }: CheckState): string =>
  `- ${code(id)}: ${code(skip === undefined ? message : skip.reason)}`;

function full(check: CheckState, objects: Objects): string {
  return [
    `- ${code(check.id)}: ${code(check.title)}`,
    ...fenced(clip(check.message, messageLimits)),
    ...check.evidence.flatMap((ref) => {
      const shown = showEvidence(ref, objects, evidenceLimits);
      const name = `${code(ref.path)} (sha256 ${code(shortDigest(ref.sha256))})`;
      return [
        '',
        `  ${name}${shown.omitted === undefined ? '' : `: ${code(shown.omitted)}`}`,
        ...(shown.text === '' ? [] : fenced(shown.text)),
      ];
    }),
    '',
  ].join('\n');
}

const written = (state: RunState, objects: Objects): string =>
  lastWords(state, objects)
    .filter(({ lines }) => lines.length > 0)
    .map(({ operation, lines }) =>
      [
        `### What the app wrote last during ${code(operation)}`,
        ...fenced(lines.map((line) => clip(line, messageLimits)).join('\n')),
      ].join('\n'),
    )
    .join('\n\n');

function cleanup(state: RunState): readonly string[] {
  return [
    ...openUndos(state).map(
      ({ undo, target, outcome }) => `undo ${code(undo)} of ${code(target)}: ${outcome}`,
    ),
    ...leftovers(state).map(
      ({ kind, name, state: left }) =>
        `${code(kind)} ${code(name)} ${left === 'intended' ? 'may be left' : 'is left'}`,
    ),
  ];
}

const foot = ({ started, head: chainHead, records }: RunState): string =>
  `<sub>Run ${code(started.run)}, ${count(records, 'record')}, chain head ${code(chainHead)}. Check it with ${code(`seatrial verify ${started.run}`)}.</sub>`;

/** A code span: the fence is longer than any run of backticks inside. */
export function code(text: string): string {
  const line = disarm(inline(text));
  const cut =
    line.length > spanLimit ? `${line.slice(0, spanLimit).replace(/\p{Cs}$/u, '')}…` : line;
  const fence = '`'.repeat(longestRun(cut) + 1);
  const pad = cut === '' || /^[` ]|[` ]$/u.test(cut) ? ' ' : '';
  return `${fence}${pad}${cut}${pad}${fence}`;
}

/** In a table a bar ends the cell even inside a code span. */
export const cell = (text: string): string => code(text).replaceAll('|', '\\|');

function fenced(text: string): readonly string[] {
  const lines = disarm(block(text)).split('\n');
  const fence = '`'.repeat(Math.max(3, longestRun(text) + 1));
  return ['', ...[fence, ...lines, fence].map((line) => `  ${line}`)];
}

const longestRun = (text: string): number =>
  [...text.matchAll(/`+/gu)].reduce((longest, [run]) => Math.max(longest, run.length), 0);
