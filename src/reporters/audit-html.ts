// The matrix as one page that needs nothing else, made piece by piece: a section a phase, so that
// neither the page nor this program holds all rows at once.

import type { Audit } from '../audit/audit.ts';
import type { AuditAnswer } from '../audit/check-audit.ts';
import type { RowAnswer } from '../audit/derive.ts';
import type { GateAnswer } from '../audit/gate.ts';
import { matrixRow, type MatrixCell } from '../audit/matrix.ts';
import { countLine } from './audit-text.ts';
import { htmlPage } from './html-page.ts';
import { html, markupOf, type Html } from './html-tag.ts';

/** Hides rows whose text lacks a word of the search; the page is complete without it. */
const script = `(() => {
  const tools = document.getElementById('tools');
  tools.hidden = false;
  const search = document.getElementById('search');
  const status = document.getElementById('status');
  const shown = document.getElementById('shown');
  const rows = [...document.querySelectorAll('tbody.row')];
  const update = () => {
    const words = search.value.toLowerCase().split(/\\s+/).filter((word) => word !== '');
    let count = 0;
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      const fits = (status.value === '' || row.dataset.status === status.value) &&
        words.every((word) => text.includes(word));
      row.hidden = !fits;
      if (fits) count += 1;
    }
    shown.textContent = count + ' of ' + rows.length + ' rows shown';
  };
  search.addEventListener('input', update);
  status.addEventListener('change', update);
  update();
})();
`;

/** Where rows go in the page that is made first; no text of a row can hold it, as it is markup. */
const place = html`<!-- rows -->`;

export function* renderAuditHtml(audit: Audit, answer: AuditAnswer): Generator<string> {
  const page = htmlPage({
    title: `Audit of ${audit.pack.id}`,
    body: frame(audit, answer),
    script,
  });
  const at = page.indexOf(markupOf(place));
  yield page.slice(0, at);
  const phases = [...new Set(answer.rows.map(({ row }) => row.phase))].sort((a, b) => a - b);
  for (const phase of phases) {
    yield markupOf(html`<h2 id="phase-${phase}">Phase ${phase}</h2>`);
    yield `<table><caption>Rows of phase ${String(phase)}</caption>${markupOf(columns)}`;
    for (const row of answer.rows)
      if (row.row.phase === phase) yield markupOf(rowHtml(answer, row));
    yield '</table>';
  }
  yield page.slice(at + markupOf(place).length);
}

const names = ['Row', 'Check', 'Verdict', 'Boundary', 'Evidence', 'Canary'];
const columns = html`<thead>
  <tr>
    ${names.map((name) => html`<th scope="col">${name}</th>`)}
  </tr>
</thead>`;

function frame(audit: Audit, { counts, gates, index }: AuditAnswer): Html {
  return html`<main id="main">
      <h1>Audit of ${audit.pack.id}</h1>
      <p>${countLine(counts)}</p>
      <p>
        Subject ${audit.subject} at <code>${index.auditedHead ?? 'no run'}</code>, derived for
        ${audit.at}.
      </p>
      <div id="tools" hidden>
        <label>Search <input id="search" type="search" /></label>
        <label
          >Status
          <select id="status">
            <option value="">any</option>
            <option>evidence-complete</option>
            <option>audit-amended</option>
            <option>unresolved</option>
          </select></label
        >
        <span id="shown" role="status"></span>
      </div>
      ${place}
      <h2>Gates</h2>
      <ul>
        ${gates.map(gateHtml)}
      </ul>
    </main>
    <footer>
      <p>A rendering of records; the store’s list of runs ends with ${audit.view.listHead}.</p>
    </footer>`;
}

const findingsMax = 100;

const gateHtml = ({ gate, title, verdict, items, failed, findings }: GateAnswer): Html =>
  html`<li>
    <strong>${gate}</strong>: ${verdict}, ${failed} of ${items} failed. ${title}.
    ${
      findings.length === 0
        ? undefined
        : html`<ul>
            ${findings
              .slice(0, findingsMax)
              .map(
                ({ code, item, message }) =>
                  html`<li><code>${code}</code> ${item}: ${message}</li> `,
              )}
            ${
              findings.length > findingsMax
                ? html`<li>and ${findings.length - findingsMax} more</li>`
                : undefined
            }
          </ul>`
    }
  </li> `;

function rowHtml({ index }: AuditAnswer, answer: RowAnswer): Html {
  const { row, status, reasons, amendment } = answer;
  const { cells, about, environment, fixtures, actions } = matrixRow(index, answer);
  return html`<tbody class="row" data-status="${status}">
    <tr>
      <th scope="rowgroup" rowspan="${Math.max(1, cells.length + 1)}">${row.id}</th>
      <td colspan="5">
        <strong>${status}</strong>${amendment === undefined ? '' : ` by ${amendment.id}`}:
        ${row.coverage}<br />
        ${described([
          ['legacy', row.legacySubject],
          ['environment', environment],
          ['manifest or contract', about],
          ['fixtures', fixtures],
          ['actions', actions],
        ])}
        ${
          reasons.length === 0
            ? undefined
            : html`<ul>
                ${reasons.map(({ code, message }) => html`<li><code>${code}</code>: ${message}</li>`)}
              </ul>`
        }
      </td>
    </tr>
    ${cells.map(cellHtml)}
  </tbody> `;
}

const described = (parts: readonly (readonly [string, readonly string[]])[]): Html =>
  html`<span class="muted"
    >${parts
      .filter(([, values]) => values.length > 0)
      .map(([name, values]) => `${name}: ${values.join(', ')}`)
      .join('; ')}</span
  >`;

const cellHtml = ({ check, verdict, boundary, evidence, canary }: MatrixCell): Html =>
  html`<tr>
    <td><code>${check}</code></td>
    <td>${verdict}</td>
    <td>${boundary}</td>
    <td>${evidence === undefined ? 'none' : html`<a href="${evidence}">object</a>`}</td>
    <td>${canary ?? 'none'}</td>
  </tr> `;
