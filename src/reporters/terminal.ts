// `seatrial show`: one screen that answers whether to ship, and if not, why.

import type { CheckState, RunState } from '../evidence/run-state.ts';
import type { Verdict } from '../evidence/verdict.ts';
import { clip } from './clip.ts';
import { showEvidence, type Objects } from './evidence-text.ts';
import { lastWords } from './last-words.ts';
import { count, duration, moment, shortDigest, size } from './measures.ts';
import { notProven } from './not-proven.ts';
import {
  groupChecks,
  leftovers,
  openUndos,
  releaseName,
  runDurationMs,
  unlisted,
} from './overview.ts';
import { operationColumns } from './terminal-operations.ts';
import {
  fit,
  hanging,
  painter,
  safe,
  safeLines,
  type Colour,
  type Paint,
} from './terminal-text.ts';
import { exitMeaning, verdictWords, worstFirst } from './verdict-words.ts';

export type TerminalOptions = {
  readonly objects: Objects;
  /** Columns of the terminal; 80 where there is none. */
  readonly width: number;
  readonly colour: boolean;
  /** Where the bundle lies, as the reader would type it. */
  readonly bundle?: string;
};

/** Checks of one verdict on the screen; nobody scrolls through more. */
const listMax = 100;

type Page = TerminalOptions & { readonly paint: Paint };

/** First lines under a check that did not pass. */
const messageLimits = { characters: 4000, lines: 40 };
const evidenceLimits = { limitBytes: 16_384, limitLines: 8 };

export const verdictColours: Readonly<Record<Verdict, Colour>> = {
  passed: 'green',
  failed: 'red',
  error: 'yellow',
  'not-run': 'yellow',
  inconclusive: 'yellow',
  skipped: 'dim',
};

/** The run as text for a terminal, ending in a line break. */
export function renderTerminal(state: RunState, options: TerminalOptions): string {
  const page: Page = {
    ...options,
    width: Math.max(40, options.width),
    paint: painter(options.colour),
  };
  const sections = [
    header(state, page),
    titled('Why', reasons(state, page), page),
    titled('Operations', operationColumns(groupChecks(state), page), page),
    ...worstFirst
      .filter((verdict) => verdict !== 'passed')
      .map((verdict) => checksOf(verdict, state, page)),
    titled('What the app wrote last', written(state, page), page),
    titled('Notes', notes(state, page), page),
    titled('Cleanup', cleanup(state, page), page),
    titled('What this run does not prove', unproven(state, page), page),
    titled('Bundle', where(state, page), page),
  ];
  return `${sections
    .filter((section) => section.length > 0)
    .map((section) => section.join('\n'))
    .join('\n\n')}\n`;
}

function written(state: RunState, { objects, width }: Page): readonly string[] {
  return lastWords(state, objects).flatMap(({ operation, lines }) => [
    ...lines.flatMap(safeLines).map((line) => fit(`  ┆ ${line}`, width)),
    `  all of it: seatrial logs ${safe(state.started.run)} --operation ${safe(operation)}`,
  ]);
}

const titled = (title: string, lines: readonly string[], { paint }: Page): readonly string[] =>
  lines.length === 0 ? [] : [paint('bold', title), ...lines];

function header(state: RunState, { paint, width }: Page): readonly string[] {
  const { started, verdict, exitCode } = state;
  const { label, mark } = verdictWords[verdict];
  const banner = `${mark} ${label.toUpperCase()}`;
  const code = `exit code ${String(exitCode)}: ${exitMeaning(state)}`;
  const base =
    'skipped' in started.base
      ? `none (${safe(started.base.skipped)})`
      : `${safe(releaseName(started.base))}  ${shortDigest(started.base.digest)}`;
  return [
    fit(`Seatrial ${safe(started.tool.version)}  run ${safe(started.run)}`, width),
    '',
    `  ${paint(verdictColours[verdict], paint('bold', banner))}   ${code}`,
    '',
    fit(`  app   ${safe(started.app)}, scenario ${safe(started.scenario)}`, width),
    fit(`  base  ${base}`, width),
    fit(`  head  ${safe(releaseName(started.head))}  ${shortDigest(started.head.digest)}`, width),
    fit(`  time  ${moment(state.startedAt)}, ${duration(runDurationMs(state))}`, width),
  ];
}

/** The worst come first; the rest is told once, with the checks below. */
const reasonsMax = 6;

function reasons(state: RunState, { width }: Page): readonly string[] {
  const more = state.reasons.length - reasonsMax;
  return [
    ...state.reasons.slice(0, reasonsMax).flatMap((each) => hanging('  • ', safe(each), width)),
    ...(more > 0 ? [`  … and ${count(more, 'more reason')}, below`] : []),
  ];
}

