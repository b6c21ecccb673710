// Operations and checks over time. Widths are percentages in SVG attributes: they need neither a
// script nor inline styles, which the page's policy forbids.

import type { CheckState, OperationState, RunState } from '../evidence/run-state.ts';
import { html, type Html } from './html-tag.ts';
import { duration, epochMs } from './measures.ts';
import { groupChecks, runDurationMs, type CheckGroup } from './overview.ts';
import { outcomeMarks } from './terminal-operations.ts';
import { verdictWords } from './verdict-words.ts';

type Scale = { readonly startMs: number; readonly spanMs: number };

/** More ticks than this in one row would cover each other; the table of checks has them all. */
const ticksPerRow = 200;

export function timeline(state: RunState): Html {
  const startMs = epochMs(state.startedAt);
  if (startMs === undefined || state.operations.length === 0) return html``;
  const scale = { startMs, spanMs: Math.max(1, runDurationMs(state)) };
  return html`<section id="timeline" class="card">
    <h2>Timeline</h2>
    <div class="scroll">
      <table class="timeline">
        <thead>
          <tr>
            <th scope="col">operation</th>
            <th scope="col">outcome</th>
            <th scope="col" class="track">${axis(scale)}</th>
            <th scope="col" class="number">took</th>
          </tr>
        </thead>
        <tbody>
          ${groupChecks(state).map((group) => row(group, scale))}
        </tbody>
      </table>
    </div>
    <p class="legend muted">
      <span class="swatch operation" aria-hidden="true"></span> operation
      <span class="swatch checks" aria-hidden="true"></span> checks; a tick for each one, coloured
      by its verdict
    </p>
  </section>`;
}

function row(group: CheckGroup, scale: Scale): Html {
  const { operation, name, checks } = group;
  const outcome = operation?.outcome;
  const words =
    outcome === undefined
      ? html``
      : html`<span class="outcome o-${outcome}"
          ><span aria-hidden="true">${outcomeMarks[outcome].mark}</span> ${outcome}</span
        >`;
  return html`<tr>
    <th scope="row">${name}</th>
    <td>${words}</td>
    <td class="track">
      <svg width="100%" height="28" aria-hidden="true" focusable="false">
        <rect class="lane" x="0" y="13" width="100%" height="2" />
        ${checksBar(checks, scale)}${operationBar(operation, scale)}${checks.slice(0, ticksPerRow).map((check) => tick(check, scale))}
      </svg>
    </td>
    <td class="number">
      ${operation?.durationMs === undefined ? '' : duration(operation.durationMs)}
    </td>
  </tr>`;
}

function operationBar(operation: OperationState | undefined, scale: Scale): Html {
  const from = epochMs(operation?.startedAt);
  if (operation === undefined || from === undefined) return html``;
  const to = epochMs(operation.endedAt) ?? scale.startMs + scale.spanMs;
  return bar({ kind: `operation o-${operation.outcome}`, from, to, height: 16 }, scale);
}

function checksBar(checks: readonly CheckState[], scale: Scale): Html {
  const starts = checks.flatMap(({ startedAt }) => epochMs(startedAt) ?? []);
  const ends = checks.flatMap(({ endedAt }) => epochMs(endedAt) ?? []);
  if (starts.length === 0 || ends.length === 0) return html``;
  const from = starts.reduce((a, b) => Math.min(a, b));
  const to = ends.reduce((a, b) => Math.max(a, b));
  return bar({ kind: 'checks', from, to, height: 8 }, scale);
}

function bar(
  span: {
    readonly kind: string;
    readonly from: number;
    readonly to: number;
    readonly height: number;
  },
  scale: Scale,
): Html {
  const left = share(span.from, scale);
  const width = Math.max(0.4, share(span.to, scale) - left);
  return html`<rect
    class="bar ${span.kind}"
    x="${percent(Math.min(left, 99.6))}"
    y="${14 - span.height / 2}"
    width="${percent(width)}"
    height="${span.height}"
    rx="3"
  />`;
}

function tick({ endedAt, verdict, id }: CheckState, scale: Scale): Html {
  const at = epochMs(endedAt);
  if (at === undefined) return html``;
  const x = percent(share(at, scale));
  return html`<line class="tick v-${verdict}" x1="${x}" x2="${x}" y1="7" y2="21"
    ><title>${id}: ${verdictWords[verdict].label}</title></line
  >`;
}

/** Steps a person reads easily, in milliseconds. */
const steps = [
  100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 30_000, 60_000, 120_000, 300_000, 600_000,
  1_200_000, 1_800_000, 3_600_000, 7_200_000, 14_400_000, 43_200_000, 86_400_000,
];

function axis({ spanMs }: Scale): Html {
  const step = steps.find((each) => spanMs / each <= 5) ?? spanMs;
  const marks = Array.from({ length: Math.floor(spanMs / step) + 1 }, (_, at) => at * step);
  const fitting = marks.filter((ms) => ms / spanMs <= 0.93);
  return html`<svg
    width="100%"
    height="16"
    role="img"
    aria-label="Time since the start of the run, ${duration(spanMs)} in all"
  >
    ${fitting.map(
      (ms) =>
        html`<text x="${percent((ms / spanMs) * 100)}" y="12" class="axis"
          >${ms === 0 ? '0' : duration(ms).replace('.0 s', ' s').replace(' 00 s', '')}</text
        >`,
    )}
  </svg>`;
}

const share = (at: number, { startMs, spanMs }: Scale): number =>
  Math.min(100, Math.max(0, ((at - startMs) / spanMs) * 100));

const percent = (amount: number): string => `${amount.toFixed(2)}%`;
