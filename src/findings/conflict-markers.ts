import type { InputProblem } from './finding.ts';

/* As git writes them: seven of a kind at the start of a line, alone or before a name. */
const marker = /^(?:<{7}|={7}|>{7}|\|{7})(?: .*)?\r?$/mu;

/* Most files hold none of these anywhere, which is quicker to find out. */
const kinds = ['<', '=', '>', '|'].map((character) => character.repeat(7));

/** The line, from 1, of the first conflict marker. A file with one says two things at once. */
export function conflictMarkerLine(text: string): number | undefined {
  if (!kinds.some((kind) => text.includes(kind))) return undefined;
  const found = marker.exec(text);
  return found === null ? undefined : text.slice(0, found.index).split('\n').length;
}

/** For readers that refuse the whole file. */
export function conflictProblem(text: string): InputProblem | undefined {
  const line = conflictMarkerLine(text);
  if (line === undefined) return undefined;
  return { message: 'it holds a conflict marker', place: { line, column: 1 } };
}