function checksOf(verdict: Verdict, state: RunState, page: Page): readonly string[] {
  const checks = state.checks.filter((check) => check.verdict === verdict);
  const { label } = verdictWords[verdict];
  const title = `${label.charAt(0).toUpperCase()}${label.slice(1)} (${String(checks.length)})`;
  const asked = checks.filter((check) => !neverAsked(check));
  const lines = asked
    .slice(0, listMax)
    .flatMap((check) =>
      verdict === 'skipped' || verdict === 'not-run' ? brief(check, page) : full(check, page),
    );
  const left = asked.length - listMax;
  const more = left > 0 ? [`  … and ${String(left)} more, see the report`] : [];
  return titled(title, [...lines, ...more, ...neverAskedLines(checks, page)], page);
}

const neverAsked = ({ verdict, startedAt, seq }: CheckState): boolean =>
  verdict === 'not-run' && startedAt === undefined && seq === undefined;

/** One line per operation: which of many questions were not reached says nothing new. */
function neverAskedLines(checks: readonly CheckState[], { width }: Page): readonly string[] {
  const counts = new Map<string, number>();
  for (const check of checks.filter(neverAsked))
    counts.set(check.after, (counts.get(check.after) ?? 0) + 1);
  return [...counts].flatMap(([after, amount]) => {
    const where = after === 'run' ? 'of the whole run' : `after ${safe(after)}`;
    return hanging('  – ', `${count(amount, 'check')} ${where} never asked`, width);
  });
}

function brief(check: CheckState, page: Page): readonly string[] {
  const reason = check.skip === undefined ? check.message : check.skip.reason;
  const mark = verdictWords[check.verdict].mark;
  return hanging(`  ${mark} `, `${safe(check.id)}: ${safe(reason)}`, page.width);
}

function full(check: CheckState, page: Page): readonly string[] {
  const { mark } = verdictWords[check.verdict];
  const colour = verdictColours[check.verdict];
  return [
    `  ${page.paint(colour, mark)} ${page.paint('bold', safe(check.id))}`,
    ...hanging('    ', safe(check.title), page.width),
    ...safeLines(clip(check.message, messageLimits)).flatMap((line) =>
      hanging('    │ ', line, page.width),
    ),
    ...check.evidence.flatMap((ref) => excerpt(ref, page)),
  ];
}

function excerpt(ref: CheckState['evidence'][number], page: Page): readonly string[] {
  const shown = showEvidence(ref, page.objects, evidenceLimits);
  const facts = `${safe(ref.path)} (${size(ref.bytes)}, sha256 ${shortDigest(ref.sha256)}…)`;
  return [
    ...hanging('    ', facts, page.width),
    ...(shown.text === '' ? [] : safeLines(shown.text)).map((line) =>
      page.paint('dim', fit(`    ┆ ${line}`, page.width)),
    ),
    ...(shown.omitted === undefined
      ? []
      : hanging('    ┆ ', safe(shown.omitted), page.width).map((line) => page.paint('dim', line))),
  ];
}

const notes = (state: RunState, { width }: Page): readonly string[] => [
  ...state.notes.flatMap(({ severity, code, message }) =>
    hanging('  • ', `${severity} ${safe(code)}: ${safe(message)}`, width),
  ),
  ...unlisted(state).flatMap((sentence) => hanging('  • ', sentence, width)),
];

function cleanup(state: RunState, { width }: Page): readonly string[] {
  const restored = state.undos.length - openUndos(state).length;
  return [
    `  • ${count(state.deployments, 'deployment')}`,
    `  • ${String(restored)} of ${count(state.undos.length, 'undo')} restored`,
    ...openUndos(state).flatMap(({ undo, target, outcome, message }) =>
      hanging(
        '  ! ',
        `undo ${safe(undo)} of ${safe(target)}: ${outcome}${message === undefined ? '' : `, ${safe(message)}`}`,
        width,
      ),
    ),
    ...leftovers(state).flatMap(({ kind, name, state: left }) =>
      hanging(
        '  ! ',
        `${safe(kind)} ${safe(name)}: ${left === 'intended' ? 'may be left' : 'left'}`,
        width,
      ),
    ),
  ];
}

const unproven = (state: RunState, { width }: Page): readonly string[] =>
  notProven(state).flatMap((sentence) => hanging('  • ', safe(sentence), width));

const where = (state: RunState, { bundle }: Page): readonly string[] => [
  ...(bundle === undefined ? [] : [`  ${safe(bundle)}`, `  open ${safe(bundle)}/report.html`]),
  `  ${count(state.records, 'record')}, chain head ${state.head}`,
  `  verify with: seatrial verify ${safe(state.started.run)}`,
];
