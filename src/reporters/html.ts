// One page that needs nothing else: no network, no script to read it, no trust in what the app wrote.

import type { RunState } from '../evidence/run-state.ts';
import type { Objects } from './evidence-text.ts';
import { checks } from './html-checks.ts';
import { makeEvidence } from './html-evidence.ts';
import { cleanup, environment, notCovered, notes, verification } from './html-facts.ts';
import { htmlPage } from './html-page.ts';
import { script } from './html-script.ts';
import { banner, identity, reasons, tiles, written } from './html-summary.ts';
import { html, type Html } from './html-tag.ts';
import { timeline } from './html-timeline.ts';
import { verdictWords } from './verdict-words.ts';

/** The report as one HTML file. `bundle` is shown as the place where the evidence lies. */
export function renderHtml(
  state: RunState,
  { objects, bundle }: { readonly objects: Objects; readonly bundle?: string },
): string {
  const evidence = makeEvidence(state, objects);
  const { app, run } = state.started;
  return htmlPage({
    title: `${verdictWords[state.verdict].label}: ${app}, run ${run}`,
    script,
    body: html`
      <a class="skip" href="#main">Skip to the verdict</a>
      <header class="top">
        <div class="inner">
          <span class="brand">${logo}Seatrial</span><span class="run">run <code>${run}</code></span>
        </div>
      </header>
      ${navigation(state)}
      <main id="main">
        ${banner(state)} ${identity(state)} ${reasons(state)} ${written(state, objects)}
        ${tiles(state)} ${timeline(state)} ${checks(state, evidence)} ${notCovered(state)}
        ${cleanup(state)} ${notes(state)} ${environment(state, evidence)}
        ${verification(state, bundle)}
      </main>
      <footer>
        <p>
          Seatrial ${state.started.tool.version}. A rendering of records; the same records give the
          same page, byte for byte.
        </p>
      </footer>
    `,
  });
}

function navigation(state: RunState): Html {
  const links = [
    ...(state.reasons.length === 0 ? [] : [['why', 'Why']]),
    ...(state.operations.length === 0 ? [] : [['timeline', 'Timeline']]),
    ['checks', 'Checks'],
    ['not-covered', 'Not proven'],
    ['cleanup', 'Undo'],
    ...(state.notes.length === 0 ? [] : [['notes', 'Notes']]),
    ['environment', 'Environment'],
    ['verify', 'Verify'],
  ];
  return html`<nav aria-label="Sections">
    <ul>
      ${links.map(([id, label]) => html`<li><a href="#${id}">${label}</a></li>`)}
    </ul>
  </nav>`;
}

const logo = html`<svg
  width="22"
  height="22"
  viewBox="0 0 24 24"
  aria-hidden="true"
  focusable="false"
>
  <path
    d="M12 2v9m0-9 6 9h-6M3 14h18l-3 5H6zM2 22c2 0 2-1 4-1s2 1 4 1 2-1 4-1 2 1 4 1 2-1 4-1"
    fill="none"
    stroke="currentColor"
    stroke-width="1.8"
    stroke-linejoin="round"
    stroke-linecap="round"
  />
</svg>`;
