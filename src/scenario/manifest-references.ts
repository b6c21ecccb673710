// References of a manifest that can be known to lead nowhere: files, ports, volumes, placeholders.

import { nearest } from '../diagnostics/nearest.ts';
import type { ManifestRule as Rule, RuleFound as Found } from './manifest-context.ts';
import type { ParsedManifest } from './manifest-schema.ts';
import { list } from './schema-parts.ts';
import type { Path } from './yaml-document.ts';

const fileRule: Rule = ({ manifest, context }) =>
  filesNamed(manifest).flatMap(({ path, file }) => {
    const outside = leadsOut(file);
    if (!outside && context.exists(file)) return [];
    return {
      code: 'SC011',
      path,
      message: outside ? 'The file is outside the folder.' : 'The file does not exist.',
      hint: outside ? 'Move it below the folder of this file.' : 'Create it, or correct the path.',
    };
  });

function filesNamed(manifest: ParsedManifest): { path: Path; file: string }[] {
  const named = (path: Path, file: string | undefined) =>
    file === undefined ? [] : [{ path, file }];
  const { screenshot, process, base } = manifest;
  return [
    ...Object.entries(process?.config ?? {}).flatMap(([name, { file }]) =>
      named(['process', 'config', name, 'file'], file),
    ),
    ...Object.entries(manifest.hooks).flatMap(([name, hook]) =>
      named(['hooks', name, 'file'], hook?.file),
    ),
    ...manifest.compose.flatMap((file, index) => named(['compose', index], file)),
    ...named(['base', 'repair'], base.repair),
    ...named(['screenshot', 'hook'], screenshot === 'off' ? undefined : screenshot.hook),
  ];
}

/** Whether a relative path, by its text alone, is absolute or climbs above its folder. */
export function leadsOut(file: string): boolean {
  if (/^(?:[/\\]|[A-Za-z]:)/.test(file) || file.includes('\\')) return true;
  let depth = 0;
  for (const part of file.split('/')) {
    if (part === '..') depth -= 1;
    else if (part !== '.' && part !== '') depth += 1;
    if (depth < 0) return true;
  }
  return depth === 0;
}

const portRule: Rule = ({ manifest: { driver, process, probes, health } }) => {
  if (driver !== 'process' || process === undefined) return [];
  const { ports } = process;
  const unknown = probes.flatMap(({ tcp }, index): Found[] => {
    if (tcp === undefined || ports.includes(tcp) || /^(?:\d{1,5}$|\{port[.}])/.test(tcp)) return [];
    return [unknownName('port', tcp, ports, ['probes', index, 'tcp'])];
  });
  if (ports.length > 0 || health.none !== undefined) return unknown;
  const message = 'Without a port nothing can be asked over HTTP.';
  const hint = 'Name a port, or give `health.none` and probes.';
  return [...unknown, { code: 'MF012', path: ['process', 'ports'], message, hint }];
};

const volumeRule: Rule = ({ manifest: { driver, data } }) =>
  driver !== 'process'
    ? []
    : data.exclude.flatMap((volume, index) =>
        volume === 'data'
          ? []
          : [unknownName('volume', volume, ['data'], ['data', 'exclude', index])],
      );

function unknownName(what: string, name: string, known: readonly string[], path: Path): Found {
  const meant = nearest(name, known);
  return {
    code: 'MF012',
    path,
    message: `The ${what} \`${name}\` is unknown.`,
    hint: meant === undefined ? `Known: ${list(known)}.` : `Did you mean \`${meant}\`?`,
  };
}

const everywhere = ['release', 'data', 'config', 'node', 'tmp', 'home', 'work', 'run'];

const placeholderRule: Rule = ({ manifest: parsed }) => {
  const { process, backup, probes } = parsed;
  if (process === undefined) return [];
  const ports = process.ports.map((port) => `port.${port}`);
  const known = [...everywhere, ...(ports.length > 0 ? ['port'] : []), ...ports];
  const inCommand = (path: Path, argv: readonly string[] | undefined, more: string[] = []) =>
    (argv ?? []).flatMap((word, index) =>
      placeholders(word)
        .filter((name) => ![...known, ...more].includes(name))
        .map((name) => unknownName('placeholder', name, [...known, ...more], [...path, index])),
    );
  return [
    ...(['start', 'prepare', 'configure'] as const).flatMap((name) =>
      inCommand(['process', name], process[name]),
    ),
    ...(['quiesce', 'resume'] as const).flatMap((name) =>
      inCommand(['backup', name], backup[name]),
    ),
    ...(['command', 'restoreCommand'] as const).flatMap((name) =>
      inCommand(['backup', name], backup[name], ['artifact']),
    ),
    ...probes.flatMap(({ exec, tcp }, index) => [
      ...inCommand(['probes', index, 'exec'], exec),
      ...inCommand(['probes', index], tcp === undefined ? [] : [tcp]).map((found) => ({
        ...found,
        path: ['probes', index, 'tcp'],
      })),
    ]),
    ...textsWithPorts(parsed).flatMap(({ path, text }) =>
      placeholders(text)
        .filter((name) => name.startsWith('port.') && !known.includes(name))
        .map((name) => unknownName('placeholder', name, known, path)),
    ),
  ];
};

/** Texts in which braces are common, so that only a port can be told to be wrong. */
function textsWithPorts({
  process,
  env,
  upgradeEnv,
}: ParsedManifest): { path: Path; text: string }[] {
  const variables = Object.entries({ env, upgradeEnv }).flatMap(([section, values]) =>
    Object.entries(values).map(([name, value]) => ({ path: [section, name], text: value })),
  );
  const files = Object.entries(process?.config ?? {}).map(([file, { text }]) => ({
    path: ['process', 'config', file, 'text'],
    text,
  }));
  return [...variables, ...files].flatMap(({ path, text }) =>
    typeof text === 'string' ? [{ path, text }] : [],
  );
}

function placeholders(text: string): readonly string[] {
  return [...text.matchAll(/(?<!\$)\{([a-z]+(?:\.[a-z0-9-]+)?)\}/g)].map(([, name = '']) => name);
}

const dependencyRule: Rule = ({ manifest: { app: own, dependencies }, context }) =>
  dependencies.flatMap(({ app, as = app }, index): Found[] => {
    const at = (key: string): Path => ['dependencies', index, key];
    if (app === own)
      return [{ code: 'MF012', path: at('app'), message: selfMessage, hint: 'Leave it out.' }];
    const first = dependencies.findIndex((each) => (each.as ?? each.app) === as);
    if (first < index)
      return [
        {
          ...{ code: 'MF012', path: ['dependencies', index] },
          message: `Two dependencies are known as \`${as}\`.`,
          hint: 'Give one of them another name with `as`.',
        },
      ];
    if (context.hasApp === undefined || context.hasApp(app)) return [];
    const message = `The app \`${app}\` is unknown.`;
    const hint = `Its manifest is looked for at ../${app}/seatrial.yaml, and in the pack coop-cloud.`;
    return [{ code: 'MF012', path: at('app'), message, hint }];
  });

const selfMessage = 'An app cannot run beside itself.';

export const referenceRules: readonly Rule[] = [
  ...[fileRule, portRule, volumeRule, placeholderRule, dependencyRule],
];
