// The bridge to Lyrixa: a person's words in, an answer and a plan of edits out. It edits only where
// the caller allows it, and nowhere outside the folder that the caller names.

import { existsSync, realpathSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import type { HotTarget } from './hot-target.ts';
import { refusal, type Call, type Reply, type Route } from './http-route.ts';
import { textOf, type JsonObject } from './json.ts';
import type { Settings } from './read-settings.ts';

type Suggestion = { readonly title: string; readonly file: string; readonly content: string };

export function makeLyrixa(settings: Settings, target: HotTarget): readonly Route[] {
  const answer = async (call: Call): Promise<Reply> => {
    if (!settings.lyrixa.enabled) return { status: 200, json: offline(settings) };
    const use = await target.enter();
    if (use === undefined) return refusal(503, 'reloading');
    try {
      use.module.handle();
      return chat(call.body, settings);
    } finally {
      use.leave();
    }
  };
  return [{ method: 'POST', path: '/api/lyrixa/chat', answer }];
}

/** `edit PATH: CONTENT` on a line of its own asks for a file. */
const editLine = /^edit (\S+): (.*)$/gmu;

function chat(body: JsonObject, settings: Settings): Reply {
  const message = textOf(body['message'], textOf(body['content']));
  if (message === '') return refusal(400, 'message_required');
  const suggestions = [...message.matchAll(editLine)].map(([, file = '', content = '']) => ({
    title: `Write ${file}`,
    file,
    content,
  }));
  const applied = body['allow_edits'] === true ? apply(suggestions, textOf(body['edit_root'])) : [];
  if (applied === undefined) return refusal(403, 'outside_edit_root');
  const text = suggestions.length === 0 ? `I heard: ${message}` : 'I would make these changes.';
  return { status: 200, json: answerOf(text, { suggestions, applied }, settings) };
}

const offline = (settings: Settings): JsonObject =>
  answerOf('Lyrixa is offline.', { suggestions: [], applied: [] }, settings);

function answerOf(
  text: string,
  { suggestions, applied }: { suggestions: readonly Suggestion[]; applied: readonly string[] },
  { faults }: Settings,
): JsonObject {
  const plan = suggestions.map(({ title, file }) => ({ title, file, action: 'write' }));
  return {
    text,
    suggestions,
    applied_changes: applied,
    ...(faults.has('lyrixa.no-persona') ? {} : { persona: { name: 'Lyrixa' } }),
    awareness: { suggestions: suggestions.length },
    confidence: faults.has('lyrixa.overconfident') ? 1.5 : 0.5,
    edit_plan: faults.has('lyrixa.plan-differs') ? plan.slice(1) : plan,
  };
}

/** All or none: undefined when one of them would lie outside the folder. */
function apply(suggestions: readonly Suggestion[], root: string): readonly string[] | undefined {
  if (root === '' || !existsSync(root)) return undefined;
  const folder = realpathSync(root);
  const places = suggestions.map(({ file }) => placeIn(folder, file));
  if (places.includes(undefined)) return undefined;
  for (const [index, place] of places.entries())
    writeFileSync(place ?? '', suggestions[index]?.content ?? '');
  return suggestions.map(({ file }) => file);
}

/** Links are followed before it is asked whether the place is inside. */
function placeIn(folder: string, file: string): string | undefined {
  const asked = resolve(folder, file);
  const parent = existsSync(dirname(asked)) ? realpathSync(dirname(asked)) : undefined;
  if (parent === undefined) return undefined;
  const place = join(parent, basename(asked));
  const real = existsSync(place) ? realpathSync(place) : place;
  const inside = relative(folder, real);
  const isOutside = inside === '' || inside === '..' || inside.startsWith(`..${sep}`);
  return isOutside || resolve(inside) === inside ? undefined : real;
}
