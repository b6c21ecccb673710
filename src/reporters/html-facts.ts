// The quieter half of the page: what was not covered, cleanup, notes, environment, verification.

import type { RunState, UndoState } from '../evidence/run-state.ts';
import type { Evidence } from './html-evidence.ts';
import { html, type Html, type HtmlValue } from './html-tag.ts';
import { count, duration, moment } from './measures.ts';
import { notProven } from './not-proven.ts';
import { leftovers, unlisted } from './overview.ts';

export const notCovered = (state: RunState): Html =>
  html`<section id="not-covered" class="card">
    <h2>What this run does not prove</h2>
    <ul class="plain">
      ${notProven(state).map((sentence) => html`<li>${sentence}</li>`)}
    </ul>
  </section>`;

export function cleanup(state: RunState): Html {
  const left = leftovers(state);
  return html`<section id="cleanup" class="card">
    <h2>Undo and leftovers</h2>
    ${
      state.undos.length === 0
        ? html`<p class="muted">Nothing was registered for undo.</p>`
        : table(['undo', 'kind', 'target', 'budget', 'outcome'], state.undos.map(undoRow))
    }
    <h3>Left behind</h3>
    ${
      left.length === 0
        ? html`<p>
            Nothing: all of ${count(state.resources.length, 'resource')} is recorded as removed.
          </p>`
        : table(
            ['kind', 'name', 'state'],
            left.map(({ kind, name, state: each }) => [
              kind,
              name,
              outcome('failed', each === 'intended' ? 'may be there' : 'still there'),
            ]),
          )
    }
  </section>`;
}

const undoRow = ({ undo, kind, target, budgetMs, outcome: how, message }: UndoState) => [
  undo,
  kind,
  target,
  duration(budgetMs),
  html`${outcome(how === 'restored' ? 'done' : 'failed', how)} ${message}`,
];

const outcome = (tone: string, label: string): Html =>
  html`<span class="outcome o-${tone}">${label}</span>`;

export const notes = (state: RunState): Html =>
  state.notes.length === 0 && state.dropped === undefined
    ? html``
    : html`<section id="notes" class="card">
        <h2>Notes</h2>
        ${table(['time', 'severity', 'code', 'message'], state.notes.map(noteRow))}
        ${unlisted(state).map((sentence) => html`<p class="muted">${sentence}</p>`)}
      </section>`;

const noteRow = ({ at, severity, code, message }: RunState['notes'][number]) => [
  moment(at),
  html`<span class="severity s-${severity}">${severity}</span>`,
  html`<code>${code}</code>`,
  message,
];

export function environment({ started, ...state }: RunState, evidence: Evidence): Html {
  const { host, driver, tool } = started;
  const observations = state.operations.flatMap((operation) => operation.observations);
  const rows: readonly (readonly [string, HtmlValue])[] = [
    ['app', started.app],
    ['instance', started.instance],
    ['scenario', `${started.scenario} (${started.selection} selection)`],
    ['driver', `${driver.kind} ${driver.version}${driver.fake ? ' (fake)' : ''}`],
    ['host', `${host.name}, ${host.os} ${host.kernel}, ${host.arch}`],
    ['boot', host.bootId],
    ['Node.js', host.node],
    ['tool', `${tool.name} ${tool.version}`],
    ['job', `${started.job}, attempt ${String(started.attempt)}`],
    ['work folder', started.work],
    ['store', started.store],
    ['plan', html`<code>${started.planDigest}</code>`],
    ...(started.canary === undefined ? [] : [['planted fault', started.canary] as const]),
  ];
  return html`<section id="environment" class="card">
    <h2>Environment</h2>
    <dl class="pairs">
      ${rows.map(
        ([name, value]) =>
          html`<div>
            <dt>${name}</dt>
            <dd>${value}</dd>
          </div>`,
      )}
    </dl>
    ${evidence(started.plan)} ${observations.length === 0 ? '' : html`<h3>Observed</h3>`}
    ${observations.map(
      ({ operation, what, stage, object }) =>
        html`<div class="observation">
          <span class="muted">${operation}: ${what}${stage === undefined ? '' : ` (${stage})`}</span
          >${evidence(object)}
        </div>`,
    )}
  </section>`;
}

export const verification = (state: RunState, bundle: string | undefined): Html =>
  html`<section id="verify" class="card">
    <h2>Verify this report</h2>
    <p>
      This page is a rendering of ${count(state.records, 'record')} that are chained by their
      digests. It proves nothing by itself. To check the records, every piece of evidence and the
      signature again, run:
    </p>
    <pre tabindex="0">seatrial verify ${state.started.run}</pre>
    <dl class="pairs">
      <div>
        <dt>run</dt>
        <dd><code>${state.started.run}</code></dd>
      </div>
      <div>
        <dt>chain head</dt>
        <dd><code>${state.head}</code></dd>
      </div>
      ${
        bundle === undefined
          ? ''
          : html`<div>
              <dt>bundle</dt>
              <dd><code>${bundle}</code></dd>
            </div>`
      }
    </dl>
  </section>`;

const table = (titles: readonly string[], rows: readonly (readonly HtmlValue[])[]): Html =>
  html`<div class="scroll">
    <table>
      <thead>
        <tr>
          ${titles.map((title) => html`<th scope="col">${title}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (cells) =>
            html`<tr>
              ${cells.map((cell) => html`<td>${cell}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
