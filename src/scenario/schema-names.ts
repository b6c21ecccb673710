// Names and values that several kinds of file share.

import * as z from 'zod';

export const boundaries = [
  ...(['host-cli', 'http', 'gateway', 'sandbox', 'agent', 'provider', 'state', 'driver'] as const),
] as const;

export const kebab = z
  .string()
  .regex(/^(?=.{1,96}$)[a-z0-9]+(?:-[a-z0-9]+)*$/, 'A name has small letters, digits and dashes.');

const threeParts = /^(?=.{1,96}$)[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z0-9]+(?:-[a-z0-9]+)*){2}$/;

export const checkId = z
  .string()
  .regex(
    threeParts,
    'SC030 A check id has three parts, `<layer>.<domain>.<behaviour>`, at most 96 characters.',
  );

/** `AQ-050`, or as an acceptance list may have it: `HC1`, `DG4.1`. */
const rowPattern = '[A-Z]{2,4}-[0-9]{3,6}|[A-Z]{1,4}[0-9]{1,4}(?:\\.[0-9]{1,3})?';
export const rowName = new RegExp(`^(?:${rowPattern})$`);
export const rowNameOrAll = new RegExp(`^(?:\\*|${rowPattern})$`);

export const rowId = z.string().regex(rowName, 'A row id looks like `AQ-050` or `HC1`.');

export const duration = z
  .string()
  .regex(/^[1-9]\d{0,6}(?:ms|s|m|h)$/, 'A duration is a number with `ms`, `s`, `m` or `h`: `90s`.');

export const sentence = z.string().regex(/\S/, 'A sentence is required here.');

export const pointer = z
  .string()
  .regex(/^\/(?:[^~]|~[01])*$/, 'A JSON Pointer begins with `/`; `/` alone is everything.');

/** A function of a pack: `checks/rebuild.ts#markerKept`. */
export const moduleExport = z
  .string()
  .regex(
    /^[A-Za-z0-9_-][A-Za-z0-9._/-]{0,200}\.(?:ts|mjs|js)#[A-Za-z_$][\w$]{0,95}$/,
    'Write `<module>#<export>`, like `checks/rebuild.ts#markerKept`.',
  );

export const evidenceName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,95}$/, 'A name of a file.');

/** Layers that no pack may use for checks of its own. */
export const reservedLayers: readonly string[] = [
  ...['floor', 'overlay', 'fixture', 'run', 'gate', 'audit'],
];
