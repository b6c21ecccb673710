// Secrets that are recognised by their look. One row a shape: a prefix that the byte scan looks for
// and what must stand around it. The examples are put together here so that no file of this
// repository holds one as it would stand in a leak.

import type { ByteClassName } from './byte-classes.ts';

/** Draws that many characters from an alphabet. */
export type Draw = (alphabet: string, count: number) => string;

export type TokenRule = {
  readonly rule: 'token';
  readonly body: ByteClassName;
  readonly min: number;
  /** A longer run is something else. */
  readonly max?: number;
  /** No letter or digit right before the prefix: the prefix alone is a part of common words. */
  readonly bounded?: true;
  /** Within the first characters of the body there is a digit, unlike in words joined by hyphens. */
  readonly digit?: true;
};

export type ShapeRule =
  | TokenRule
  | { readonly rule: 'jwt' | 'pem' | 'bearer' | 'telegram' | 'discord' | 'url-password' }
  /** `spaced`: the value may hold spaces, as in `Authorization: Basic …`. */
  | { readonly rule: 'keyed'; readonly spaced?: true };

export type Shape = ShapeRule & {
  /** The name in the mask. */
  readonly id: string;
  /** `?` stands for any byte of the class `token`. */
  readonly prefixes: readonly string[];
  readonly ignoreCase?: true;
  /** How many bytes before the prefix belong to the secret. */
  readonly before?: number;
  readonly positive: readonly string[];
  readonly negative: readonly string[];
  /** A fresh secret of this shape around a marker of upper-case letters. */
  readonly make?: (draw: Draw, marker: string) => string;
};

const upper = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const base32 = `${upper}234567`;
const letters = upper + upper.toLowerCase();
const alphanumeric = `${letters}0123456789`;
const digits = '0123456789';
const body = 'a1B2c3D4';

const token = (
  id: string,
  prefixes: readonly string[],
  rule: Omit<TokenRule, 'rule'>,
  negative: readonly string[],
): Shape => ({
  id,
  prefixes,
  rule: 'token',
  ...rule,
  positive: prefixes.map((prefix) => prefix + body.repeat(9).slice(0, Math.max(rule.min, 36))),
  negative,
  make: (draw, marker) =>
    `${prefixes[0] ?? ''}${draw(digits, 2)}${draw(alphanumeric, 12)}${marker}${draw(alphanumeric, 12)}`,
});

const awsKey: Shape = {
  id: 'aws-access-key',
  prefixes: ['AKIA', 'ASIA'],
  rule: 'token',
  body: 'upperDigit',
  min: 16,
  max: 16,
  bounded: true,
  positive: ['AKIA', 'ASIA'].map((prefix) => `${prefix}IOSFODNN7EXAMPLE`),
  negative: ['ASIAN_LANGUAGES', 'AKIA', `AKIA${'A'.repeat(40)}`, `XAKIA${'A'.repeat(16)}`],
  make: (draw, marker) => `AKIA${marker}${draw(base32, 16 - marker.length)}`,
};

const jwt: Shape = {
  id: 'jwt',
  prefixes: ['eyJ'],
  rule: 'jwt',
  positive: [
    `eyJ${body.repeat(4)}.eyJ${body.repeat(6)}.${body.repeat(5)}`,
    `eyJ${body.repeat(4)}..${body.repeat(2)}.${body.repeat(6)}.${body.repeat(2)}`,
  ],
  negative: ['eyJ0', `eyJ${body.repeat(8)}`, 'keyJob.eyJury', 'eyJhbGciOi.map(x)'],
  make: (draw, marker) =>
    `eyJ${draw(alphanumeric, 33)}.eyJ${draw(alphanumeric, 40)}.${marker}${draw(alphanumeric, 33)}`,
};

const pem: Shape = {
  id: 'private-key',
  prefixes: ['-----BEGIN '],
  rule: 'pem',
  positive: [
    `-----BEGIN PRIVATE KEY-----\n${body.repeat(8)}\n${body}=\n-----END PRIVATE KEY-----`,
    `-----BEGIN RSA PRIVATE KEY-----\nDEK-Info: AES-256-CBC,0\n\n${body.repeat(9)}\n` +
      '-----END RSA PRIVATE KEY-----',
    `-----BEGIN OPENSSH PRIVATE KEY-----\\n${body.repeat(8)}\\n-----END OPENSSH PRIVATE KEY-----`,
    `-----BEGIN EC PRIVATE KEY-----\n${body.repeat(8)}`,
  ],
  negative: [
    `-----BEGIN CERTIFICATE-----\n${body.repeat(8)}\n-----END CERTIFICATE-----`,
    `-----BEGIN PUBLIC KEY-----\n${body.repeat(8)}\n-----END PUBLIC KEY-----`,
    "text.startsWith('-----BEGIN PRIVATE KEY-----')",
  ],
  make: (draw, marker) =>
    [
      `-----BEGIN PRIVATE KEY-----`,
      draw(alphanumeric, 64),
      `${marker}${draw(alphanumeric, 38)}=`,
      '-----END PRIVATE KEY-----',
    ].join('\n'),
};

