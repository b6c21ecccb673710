// Which hosts a rule of the proxy lets in: `Host(…)` and the like, joined by `||`, `&&`, `!` and brackets.

/** Texts of `Host` and `HostRegexp`; undefined where requests for any host pass. */
export type RuleHosts = readonly string[] | undefined;

type Token = { readonly word: string; readonly hosts?: readonly string[] };

const quoted = '(?:`[^`]*`|"[^"]*"|\'[^\']*\')';
const token = new RegExp(
  `(?:(\\|\\||&&|[!()])|([A-Za-z]+)\\(([\\s,]*(?:${quoted}[\\s,]*)*)\\))\\s*`,
  'y',
);
const depthMax = 32;

/**
 * `isOwn` decides between parts that must all hold: one of them that lets in own hosts alone is enough.
 * A text that is no such rule gives every host that it names.
 */
export function hostsOfRule(rule: string, isOwn: (host: string) => boolean): RuleHosts {
  const tokens = tokensOf(rule.trim());
  const parsed = tokens === undefined ? undefined : readRule(tokens, isOwn);
  if (parsed !== undefined) return parsed.hosts;
  const named = [...rule.matchAll(/(Host(?:Regexp)?)\(\s*((?:[`"'][^`"']*[`"'][\s,]*)+)\)/g)];
  return named.length === 0
    ? undefined
    : named.flatMap(([, name = '', list = '']) => hostsIn(name, list));
}

function tokensOf(rule: string): readonly Token[] | undefined {
  const tokens: Token[] = [];
  let from = 0;
  while (from < rule.length) {
    token.lastIndex = from;
    const match = token.exec(rule);
    if (match === null) return undefined;
    from = token.lastIndex;
    const [, sign, name = '', list = ''] = match;
    if (sign !== undefined) tokens.push({ word: sign });
    else if (/^Host(?:Regexp)?$/.test(name))
      tokens.push({ word: 'call', hosts: hostsIn(name, list) });
    else tokens.push({ word: 'call' });
  }
  return tokens;
}

function hostsIn(name: string, list: string): readonly string[] {
  const texts = [...list.matchAll(new RegExp(quoted, 'g'))].map(([text]) => text.slice(1, -1));
  return name === 'Host' ? texts : texts.flatMap(alternatives);
}

/**
 * Of a pattern each host that it may match, without the signs that mean its beginning, its end and a dot. What stands in
 * brackets of its own may match anything, and decides nothing beside the text around it.
 */
const alternatives = (pattern: string): readonly string[] => {
  let rest = pattern.replace(/\[[^\]]*\]|\{[^{}]*\}/g, '*');
  for (let inner = ''; inner !== rest;) [inner, rest] = [rest, rest.replace(/\([^()]*\)/g, '*')];
  return rest.split('|').map(plain);
};

const plain = (host: string): string =>
  host.replaceAll('\\.', '.').replace(/^\^/, '').replace(/\$$/, '');

type Reading = {
  readonly tokens: readonly Token[];
  readonly isOwn: (host: string) => boolean;
  at: number;
};
type Read = { readonly hosts: RuleHosts };

function readRule(tokens: readonly Token[], isOwn: Reading['isOwn']): Read | undefined {
  const reading: Reading = { tokens, isOwn, at: 0 };
  const read = readEither(reading, 0);
  return reading.at === tokens.length ? read : undefined;
}

/** Takes a token of this word, if it is the next one. */
function takes(reading: Reading, word: string): boolean {
  if (reading.tokens[reading.at]?.word !== word) return false;
  reading.at += 1;
  return true;
}

function readEither(reading: Reading, depth: number): Read | undefined {
  let found = readAll(reading, depth);
  while (found !== undefined && takes(reading, '||')) {
    const next = readAll(reading, depth);
    if (next === undefined) return undefined;
    found = { hosts: next.hosts && found.hosts?.concat(next.hosts) };
  }
  return found;
}

function readAll(reading: Reading, depth: number): Read | undefined {
  let found = readPart(reading, depth);
  while (found !== undefined && takes(reading, '&&')) {
    const next = readPart(reading, depth);
    if (next === undefined) return undefined;
    found = narrower(found, next, reading.isOwn);
  }
  return found;
}

function narrower(one: Read, other: Read, isOwn: Reading['isOwn']): Read {
  if (other.hosts?.every(isOwn) === true) return other;
  return one.hosts === undefined ? other : one;
}

function readPart(reading: Reading, depth: number): Read | undefined {
  if (depth > depthMax) return undefined;
  if (takes(reading, '!'))
    return readPart(reading, depth + 1) === undefined ? undefined : { hosts: undefined };
  if (takes(reading, '(')) {
    const inner = readEither(reading, depth + 1);
    return inner !== undefined && takes(reading, ')') ? inner : undefined;
  }
  const next = reading.tokens[reading.at];
  return takes(reading, 'call') ? { hosts: next?.hosts } : undefined;
}
