import type { ReleaseIdentity } from '../evidence/record.ts';
import type { RunState } from '../evidence/run-state.ts';
import type { Objects } from './evidence-text.ts';
import { asWritten } from './html-evidence.ts';
import { html, type Html } from './html-tag.ts';
import { lastWords } from './last-words.ts';
import { duration, moment } from './measures.ts';
import { countVerdicts, releaseName, runDurationMs } from './overview.ts';
import { exitMeaning, verdictWords, worstFirst } from './verdict-words.ts';

/** The answer, in one look: verdict, code, what ran, when, for how long. */
export function banner(state: RunState): Html {
  const { started, verdict, exitCode, deployments, records } = state;
  const { label, mark, meaning } = verdictWords[verdict];
  const facts = [
    ['started', moment(state.startedAt)],
    ['took', duration(runDurationMs(state))],
    ['deployments', deployments],
    ['records', records],
  ] as const;
  return html`<section class="banner v-${verdict}" aria-labelledby="verdict">
    <div class="mark" aria-hidden="true">${mark}</div>
    <div>
      <p class="eyebrow">${started.app} · ${started.scenario}</p>
      <h1 id="verdict">${label}</h1>
      <p class="answer">
        <strong>${exitMeaning(state)}</strong> <span>exit code ${exitCode}</span>
      </p>
      <p>${meaning}</p>
    </div>
    <dl>
      ${facts.map(
        ([name, value]) =>
          html`<div>
            <dt>${name}</dt>
            <dd>${value}</dd>
          </div>`,
      )}
    </dl>
  </section>`;
}

export const reasons = ({ reasons: sentences }: RunState): Html =>
  sentences.length === 0
    ? html``
    : html`<section id="why" class="card">
        <h2>Why</h2>
        <ul class="plain">
          ${sentences.map((sentence) => html`<li>${sentence}</li>`)}
        </ul>
      </section>`;

/** In the app's own words, for each operation that ended badly. */
export const written = (state: RunState, objects: Objects): readonly Html[] =>
  lastWords(state, objects)
    .filter(({ lines }) => lines.length > 0)
    .map(
      ({ operation, lines }) =>
        html`<section class="card">
          <h2>What the app wrote last during ${operation}</h2>
          ${asWritten(lines.join('\n'))}
        </section>`,
    );

/** Base → head, each by content digest. */
export function identity({ started }: RunState): Html {
  const base =
    'skipped' in started.base
      ? html`<p class="ref">none</p>
          <p class="muted">${started.base.skipped}</p>`
      : release(started.base);
  return html`<section class="identity" aria-label="What was compared">
    <div class="card">
      <h2 class="eyebrow">Base: last published</h2>
      ${base}
    </div>
    <div class="arrow" aria-hidden="true">→</div>
    <div class="card">
      <h2 class="eyebrow">Head: under test</h2>
      ${release(started.head)}
    </div>
  </section>`;
}

const release = (identity: ReleaseIdentity): Html =>
  html`<p class="ref">${releaseName(identity)}</p>
    ${identity.commit === undefined ? '' : html`<p class="digest"><span class="muted">commit</span> <code>${identity.commit}</code></p>`}
    <p class="digest"><span class="muted">content</span> <code>${identity.digest}</code></p>`;

/** How many checks had each verdict, worst first. */
export function tiles({ checks }: RunState): Html {
  const counts = countVerdicts(checks);
  const verdicts = worstFirst.filter((verdict) => counts[verdict] > 0);
  return html`<section class="tiles" aria-label="Checks by verdict">
    ${verdicts.map(
      (verdict) =>
        html`<div class="tile v-${verdict}">
          <span class="figure">${counts[verdict]}</span
          ><span class="label">${verdictWords[verdict].label}</span>
        </div>`,
    )}
  </section>`;
}
