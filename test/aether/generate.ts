// A seeded generator of valid scripts with all kinds of statements, and of faults to plant in them.

export type Random = () => number;

/** Mulberry32: small, seeded, the same everywhere. */
export function makeRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

type Writer = { readonly random: Random; readonly lines: string[]; names: string[]; count: number };

const words = 'daily system user report error memory plugin agent score digest'.split(' ');

function pick<Item>({ random }: { random: Random }, items: readonly Item[]): Item {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new Error('nothing to pick from');
  return item;
}

function fresh(writer: Writer): string {
  writer.count += 1;
  return `${pick(writer, words)}_${String(writer.count)}`;
}

function text(writer: Writer): string {
  return `"${pick(writer, words)} ${pick(writer, words)}"`;
}

function number(writer: Writer): string {
  return pick(writer, ['1', '42', '0.25', '50_000', '7']);
}

function value(writer: Writer, depth = 0): string {
  const simple = [text, number, readName, (each: Writer) => `summarize(${readName(each)})`];
  if (depth > 1) return pick(writer, simple)(writer);
  const compound = [
    (each: Writer) => `summarize(load_logs(tag=${text(each)}), ${value(each, depth + 1)})`,
    (each: Writer) => `[${value(each, depth + 1)}, ${value(each, depth + 1)}]`,
    (each: Writer) => `{"k": ${value(each, depth + 1)}, "l": ${number(each)}}`,
    (each: Writer) => `len([${number(each)}, ${number(each)}]) + ${number(each)}`,
    (each: Writer) => `(${number(each)} + ${number(each)}) * ${number(each)}`,
  ];
  return pick(writer, [...simple, ...compound])(writer);
}

function readName(writer: Writer): string {
  return writer.names.length === 0 ? 'memory' : pick(writer, writer.names);
}

function write(writer: Writer, indent: number, line: string): void {
  writer.lines.push(' '.repeat(indent) + line);
}

type Kind = (writer: Writer, indent: number) => void;

const assign: Kind = (writer, indent) => {
  const made = value(writer);
  const name = fresh(writer);
  const hint = writer.random() < 0.2 ? 'Report = ' : '';
  write(writer, indent, `${name}: ${hint}${made}`);
  writer.names.push(name);
};
const call: Kind = (writer, indent) => {
  const calls = [
    `store(${value(writer)}, tag=${text(writer)})`,
    `log(${text(writer)})`,
    `metrics({"n": ${number(writer)}})`,
    `escalate_to(${text(writer)}, message=${readName(writer)})`,
  ];
  write(writer, indent, pick(writer, calls));
};
const long: Kind = (writer, indent) => {
  write(writer, indent, 'store(');
  write(writer, indent + 4, `${value(writer)},`);
  write(writer, indent + 4, `tag=${text(writer)}`);
  write(writer, indent, ')');
};

function inner(writer: Writer, indent: number): void {
  const { names } = writer;
  writer.names = [...names];
  for (let rest = 2 + Math.floor(writer.random() * 2); rest > 0; rest -= 1)
    pick(writer, [assign, call, call])(writer, indent);
  writer.names = names;
}

const branch: Kind = (writer, indent) => {
  write(writer, indent, `if ${readName(writer)} == ${number(writer)}:`);
  inner(writer, indent + 2);
  if (writer.random() < 0.5) return;
  write(writer, indent, 'else:');
  inner(writer, indent + 2);
};
const loop: Kind = (writer, indent) => {
  const name = fresh(writer);
  write(writer, indent, `for ${name} in range(0, ${pick(writer, ['3', '5'])}):`);
  inner({ ...writer, names: [...writer.names, name] }, indent + 2);
};
const parallel: Kind = (writer, indent) => {
  const names = [fresh(writer), fresh(writer)];
  write(writer, indent, 'parallel:');
  for (const name of names)
    write(writer, indent + 2, `${name}: summarize(load_logs(tag=${text(writer)}))`);
  write(writer, indent, `await ${names.join(', ')}`);
  writer.names.push(...names);
};
const workflow: Kind = (writer, indent) => {
  const alias = fresh(writer);
  write(writer, indent, 'workflow:');
  write(writer, indent + 2, `- summarize(${readName(writer)}) as ${alias} retry=2 timeout=30s`);
  write(writer, indent + 2, `- report_merger(${alias}, [${number(writer)}])`);
  write(writer, indent + 2, `- store(${alias}) requires=["storage.write"]`);
  writer.names.push(alias);
};
const transaction: Kind = (writer, indent) => {
  write(writer, indent, 'transaction:');
  write(writer, indent + 2, `- store(${value(writer)}, tag=${text(writer)}) retry=1`);
  write(writer, indent + 2, `metrics({"flags": ${number(writer)}})`);
};

