// Plugin versions: numbers with dots, compared part by part; a missing part is 0.

/** Whether `version` meets every part of `range`, such as `>=1.2,<2`. An unreadable one meets none. */
export function satisfies(version: string, range: string): boolean {
  return range.split(',').every((part) => meets(version, part.trim()));
}

const condition = /^(==|!=|>=|<=|>|<|\^|~)\s*(\S+)$/;

function meets(version: string, part: string): boolean {
  const [, operator = '', wanted = ''] = condition.exec(part) ?? [];
  const have = partsOf(version);
  const want = partsOf(wanted);
  if (have === undefined || want === undefined) return false;
  const test = tests.get(operator);
  return test !== undefined && test(compareParts(have, want), have, want);
}

type Parts = readonly number[];
type Test = (order: number, have: Parts, want: Parts) => boolean;

const tests: ReadonlyMap<string, Test> = new Map<string, Test>([
  ['==', (order) => order === 0],
  ['!=', (order) => order !== 0],
  ['>=', (order) => order >= 0],
  ['<=', (order) => order <= 0],
  ['>', (order) => order > 0],
  ['<', (order) => order < 0],
  // `^` keeps the first part that is not 0, `~` the first two.
  ['^', (order, have, want) => order >= 0 && sharesUpTo(have, want, firstSet(want))],
  ['~', (order, have, want) => order >= 0 && sharesUpTo(have, want, Math.min(1, want.length - 1))],
]);

function partsOf(version: string): Parts | undefined {
  if (!/^\d+(?:\.\d+)*$/.test(version)) return undefined;
  return version.split('.').map(Number);
}

function compareParts(a: Parts, b: Parts): number {
  for (let at = 0; at < Math.max(a.length, b.length); at += 1) {
    const order = (a[at] ?? 0) - (b[at] ?? 0);
    if (order !== 0) return order;
  }
  return 0;
}

function firstSet(parts: Parts): number {
  const at = parts.findIndex((part) => part > 0);
  return at === -1 ? parts.length - 1 : at;
}

function sharesUpTo(have: Parts, want: Parts, last: number): boolean {
  return want.slice(0, last + 1).every((part, at) => (have[at] ?? 0) === part);
}
