// The part of a message that stays the same when a failure is seen again: numbers, times, ids and
// folders of one occurrence give way to their kind. What stands in quotes is meant, and stays.

/** Longer first lines are cut: nothing that tells failures apart stands so far behind. */
const lengthMax = 2000;

/* Escape sequences of terminals. Each alternative ends at the next escape character, so it is linear. */
const ansi = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\-_])/gu;

const units = 'ns|us|µs|ms|s|secs?|seconds?|m|mins?|minutes?|h|hours?|d|days?';

/**
 * In the order in which they are tried. An apostrophe inside a word opens no quote. A slash after a
 * word, a colon or another slash opens no path, so that URLs and alternatives stay.
 */
const token = new RegExp(
  [
    /(?<quoted>(?<!\w)'[^']*'|"[^"]*"|`[^`]*`)/,
    /(?<uuid>(?<!\w)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?!\w))/,
    /(?<time>(?<!\w)\d{4}-\d\d-\d\d[t ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:z|[+-]\d\d:?\d\d)?(?!\w))/,
    /(?<hex>(?<!\w)(?:0x)?[0-9a-f]{8,}(?!\w))/,
    new RegExp(`(?<dur>(?<!\\w)\\d+(?:\\.\\d+)? ?(?:${units})(?!\\w))`),
    /(?<path>(?<![\w.:/\\<])(?:[a-z]:[/\\]|\/)(?=[^\s/\\])[^\s'"`:;,()<>]*)/,
    /(?<n>(?<!\w)\d+(?:[._,]\d+)*(?!\w))/,
  ]
    .map(({ source }) => source)
    .join('|'),
  'giu',
);
/** Most messages hold none of these and need no second look. */
const anyToken = /[\d/\\]|[0-9a-f]{8}/iu;

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

function replaced(found: string, ...rest: readonly unknown[]): string {
  const groups = rest.at(-1) as Readonly<Record<string, string | undefined>>;
  if (groups['quoted'] !== undefined) return found;
  if (groups['path'] !== undefined)
    return found.split(/[/\\]/u).findLast((part) => part !== '') ?? found;
  return placeholders.find(([name]) => groups[name] !== undefined)?.[1] ?? found;
}

const placeholders = [
  ['uuid', '<uuid>'],
  ['time', '<time>'],
  ['hex', '<hex>'],
  ['dur', '<dur>'],
  ['n', '<n>'],
] as const;
