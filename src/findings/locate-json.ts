// Where something stands in JSON text, for problems alone: what is well-formed is read by
// `JSON.parse`. It keeps a stack of its own, so that no depth of nesting exhausts the program's.

export type JsonPath = readonly (string | number)[];

export type JsonFault = {
  /** In UTF-16 code units; the length of the text when it ends too early. */
  readonly offset: number;
  readonly message: string;
};

type Frame = { readonly isList: boolean; key: string | number };
type Expected = 'value' | 'item' | 'name' | 'key' | 'colon' | 'more';

type Walk = {
  readonly text: string;
  readonly stack: Frame[];
  readonly onValue: (offset: number, stack: readonly Frame[]) => void;
  at: number;
  expected: Expected;
};

/** What keeps the text from being JSON; undefined when it is. */
export const findJsonFault = (text: string): JsonFault | undefined =>
  walkJson(text, () => undefined);

/**
 * The offset of the value at each path, in one reading. Where a path leads nowhere, the offset of the
 * innermost value on its way.
 */
export function locateJson(text: string, paths: readonly JsonPath[]): readonly number[] {
  const deepest = Math.max(0, ...paths.map(({ length }) => length));
  const found = paths.map(() => ({ depth: -1, offset: 0 }));
  walkJson(text, (offset, stack) => {
    if (stack.length > deepest) return;
    for (const [index, path] of paths.entries()) {
      const best = found[index];
      if (best !== undefined && best.depth < stack.length && leadsTo(path, stack))
        Object.assign(best, { depth: stack.length, offset });
    }
  });
  return found.map(({ offset }) => offset);
}

/** From the innermost key on, since that is where values of one list differ. */
function leadsTo(path: JsonPath, stack: readonly Frame[]): boolean {
  if (path.length < stack.length) return false;
  for (let depth = stack.length - 1; depth >= 0; depth -= 1)
    if (path[depth] !== stack[depth]?.key) return false;
  return true;
}

function walkJson(text: string, onValue: Walk['onValue']): JsonFault | undefined {
  const walk: Walk = { text, onValue, stack: [], at: 0, expected: 'value' };
  for (;;) {
    skipBlanks(walk);
    if (walk.at >= text.length) break;
    const fault = steps[walk.expected](walk, text.charAt(walk.at));
    if (fault !== undefined) return { offset: walk.at, message: fault };
  }
  if (walk.expected === 'more' && walk.stack.length === 0) return undefined;
  return { offset: text.length, message: 'the text ends too early' };
}

function skipBlanks(walk: Walk): void {
  while (' \t\n\r'.includes(walk.text.charAt(walk.at)) && walk.at < walk.text.length) walk.at += 1;
}

/** A step goes over one token, or says what is wrong with it. */
type Step = (walk: Walk, first: string) => Fault;
type Fault = string | undefined;

const steps: Readonly<Record<Expected, Step>> = {
  value: readValue,
  item: (walk, first) => (first === ']' ? close(walk) : readValue(walk, first)),
  name: (walk, first) => (first === '}' ? close(walk) : readKey(walk, first)),
  key: readKey,
  colon: (walk, first) => {
    if (first !== ':') return 'expected `:`';
    return go(walk, 'value', walk.at + 1);
  },
  more: readMore,
};

/** Moves on; never a fault. */
function go(walk: Walk, expected: Expected, at: number): Fault {
  walk.expected = expected;
  walk.at = at;
  return undefined;
}

function close(walk: Walk): Fault {
  walk.stack.pop();
  return go(walk, 'more', walk.at + 1);
}

function readValue(walk: Walk, first: string): Fault {
  walk.onValue(walk.at, walk.stack);
  if (first === '{' || first === '[') {
    const isList = first === '[';
    walk.stack.push({ isList, key: isList ? 0 : '' });
    return go(walk, isList ? 'item' : 'name', walk.at + 1);
  }
  const end = first === '"' ? stringEnd(walk) : literalEnd(walk);
  return typeof end === 'string' ? end : go(walk, 'more', end);
}

function readKey(walk: Walk, first: string): Fault {
  if (first !== '"') return 'expected a key in double quotes';
  const end = stringEnd(walk);
  if (typeof end === 'string') return end;
  const frame = walk.stack.at(-1);
  if (frame !== undefined) frame.key = JSON.parse(walk.text.slice(walk.at, end)) as string;
  return go(walk, 'colon', end);
}

function readMore(walk: Walk, first: string): Fault {
  const frame = walk.stack.at(-1);
  if (frame === undefined) return 'there is text after the end';
  const end = frame.isList ? ']' : '}';
  if (first === end) return close(walk);
  if (first !== ',') return `expected \`,\` or \`${end}\``;
  if (typeof frame.key === 'number') frame.key += 1;
  return go(walk, frame.isList ? 'value' : 'key', walk.at + 1);
}

const literal = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)/y;

function literalEnd({ text, at }: Walk): number | string {
  literal.lastIndex = at;
  return literal.test(text) ? literal.lastIndex : 'expected a value';
}

const escape = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

/** The offset behind the string that begins here. A fault moves the walk to where it is. */
function stringEnd(walk: Walk): number | string {
  const { text } = walk;
  let at = walk.at + 1;
  for (let unit = text.charCodeAt(at); unit !== 0x22; unit = text.charCodeAt(at)) {
    const fault = unitFault(text, at);
    if (fault !== undefined) {
      walk.at = at;
      return fault;
    }
    at += unit === 0x5c ? escape.lastIndex - at : 1;
  }
  return at + 1;
}

function unitFault(text: string, at: number): Fault {
  const unit = text.charCodeAt(at);
  if (Number.isNaN(unit)) return 'the text ends too early';
  if (unit < 0x20) return 'a control character must be escaped';
  escape.lastIndex = at;
  return unit === 0x5c && !escape.test(text) ? 'an unknown escape' : undefined;
}
