import type { CheckState, RunState } from '../evidence/run-state.ts';
import type { Verdict } from '../evidence/verdict.ts';
import { clip } from './clip.ts';
import type { Evidence } from './html-evidence.ts';
import { html, type Html } from './html-tag.ts';
import { duration, moment } from './measures.ts';
import { countVerdicts, groupChecks, type CheckGroup } from './overview.ts';
import { checkCounts } from './terminal-operations.ts';
import { verdictWords, worstFirst } from './verdict-words.ts';

const messageLimits = { characters: 20_000, lines: 400 };

/** Checks by operation. The filters work without a script; search needs one and is hidden else. */
export function checks(state: RunState, evidence: Evidence): Html {
  const groups = groupChecks(state).filter((group) => group.checks.length > 0);
  return html`<section id="checks" class="card">
    <h2>Checks</h2>
    ${state.checks.length === 0 ? html`<p>No check was expected, so nothing was shown.</p>` : filters(state)}
    ${groups.map((group) => groupOf(group, evidence))}
    <p id="no-match" class="muted" hidden>No check matches.</p>
  </section>`;
}

function filters(state: RunState): Html {
  const counts = countVerdicts(state.checks);
  const present = worstFirst.filter((verdict) => counts[verdict] > 0);
  return html`<div class="filters">
    <fieldset>
      <legend>Show</legend>
      ${choice('all', 'all', state.checks.length, true)}
      ${present.map((verdict) => choice(verdict, verdictWords[verdict].label, counts[verdict], false))}
    </fieldset>
    <div id="tools" hidden>
      <label class="search"
        ><span>Search</span> <input type="search" id="search" autocomplete="off" spellcheck="false"
      /></label>
      <button type="button" id="open-all">Open all</button>
      <button type="button" id="close-all">Close all</button>
      <p id="shown" class="muted" role="status"></p>
    </div>
  </div>`;
}

const choice = (value: Verdict | 'all', label: string, amount: number, isChosen: boolean): Html =>
  html`<label class="choice v-${value}"
    ><input
      type="radio"
      name="filter"
      value="${value}"
      id="filter-${value}"
      ${isChosen ? html` checked` : ''}
    /><span>${label} <span class="amount">${amount}</span></span></label
  >`;

const groupOf = (group: CheckGroup, evidence: Evidence): Html =>
  html`<section class="group">
    <h3>
      ${group.operation === undefined ? (group.name === 'run' ? 'whole run' : group.name) : `after ${group.name}`}
      <span class="muted">${checkCounts(group)}</span>
    </h3>
    ${group.operation?.message === undefined ? '' : html`<p class="message">${clip(group.operation.message, messageLimits)}</p>`}
    ${group.checks.map((check) => checkOf(check, evidence))}
  </section>`;

function checkOf(check: CheckState, evidence: Evidence): Html {
  const { mark, label } = verdictWords[check.verdict];
  const isOpen = check.verdict === 'failed' || check.verdict === 'error';
  return html`<details class="check v-${check.verdict}" ${isOpen ? html` open` : ''}>
    <summary>
      <span class="badge"><span aria-hidden="true">${mark}</span> ${label}</span
      ><span class="what"
        ><span class="id">${check.id}</span><span class="title">${check.title}</span></span
      ><span class="chip">${check.boundary}</span
      ><span class="number muted"
        >${check.durationMs === undefined ? '' : duration(check.durationMs)}</span
      >
    </summary>
    <div class="body">
      ${message(check)}
      ${check.evidence.length === 0 ? html`<p class="muted">No evidence was recorded.</p>` : check.evidence.map((ref, at) => evidence(ref, { open: isOpen && at === 0 }))}
      <dl class="facts">
        ${facts(check).map(
          ([name, value]) =>
            html`<div>
              <dt>${name}</dt>
              <dd>${value}</dd>
            </div>`,
        )}
      </dl>
    </div>
  </details>`;
}

const message = (check: CheckState): Html =>
  check.message === ''
    ? html``
    : html`<p class="message">${clip(check.message, messageLimits)}</p>`;

const facts = (check: CheckState): readonly (readonly [string, string])[] => [
  ...(check.skip === undefined
    ? []
    : [['skipped', `${check.skip.kind}: ${check.skip.reason}`] as const]),
  ['asked by', check.source],
  ['boundary', check.boundary],
  ...(check.touched.length === 0 ? [] : [['touched', check.touched.join(', ')] as const]),
  ...(check.endedAt === undefined ? [] : [['answered', moment(check.endedAt)] as const]),
  ...(check.seq === undefined ? [] : [['record', `no. ${String(check.seq)}`] as const]),
  ...(check.unexpected === true
    ? [['unexpected', 'Nobody asked for this check; it counts as an error.'] as const]
    : []),
];
