// What the rules of shapes see of a byte stream, and the bounds on how far they look.

import { byteClasses, type ByteClassName } from './byte-classes.ts';

/** A window on a byte stream; indexes are the caller's. */
export type ShapeView = {
  /** -1 before the beginning and after the end. */
  readonly byteAt: (index: number) => number;
  /** The first index at or after `index` whose byte is not of the class. */
  readonly runEnd: (name: ByteClassName, index: number) => number;
  /** Bytes as characters, for short looks. */
  readonly text: (from: number, to: number) => string;
};

export type Range = { readonly start: number; readonly end: number };

/** No secret of a known shape is longer; what comes behind is not looked at. */
const reachMax = 32 * 1024;

type Run = { start: number; end: number };

export type Window = {
  /** The bytes at hand; `base` is the position of the first in the stream. */
  readonly bytes: Uint8Array;
  readonly base: number;
  /** No bytes follow. */
  readonly final: boolean;
};

export type Viewer = {
  /**
   * Asks a question about the stream around position `at`. Undefined = the window ends too early
   * to answer; the same question with more bytes will do.
   */
  readonly look: <Answer>(
    window: Window,
    at: number,
    ask: (view: ShapeView) => Answer,
  ) => { readonly answer: Answer } | undefined;
};

/** The view of one stream. It remembers the last run of each class, from window to window. */
export function makeViewer(): Viewer {
  const runs = new Map<ByteClassName, Run>();
  let bytes: Uint8Array = new Uint8Array(0);
  let base = 0;
  let limit = 0;
  // `open`: the answer may change with more bytes; `short`: it was asked for some.
  let open = false;
  let short = false;

  const byteAt = (position: number): number => {
    const index = position - base;
    if (index < limit) return bytes[index] ?? -1;
    short ||= open;
    return -1;
  };

  const runEnd = (name: ByteClassName, position: number): number => {
    const { has } = byteClasses[name];
    const known = runs.get(name);
    const inside = known !== undefined && known.start <= position && position <= known.end;
    let index = (inside ? known.end : position) - base;
    while (index < bytes.length && has[bytes[index] ?? 0] === 1) index += 1;
    runs.set(name, { start: inside ? known.start : position, end: index + base });
    if (index >= limit) short ||= open;
    return Math.max(position, base + Math.min(index, limit));
  };

  const text = (from: number, to: number): string => {
    if (to - base > limit) short ||= open;
    const last = Math.min(to - base, limit);
    let characters = '';
    for (let index = Math.max(0, from - base); index < last; index++)
      characters += String.fromCharCode(bytes[index] ?? 0);
    return characters;
  };

  const begin = (): void => {
    short = false;
  };
  const isShort = (): boolean => short;
  const view: ShapeView = { byteAt, runEnd, text };

  const look: Viewer['look'] = (window, at, ask) => {
    ({ bytes, base } = window);
    const reach = at - base + reachMax;
    limit = Math.min(bytes.length, reach);
    open = !window.final && bytes.length < reach;
    begin();
    const answer = ask(view);
    return isShort() ? undefined : { answer };
  };

  return { look };
}
