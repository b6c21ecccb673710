import type { ObjectRef } from '../evidence/record.ts';
import type { RunState } from '../evidence/run-state.ts';
import { showEvidence, type Objects } from './evidence-text.ts';
import { html, type Html } from './html-tag.ts';
import { size } from './measures.ts';
import { sortWorstFirst } from './overview.ts';

/** Of one object on the page. */
const limits = { limitBytes: 64 * 1024, limitLines: 1500 };

/** Of all objects on the page: beyond this a browser gets slow. */
const pageLimitBytes = 8 * 1024 * 1024;

export type Evidence = (ref: ObjectRef, options?: { readonly open?: boolean }) => Html;

/** Decides which objects the page has room for, worst checks first, and returns how to show one. */
export function makeEvidence(state: RunState, objects: Objects): Evidence {
  const shown = withinLimit([
    ...sortWorstFirst(state.checks).flatMap(({ evidence }) => evidence),
    ...state.operations.flatMap(({ observations }) => observations.map(({ object }) => object)),
  ]);
  return (ref, { open = false } = {}) =>
    html`<details class="evidence" ${open ? html` open` : ''}>
      <summary>
        <span class="path">${ref.path}</span>
        <span class="muted">${ref.mediaType}, ${size(ref.bytes)}</span>
      </summary>
      ${shown.has(ref) ? content(ref, objects) : html`<p class="muted">Left out of this page for size; it is in the bundle.</p>`}
      <p class="digest"><span class="muted">sha256</span> <code>${ref.sha256}</code></p>
    </details>`;
}

function withinLimit(refs: readonly ObjectRef[]): ReadonlySet<ObjectRef> {
  const kept = new Set<ObjectRef>();
  let total = 0;
  for (const ref of refs) {
    total += Math.min(ref.bytes, limits.limitBytes);
    if (total > pageLimitBytes) break;
    kept.add(ref);
  }
  return kept;
}

function content(ref: ObjectRef, objects: Objects): Html {
  const { kind, text, omitted } = showEvidence(ref, objects, limits);
  const note = omitted === undefined ? '' : html`<p class="muted">${omitted}</p>`;
  if (kind === 'missing' || kind === 'binary') return html`${note}`;
  if (text === '') return html`<p class="muted">Empty.</p>`;
  return html`${asWritten(text)} ${note}`;
}

/** Browsers drop a line break right after <pre>; with one more the text keeps its own. */
export const asWritten = (text: string): Html => html`<pre tabindex="0">${`\n${text}`}</pre>`;
