// The sign-off as one page that needs nothing else.

import { objectPath } from '../evidence/bundle-paths.ts';
import { evidenceName } from '../gates/gate-results.ts';
import { marks, type Decision } from '../gates/gate-state.ts';
import type { GatesReport, ReportedGate } from '../gates/gates-report.ts';
import { linkTarget } from '../gates/sign-off-text.ts';
import { htmlPage } from './html-page.ts';
import { html, type Html } from './html-tag.ts';
import { duration } from './measures.ts';

const meanings: Readonly<Record<Decision, string>> = {
  go: 'Every required gate holds.',
  pending: 'Every required gate holds as far as machines can tell; people have yet to sign.',
  partial: 'A required gate was not selected: no release decision.',
  undecided: 'A gate could not be judged: no release decision.',
  'no-go': 'A gate does not hold.',
};

export function renderGatesHtml(report: GatesReport): string {
  const { decision, plan, state, gates } = report;
  const { run, tool, canary, signer } = state.started;
  const title = `${decision.toUpperCase()}: gates of ${plan.file}`;
  return htmlPage({
    title,
    body: html` <main id="main">
        <h1>Decision: ${decision.toUpperCase()}</h1>
        <p>${meanings[decision]}</p>
        ${canary === undefined ? undefined : html`<p>Mutant run: fault ${canary} was planted.</p>`}
        <dl>
          <dt>Commit</dt>
          <dd><code>${plan.commit ?? 'none'}</code>${plan.dirty ? ' and changes' : ''}</dd>
          <dt>Run</dt>
          <dd><code>${run}</code></dd>
          <dt>Target</dt>
          <dd>${plan.target ?? 'started by each gate'}</dd>
          <dt>Profile</dt>
          <dd>${plan.profile}</dd>
          <dt>Time (UTC)</dt>
          <dd>${state.endedAt ?? state.lastAt}</dd>
          <dt>Signed</dt>
          <dd>${signer === undefined ? 'no' : `by key ${signer.keyId}`}</dd>
        </dl>
        ${gates.map((gate) => section(gate, report))} ${signatures(report)} ${risks(report)}
      </main>
      <footer>
        <p>Seatrial ${tool.version}. A rendering of records, journal head ${state.head}.</p>
      </footer>`,
  });
}

function section(gate: ReportedGate, { plan }: GatesReport): Html {
  const { name, title, state, checks, durationMs, required, reason } = gate;
  return html`<section>
    <h2>${marks[state]} ${title}</h2>
    <p>
      <code>${name}</code>: ${state}${required ? '' : ', not required'}, ${duration(durationMs)}
      ${reason === undefined ? undefined : html`<br />${reason}`}
    </p>
    <table>
      <thead>
        <tr>
          <th scope="col">Check</th>
          <th scope="col">Verdict</th>
          <th scope="col">Says</th>
          <th scope="col">Evidence</th>
        </tr>
      </thead>
      <tbody>
        ${checks.map(
          ({ id, verdict, message, evidence }) =>
            html`<tr>
              <td><code>${id}</code></td>
              <td>${verdict}</td>
              <td>${message}</td>
              <td>
                ${evidence.map(({ path, sha256 }) => {
                  const address = linkTarget(`${plan.evidence_base}/${objectPath(sha256)}`);
                  return html`<a href="${address}">${evidenceName(path)}</a>
                    <code>${sha256.slice(0, 8)}</code> `;
                })}
              </td>
            </tr> `,
        )}
      </tbody>
    </table>
  </section> `;
}

const signatures = ({ signatures: signed }: GatesReport): Html =>
  html`<section>
    <h2>Manual sign-offs</h2>
    ${
      signed.length === 0
        ? html`<p>None.</p>`
        : html`<ul>
            ${signed.map(
              (each) =>
                html`<li>
                  <code>${each.gate}</code>: ${each.signer} (${each.role}, key ${each.keyId}) says
                  ${each.decision} at ${each.at}: ${each.statement}
                </li> `,
            )}
          </ul>`
    }
  </section> `;

const risks = ({ risks: weighed }: GatesReport): Html =>
  html`<section>
    <h2>Residual risks</h2>
    ${
      weighed.length === 0
        ? html`<p>None listed.</p>`
        : html`<ul>
            ${weighed.map(
              (each) =>
                html`<li>
                  ${each.priority}: ${each.area}: ${each.impact}; ${each.mitigation} (${each.shown},
                  ${each.owner ?? 'nobody'}, review by ${each.review_by})
                  ${each.warning === undefined ? undefined : html`<strong>${each.warning}</strong>`}
                </li> `,
            )}
          </ul>`
    }
  </section> `;
