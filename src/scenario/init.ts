// A first manifest for a folder: the best guesses, each with where it comes from, and marks where only
// a person can know. Whatever the folder holds, the result loads without errors.

import { guessFolder, type AppFolder, type Guess } from './guess-folder.ts';

/** Stands where a guess was not possible; a run would fail on it, loudly. */
export const changeMe = 'CHANGE-ME';

export type FirstManifest = {
  /** Content of `seatrial.yaml`. */
  readonly text: string;
  /** One sentence per guess, for the terminal. */
  readonly guesses: readonly string[];
  /** Whether a person must still fill something in. */
  readonly incomplete: boolean;
};

/** `schema`: path or URL of the published JSON Schema, for editors. */
export function initManifest(
  folder: AppFolder,
  schema = './node_modules/seatrial/schema/seatrial.schema.json',
): FirstManifest {
  const guess = guessFolder(folder);
  const sections = [
    headerLines(guess, schema),
    sourceLines(guess),
    processLines(guess),
    timeoutLines(guess),
    healthLines(guess),
    furtherLines,
  ];
  const text = `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
  const guesses = [guess.driver, guess.source, guess.start].flatMap((each) =>
    each === undefined ? [] : [each.because],
  );
  return { text, guesses, incomplete: isIncomplete(guess) };
}

function isIncomplete({ driver, start }: Guess): boolean {
  return driver.value === 'process' && start === undefined;
}

/** JSON text is YAML text, and never becomes a number, a date or a comment. */
const quoted = (value: string): string => JSON.stringify(value);

function headerLines(guess: Guess, schema: string): readonly string[] {
  const { app, driver } = guess;
  const safe = schema.replace(/[^\x21-\x7e]/g, '');
  return [
    `# yaml-language-server: $schema=${safe}`,
    '# What Seatrial has to know about this app. All keys: docs/reference/manifest.md of Seatrial.',
    '# Lines below "Guess" want a look.',
    ...(isIncomplete(guess) ? [`# ${changeMe} wants an answer: it could not be guessed.`] : []),
    'seatrial: 1',
    `app: ${quoted(app)}`,
    '',
    `# Guess: ${driver.because}`,
    `driver: ${driver.value}`,
  ];
}

function sourceLines({ source }: Guess): readonly string[] {
  if (source === undefined)
    return [
      '# No published releases were found, so an upgrade has nothing to start from and is skipped.',
      '# Name where releases are, one of:',
      '# source:',
      '#   npm: package-name',
      '#   git: https://example.org/app.git',
      '#   directory: releases',
    ];
  return [
    'source:',
    '  # The last release before the code under test is where the upgrade starts from.',
    `  # Guess: ${source.because}`,
    `  ${source.kind}: ${quoted(source.value)}`,
    ...(source.head === undefined ? namelessHead(source.kind) : folderHead(source.head)),
  ];
}

const folderHead = (head: string): readonly string[] => [
  '  # The code under test is this folder, packed as npm would pack it.',
  `  head: ${quoted(head)}`,
];

const namelessHead = (kind: 'npm' | 'git'): readonly string[] => [
  `  # The code under test is the ${kind === 'npm' ? 'newest release' : 'tip of the default branch'}; --head names another.`,
];

function processLines({ driver, start, prepare }: Guess): readonly string[] {
  if (driver.value !== 'process') return [];
  const argv = start?.argv ?? ['{node}', `{release}/${changeMe}.js`];
  const because = start?.because ?? 'nothing says how the app is started.';
  return [
    'process:',
    '  # Placeholders: {release} the code, {data} what must survive, {config} generated files,',
    '  # {port} a free port, {node} the Node.js that runs Seatrial.',
    `  # Guess: ${because}`,
    `  start: [${argv.map(quoted).join(', ')}]`,
    ...(prepare === undefined
      ? []
      : [`  # Guess: ${prepare.because}`, `  prepare: [${prepare.argv.map(quoted).join(', ')}]`]),
    '',
    '# The app must listen on the port it is given, and keep its data in {data}.',
    '# Guess: these names are the usual ones; use those that your app reads. An app that reads none',
    '# takes arguments: add them to start, for instance --port, "{port}", --data, "{data}".',
    'env:',
    '  PORT: "{port}"',
    '  HOST: 127.0.0.1',
    '  DATA_DIR: "{data}"',
  ];
}

/** The default suits images that are pulled; who adjusts a start line waits for each wrong guess. */
function timeoutLines({ driver }: Guess): readonly string[] {
  if (driver.value !== 'process') return [];
  return [
    '# Seconds from start to ready, before the app counts as not coming up.',
    'timeouts: { deploy: 60 }',
  ];
}

function healthLines({ driver }: Guess): readonly string[] {
  return [
    'health:',
    '  # Asked after every operation. Guess: the start page. A page that needs the data is better.',
    '  path: /',
    '  status: [200, 301, 302]',
    ...(driver.value === 'process'
      ? ['# An app without HTTP says so, and names another sign of life:']
      : ['# An app without HTTP says so, and names a port:']),
    '# health: {none: it speaks only SMTP}',
    '# probes: [{tcp: http}]',
  ];
}

const furtherLines: readonly string[] = [
  '# Your own checks lie in checks/ as <operation>.<name>.check.ts, and are found by their names.',
  '# Hooks change data, so that upgrade and restore have something to lose:',
  '# hooks:',
  '#   seed: {file: hooks/seed.mjs}',
  '#   mutate: {file: hooks/mutate.mjs}',
  '# What does not apply says why:',
  '# notApplicable: {backup: it keeps no data of its own}',
];
