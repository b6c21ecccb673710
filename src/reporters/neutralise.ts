// Names, messages and output come from the app under acceptance, which may be hostile: escape
// sequences can repaint a terminal, direction marks can reorder a sentence, invisible characters
// can make two ids look alike. Every report shows such characters by number instead.

/**
 * Complete escape sequences: CSI, OSC, DCS and two-character ones. Each alternative stops at the next
 * escape character or line end, so that matching stays linear and a string never swallows lines.
 */
const escapeSequence =
  /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b\u009c\n]*(?:\u0007|\u001b\\|\u009c)|[PX^_][^\u001b\u009c\n]*(?:\u001b\\|\u009c)|[ -/]+[0-~]|[0-OQ-WYZ\\`a-~])|\u009b[0-?]*[ -/]*[@-~]/gu;

/** Controls, format and direction marks, line separators, lone surrogates, fillers, noncharacters. */
export const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\u115f\u1160\u3164\uffa0\ufffe\uffff]/gu;

const kept = new Set(['\n', '\t']);

const byNumber = (character: string): string =>
  kept.has(character)
    ? character
    : `[U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`;

/** Text of several lines: escape sequences removed, other unseen characters shown by number. */
export const block = (text: string): string =>
  text.replaceAll('\r\n', '\n').replace(escapeSequence, '').replace(unseen, byNumber);

/** The same on one line: line breaks become `⏎`, tabs spaces. */
export const inline = (text: string): string =>
  block(text).trim().replaceAll('\n', ' ⏎ ').replaceAll('\t', ' ');

/**
 * Build servers read `##[error]` anywhere in a log line and `::error::` at its start, where wrapping
 * may put any word. A space disarms both.
 */
export const disarm = (text: string): string =>
  text.replace(/##(?=[a-z]*\[)/gu, '# #').replace(/(?<!\S)::(?=\S)/gu, ': :');

/** Text with lone surrogates replaced, so that it has a UTF-8 form. */
export const wellFormed = (text: string): string => text.replace(/\p{Cs}/gu, '\ufffd');