const kinds: readonly Kind[] = [
  assign,
  assign,
  call,
  long,
  branch,
  loop,
  parallel,
  workflow,
  transaction,
];

const head = [
  'goal: "digest the errors of today"',
  'policy:',
  '  token_budget: 20_000',
  '  mock_io: true',
  'require:',
  '  plugins:',
  '    - "report_merger>=1.2,<2"',
  '    - "watcher==1.0"',
  '  capabilities: ["memory.read", "storage.write"]',
  'on_error:',
  '  - when: Timeout',
  '    do: escalate_to("Ops")',
];

/** A valid script of at least `lines` lines. */
export function generateScript(random: Random, lines: number): string[] {
  const writer: Writer = { random, lines: [...head], names: [], count: 0 };
  while (writer.lines.length < lines) {
    if (random() < 0.1)
      writer.lines.push(pick(writer, ['', '# a note: with (brackets and "quotes']));
    pick(writer, kinds)(writer, 0);
  }
  return writer.lines;
}

export type Fault = {
  readonly kind: string;
  readonly apply: (line: string, at: Site) => string | undefined;
};
export type Site = { readonly random: Random; readonly before: string; readonly after: string };

function drop(line: string, found: RegExp, { random }: Site): string | undefined {
  const masked = line.replaceAll(/"[^"]*"/g, (string) =>
    found.source === '"' ? string : '_'.repeat(string.length),
  );
  const places = Array.from(masked.matchAll(new RegExp(found.source, 'g')), ({ index }) => index);
  if (places.length === 0 || /^\s*(?:#|\)$)/.test(line)) return undefined;
  const at = pick({ random }, places);
  return line.slice(0, at) + line.slice(at + 1);
}

function replaceFirst(line: string, found: RegExp, by: string): string | undefined {
  const masked = line.replaceAll(/"[^"]*"/g, (string) => '_'.repeat(string.length));
  const match = found.exec(masked);
  if (match === null || line.trimStart().startsWith('#')) return undefined;
  return line.slice(0, match.index) + by + line.slice(match.index + match[0].length);
}

const indentOf = (line: string) => line.length - line.trimStart().length;

/** One more blank is a fault only where neighbours say what the indentation is. */
function overIndent(line: string, { before, after }: Site): string | undefined {
  if (line.trim() === '' || /^\s*(#|do:|\)|tag=)/.test(line) || before.endsWith('('))
    return undefined;
  const isFirst = indentOf(before) < indentOf(line);
  if (isFirst && indentOf(after) !== indentOf(line)) return undefined;
  return ` ${line}`;
}

export const faults: readonly Fault[] = [
  { kind: 'bracket', apply: (line, site) => drop(line, /[()[\]{}]/, site) },
  { kind: 'quote', apply: (line, site) => drop(line, /"/, site) },
  { kind: 'colon', apply: (line, site) => drop(line, /:/, site) },
  {
    kind: 'tab',
    apply: (line) =>
      /^ {2}\S/.test(line) && !/^ +(#|\))/.test(line) ? `\t${line.slice(2)}` : undefined,
  },
  { kind: 'indent', apply: overIndent },
  {
    kind: 'number',
    apply: (line) => replaceFirst(line, /(?<![\w.])[0-9][0-9_.]*(?![\w.])/, '007'),
  },
  {
    kind: 'function',
    apply: (line) =>
      replaceFirst(line, /\b(?:store|log|metrics|summarize|len|range)(?=\()/, 'sumarise'),
  },
  {
    kind: 'name',
    apply: (line) =>
      /^\s*\w+:/.test(line)
        ? undefined
        : replaceFirst(line, /(?<=[(,] ?)\w+_\d+(?=[,)])/, 'nobody_knows'),
  },
];

export type Planted = { readonly kind: string; readonly lines: string[]; readonly at: number };

/** The script with one fault in it, or undefined where that fault has no place. */
export function plant(random: Random, lines: readonly string[], fault: Fault): Planted | undefined {
  for (let tries = 0; tries < 40; tries += 1) {
    const at = Math.floor(random() * lines.length);
    const site = { random, before: lines[at - 1] ?? '', after: lines[at + 1] ?? '' };
    const changed = fault.apply(lines[at] ?? '', site);
    if (changed === undefined || changed === lines[at]) continue;
    return { kind: fault.kind, lines: lines.with(at, changed), at };
  }
  return undefined;
}
