// The part of a message that stays the same when a failure is seen again: numbers, times, ids and
// folders of one occurrence give way to their kind. What stands in quotes is meant, and stays.

/** Longer first lines are cut: nothing that tells failures apart stands so far behind. */
const lengthMax = 2000;

/* Escape sequences of terminals. Each alternative ends at the next escape character, so it is linear. */
const ansi = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\-_])/gu;

const units = 'ns|us|µs|ms|s|secs?|seconds?|m|mins?|minutes?|h|hours?|d|days?';

const uuid = /[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}/;
const time = /\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:[Zz]|[+-]\d\d:?\d\d)?/;
const hex = /(?:0[xX])?[0-9a-fA-F]{8,}/;
const duration = new RegExp(`\\d+(?:\\.\\d+)? ?(?:${units})`);
const number = /\d+(?:[._,]\d+)*/;
const path = /(?<![\w.:/\\<])(?:[A-Za-z]:[/\\]|\/)(?=[^\s/\\])[^\s'"`:;,()<>]*/;

const [u, t, h, d, n] = [uuid, time, hex, duration, number].map(
  ({ source }) => `(${source})(?!\\w)`,
);
/**
 * At one place the first that fits counts, each a group of its own. What begins inside a word is no
 * token, so an apostrophe there opens no quote. A slash after a word, a colon or another slash opens
 * no path, so that URLs and alternatives stay.
 */
const token = new RegExp(
  `(?<!\\w)(?:('[^']*')|${[u, t, h, d, n].join('|')})|("[^"]*"|\`[^\`]*\`)|(${path.source})`,
  'g',
);
/** Most messages hold none of these and need no second look. */
const anyToken = /[\d/\\]|[a-fA-F]{8}/;

export function normaliseMessage(message: string): string {
  const line = firstLine(message);
  return anyToken.test(line) ? line.replace(token, replaced) : line;
}

const controls = /[\u001b\s]/u;

function firstLine(message: string): string {
  const plain = message.includes('\u001b') ? message.replace(ansi, '') : message;
  const text = plain.trimStart();
  const end = text.search(/[\n\r]/u);
  const line = (end === -1 ? text : text.slice(0, end)).slice(0, lengthMax);
  return controls.test(line) ? line.replace(/\s+/gu, ' ').trim() : line;
}

type Groups = readonly (string | undefined)[];

const placeholders = ['', '<uuid>', '<time>', '<hex>', '<dur>', '<n>'] as const;
const pathGroup = 7;

function replaced(found: string, ...groups: Groups): string {
  if (groups[pathGroup] !== undefined) return lastPart(found);
  const kind = groups.findIndex((group) => group !== undefined);
  return placeholders[kind] || found;
}

function lastPart(path: string): string {
  const trimmed = /[/\\]$/u.test(path) ? path.replace(/[/\\]+$/u, '') : path;
  return trimmed.slice(Math.max(trimmed.lastIndexOf('/'), trimmed.lastIndexOf('\\')) + 1);
}
