// The second matcher: looks for secrets in what was written, behind the redactor's back.

import { canaryMarker } from './canary-secrets.ts';
import { utf8AsText } from './byte-text.ts';
import { decodedViews, type View } from './decoded-views.ts';
import { mayBeHexDigits } from './digit-texts.ts';
import type { Form, Secret } from './secret-forms.ts';

/** The first occurrence of a secret in a form; `offset` is where the searched part began. */
export type SecretHit = { readonly name: string; readonly form: Form; readonly offset: number };

export type SecretScan = {
  readonly push: (chunk: Uint8Array) => void;
  /** At most one hit per secret and form, in the order in which they were found. */
  readonly end: () => readonly SecretHit[];
};

const encoder = new TextEncoder();

type Needle = { readonly name: string; readonly narrow: string; readonly wide: string };

const windowBytes = 256 * 1024;
/** A character of a secret never takes more: doubly escaped, each escape spelled out. */
const bytesPerCharacterMax = 36;

/** Any split of the stream into chunks gives the same hits. */
export function scanStream(secrets: readonly Secret[]): SecretScan {
  const needles = secrets
    .filter(({ value }) => value !== '')
    .map(({ name, value }) => ({ name, narrow: utf8AsText(value), wide: value }));
  const sought = {
    // The UTF-16 of these has no zero bytes by which it could be noticed.
    wide: needles.some(({ wide }) => !/[\0-\u00ff]/u.test(wide)),
    hexAsBase64: needles.some(({ wide }) => mayBeHexDigits(encoder.encode(wide))),
  };
  const anyNeedle = patternOf(needles);
  const longest = needles.reduce((most, { narrow }) => Math.max(most, narrow.length), 0);
  const overlap = longest * bytesPerCharacterMax + 16;
  const windowMax = windowBytes + overlap;
  // Most files are far smaller than a window.
  let window = new Uint8Array(0);
  const hits = new Map<string, SecretHit>();
  let filled = 0;
  let offset = 0;

  const search = (): void => {
    const views = decodedViews(window.subarray(0, filled), sought);
    if (!views.some(({ text }) => anyNeedle.test(text))) return;
    for (const needle of needles)
      for (const form of formsIn(views, needle)) {
        const key = `${form} ${needle.name}`;
        if (!hits.has(key)) hits.set(key, { name: needle.name, form, offset });
      }
  };

  const push = (chunk: Uint8Array): void => {
    for (let at = 0; at < chunk.length;) {
      const taken = chunk.subarray(at, at + windowMax - filled);
      if (filled + taken.length > window.length)
        window = longer(window, Math.min(windowMax, 2 * (filled + taken.length)));
      window.set(taken, filled);
      filled += taken.length;
      at += taken.length;
      if (filled < windowMax) continue;
      search();
      window.copyWithin(0, windowBytes);
      filled = overlap;
      offset += windowBytes;
    }
  };

  const end = (): readonly SecretHit[] => {
    search();
    return [...hits.values()];
  };
  return { push, end };
}

function longer(bytes: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
  const grown = new Uint8Array(length);
  grown.set(bytes);
  return grown;
}

/** Looks for planted secrets of any run, whose values are no longer known, by their marker. */
export const scanShapes = (): SecretScan =>
  scanStream([{ name: 'canary-secret', value: canaryMarker }]);

/** A view shows what plainer ones show too, so only what it shows in addition counts as its form. */
function formsIn(views: readonly View[], needle: Needle): readonly Form[] {
  const counts = new Map<Form, number>();
  for (const { form, text, isWide } of views) {
    const found = occurrences(text, isWide === true ? needle.wide : needle.narrow);
    counts.set(form, Math.max(found, counts.get(form) ?? 0));
  }
  const count = (form: Form): number => counts.get(form) ?? 0;
  return [...counts.keys()].filter((form) => {
    if (form === 'percent' || form === 'json' || form === 'html')
      return count(form) > count('plain');
    if (form === 'json-twice') return count(form) > Math.max(count('json'), count('plain'));
    return count(form) > 0;
  });
}

/** Whether any needle occurs at all: asked first, because the answer is nearly always no. */
function patternOf(needles: readonly Needle[]): RegExp {
  const literals = needles
    .flatMap(({ narrow, wide }) => [narrow, wide])
    .map((literal) => literal.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'));
  return new RegExp(literals.length === 0 ? '(?!)' : Array.from(new Set(literals)).join('|'));
}

function occurrences(text: string, needle: string): number {
  let count = 0;
  for (let at = text.indexOf(needle); at !== -1; at = text.indexOf(needle, at + 1)) count += 1;
  return count;
}