const chat: readonly Shape[] = [
  token(
    'slack-token',
    Array.from('abcdeoprs', (kind) => `xox${kind}-`),
    {
      body: 'token',
      min: 10,
      digit: true,
    },
    ['xoxb-', 'xoxp-short', 'xoxo-hugs-and-kisses-to-all'],
  ),
  {
    id: 'telegram-token',
    prefixes: Array.from(digits, (digit) => `${digit}:AA`),
    rule: 'telegram',
    before: 9,
    positive: [`1234567890:AA${body.repeat(4)}x`, `12345678:AA${body.repeat(4)}-`],
    negative: ['00:1a:AA:3f:22', '12:AAA', `12345:AA${body.repeat(4)}x`],
    make: (draw, marker) =>
      `${draw('123456789', 10)}:AA${marker}${draw(alphanumeric, 33 - marker.length)}`,
  },
  {
    id: 'discord-token',
    prefixes: ['.??????.'],
    rule: 'discord',
    before: 28,
    positive: [`MTk4NjIyNDgzNDcxOTI1MjQ4.Cl2FMQ.${body.repeat(4)}`],
    negative: ['www.google.com', 'Modules.config.loader', `${'x'.repeat(24)}.${'y'.repeat(6)}.z`],
    make: (draw, marker) =>
      `M${draw(alphanumeric, 23)}.${draw(alphanumeric, 6)}.${marker}${draw(alphanumeric, 22)}`,
  },
];

const bearer: Shape = {
  id: 'bearer-token',
  prefixes: ['bearer'],
  ignoreCase: true,
  rule: 'bearer',
  positive: [`Bearer ${body.repeat(3)}`, `bearer%20${body.repeat(2)}`, `BEARER  ${body}.${body}==`],
  negative: ['Bearer token', 'bearer authentication is required', 'Bearer [REDACTED:x]', 'bearer'],
  make: (draw, marker) => `Bearer ${draw(digits, 2)}${marker}${draw(alphanumeric, 20)}`,
};

const keyNames = ['api', 'access', 'private', 'secret', 'signing', 'encryption'];

const keyed: Shape = {
  id: 'secret-value',
  prefixes: [
    ...['password', 'passwd', 'passphrase', 'secret', 'token', 'credential', 'credentials'],
    '_pass',
    ...keyNames.flatMap((name) => [`${name}key`, `${name}_key`, `${name}-key`]),
  ],
  ignoreCase: true,
  rule: 'keyed',
  positive: [
    `{"password": "${body}"}`,
    `{"dbPassword":"correct horse battery staple 9"}`,
    `{\\"client_secret\\": \\"${body}\\"}`,
    `db_password: ${body}`,
    `  token: '${body}'`,
    `DB_PASS=correcthorse`,
    `export API_KEY="${body}"`,
    `https://example.org/?access_token=${body}&x=1`,
    `X-Api-Key: ${body}`,
    `secret => "${body}"`,
  ],
  negative: [
    'password: string;',
    'const token = lexer.next();',
    '{"token": null, "secret": ""}',
    'password: ${DB_PASSWORD}',
    'TOKEN=$OTHER_TOKEN',
    '"secret": {"from": "env:NAME"}',
    'tokens: 12345678',
    'secretName: db_password_v1',
    'token === expected1',
    'password: [REDACTED:db]',
    'https://example.org/password/reset',
  ],
  make: (draw, marker) => `${draw(letters, 6)}${draw(digits, 4)}${marker}${draw(alphanumeric, 12)}`,
};

const authorization: Shape = {
  id: 'authorization',
  prefixes: ['authorization', 'cookie'],
  ignoreCase: true,
  rule: 'keyed',
  spaced: true,
  positive: [
    `Authorization: Basic ${body.repeat(2)}`,
    `"authorization": "Token ${body}"`,
    `Cookie: sid=${body}; theme=dark`,
    `set-cookie: session=${body}; Path=/`,
  ],
  negative: ['authorization: required', 'Cookie: none', 'authorization: request.headers.value'],
};

const urlPassword: Shape = {
  id: 'url-password',
  prefixes: ['://'],
  rule: 'url-password',
  positive: [`postgres://app:${body}@db:5432/app`, `https://user:pass-${body}@example.org/`],
  negative: ['https://example.org:8080/@scope', 'http://user@host/', 'redis://:@localhost'],
};

export const shapes: readonly Shape[] = [
  token('nvidia-key', ['nvapi-', 'nvcf-'], { body: 'token', min: 20 }, ['nvapi-key', 'nvcf-']),
  token('sk-key', ['sk-'], { body: 'token', min: 20, bounded: true, digit: true }, [
    'task-force-of-twenty-people-1',
    'sk-folding-cube-animation-wrapper',
    'sk-short1',
  ]),
  token('groq-key', ['gsk_'], { body: 'alphanumeric', min: 20 }, ['gsk_free', 'msgsk_x']),
  token('huggingface-token', ['hf_'], { body: 'alphanumeric', min: 20, bounded: true }, [
    'hf_hub_download',
    `half_${body.repeat(3)}`,
  ]),
  token('pypi-token', ['pypi-'], { body: 'token', min: 16, digit: true }, [
    'pypi-publish-action-for-everyone',
    'pypi-1',
  ]),
  awsKey,
  token(
    'github-token',
    ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'],
    { body: 'alphanumeric', min: 20 },
    ['ghp_', 'ghs_status_of_something_long'],
  ),
  token('github-pat', ['github_pat_'], { body: 'word', min: 22 }, ['github_pat_']),
  token('gitlab-token', ['glpat-'], { body: 'token', min: 20 }, ['glpat-example']),
  ...chat,
  pem,
  jwt,
  bearer,
  keyed,
  authorization,
  urlPassword,
];

const keyEndings = [keyed, authorization].map(({ id, prefixes }) => ({ id, prefixes }));

/** The shape that values under this key have, or undefined when the key does not name a secret. */
export function secretKeyShape(key: string): string | undefined {
  const lower = key.toLowerCase();
  return keyEndings.find(({ prefixes }) => prefixes.some((prefix) => lower.endsWith(prefix)))?.id;
}
