// Secrets written into files that must not hold any. A name says that a value is meant to be secret;
// a form (the prefix of a provider's keys, a PEM header) says that it is one whatever it is called.

import type { Span } from '../diagnostics/diagnostic.ts';

/**
 * Each begins at a token's start only, so that scanning stays linear in the text's length. Words joined by
 * hyphens have no digit near their start; keys have.
 */
const forms: readonly { readonly name: string; readonly pattern: RegExp }[] = [
  {
    name: 'provider key',
    pattern: /(?<![\w-])(?:nvapi-|nvcf-|sk-|gsk_|hf_|pypi-)(?=[A-Za-z_-]{0,20}\d)[\w-]{16,}/g,
  },
  { name: 'cloud access key', pattern: /(?<![\w-])(?:AKIA|ASIA)[A-Z0-9]{16}(?![\w-])/g },
  {
    name: 'forge token',
    pattern: /(?<![\w-])(?:gh[oprsu]_|github_pat_|glpat-)(?=[A-Za-z_-]{0,20}\d)[\w-]{16,}/g,
  },
  { name: 'chat token', pattern: /(?<![\w-])xox[a-eoprs]-(?=[A-Za-z-]{0,20}\d)[\w-]{10,}/g },
  { name: 'bot token', pattern: /(?<![\w-])\d{8,10}:[\w-]{35}(?![\w-])/g },
  { name: 'bot token', pattern: /(?<![\w.-])[MNO][\w-]{23,27}\.[\w-]{6}\.[\w-]{27,40}(?![\w-])/g },
  { name: 'private key', pattern: /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----/g },
  { name: 'web token', pattern: /(?<![\w-])eyJ[\w-]{8,}\.[\w-]{0,4096}\.[\w-]{8,}/g },
  {
    name: 'bearer token',
    pattern: /(?<!\w)Bearer(?:[ \t]{1,8}|%20)(?=\S{0,20}\d)[\w.~+/=-]{16,}/gi,
  },
  {
    name: 'header with credentials',
    pattern:
      /(?<![\w-])authorization\\?["']?[ \t]{0,8}[:=][ \t]{0,8}\\?["']?(?:basic|token)[ \t]{1,8}[\w.~+/=-]{8,}/gi,
  },
  { name: 'cookie', pattern: /(?<![\w-])(?:set-)?cookie:[ \t]{0,8}[\w-]{1,64}=[^\s;]{8,}/gi },
  { name: 'password in a URL', pattern: /(?<=[a-z]:\/\/[^\s:/@]{1,64}:)[^\s:/@{$]{1,256}(?=@)/gi },
];

const secretWord =
  /(?:^|[_.-])(?:password|passwd|passphrase|pass|pwd|secrets?|token|(?:api|access|private|secret|signing|encryption|auth)[_-]?key|credentials?)$/i;
const camelSecretWord =
  /(?:[pP]assword|[pP]asswd|[pP]assphrase|[sS]ecret|[tT]oken|[aA]piKey|[aA]ccessKey|[pP]rivateKey|[sS]ecretKey|[cC]redentials?)$/;

/** Whether a key's name says that its value is secret: `DB_PASSWORD`, `apiKey`; not `TOKEN_TTL`. */
export function isSecretName(name: string): boolean {
  return secretWord.test(name) || camelSecretWord.test(name);
}

/** Values that are no secrets under any name: nothing, switches, placeholders of the file itself. */
export function isHarmlessValue(value: string): boolean {
  return /^(?:|true|false|yes|no|on|off|none|null|\d{1,2}|\{[a-z][a-z0-9.-]*\}.*|\$\{?[A-Z_]+\}*)$/i.test(
    value,
  );
}

/** What kind of secret the text holds by its form; undefined when none. */
export function secretForm(text: string): string | undefined {
  return forms.find(({ pattern }) => text.search(pattern) !== -1)?.name;
}

/** `name = value` and `"name": "value"` inside a text, as configuration files have them. */
const assignment =
  /(?<![\w.])\\?["']?([A-Za-z][\w.-]{2,63})\\?["']?[ \t]{0,8}[:=][ \t]{0,8}\\?["']?([^\s"',;?&\\]{1,4096})/g;

/** Names in a text that are given a literal although they look secret. */
export function secretAssignments(text: string): readonly { name: string; span: Span }[] {
  return [...text.matchAll(assignment)].flatMap((match) => {
    const [all, name = '', value = ''] = match;
    if (!isSecretName(name) || isHarmlessValue(value)) return [];
    const end = match.index + all.length;
    return [{ name, span: { start: end - value.length, end } }];
  });
}

/** Every part of a text that may be a secret, for concealing a source that could not be read. */
export function secretSpans(text: string): readonly Span[] {
  const byForm = forms.flatMap(({ pattern }) =>
    [...text.matchAll(pattern)].map(({ index, 0: found }) => ({
      start: index,
      end: index + found.length,
    })),
  );
  return [...byForm, ...secretAssignments(text).map(({ span }) => span)];
}
