// Every report format, by name. Each is a pure function of a run's state and its objects.

import type { RunState } from '../evidence/run-state.ts';
import type { Objects } from '../reporters/evidence-text.ts';

type Render = (state: RunState, objects: Objects) => Promise<string>;

export const reportFormatNames = ['json', 'markdown', 'html', 'junit', 'ctrf', 'otr'] as const;
export type ReportFormat = (typeof reportFormatNames)[number];

export const reportFormats: Readonly<Record<ReportFormat, Render>> = {
  json: async (state) => (await import('../reporters/json.ts')).renderJson(state),
  markdown: async (state, objects) =>
    (await import('../reporters/markdown.ts')).renderMarkdown(state, { objects }),
  html: async (state, objects) =>
    (await import('../reporters/html.ts')).renderHtml(state, { objects }),
  junit: async (state) => (await import('../reporters/junit.ts')).renderJunit(state),
  ctrf: async (state) => (await import('../reporters/ctrf.ts')).renderCtrf(state),
  otr: async (state) => (await import('../reporters/otr.ts')).renderOtr(state),
};
