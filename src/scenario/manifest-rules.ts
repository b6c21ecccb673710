// What one key of a manifest says about another, and about the folder it lies in. The part of it that
// JSON Schema can say is said there too, so that an editor shows what the loader will refuse.

import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { JsonObject } from '../ports/json.ts';
import type {
  ManifestContext,
  ManifestRule as Rule,
  RuleFound as Found,
} from './manifest-context.ts';
import { referenceRules } from './manifest-references.ts';
import type { driverKinds, ParsedManifest } from './manifest-schema.ts';
import { list } from './schema-parts.ts';
import { valueAt } from './schema-problems.ts';
import type { YamlDocument } from './yaml-document.ts';

type Driver = (typeof driverKinds)[number];
/** Shortest time without change by driver, and the default; engines replace tasks within seconds. */
export const settleS: Readonly<
  Record<Driver, { readonly minimum: number; readonly usual: number }>
> = {
  process: { minimum: 1, usual: 2 },
  compose: { minimum: 5, usual: 10 },
  swarm: { minimum: 5, usual: 10 },
  abra: { minimum: 5, usual: 10 },
  fake: { minimum: 0, usual: 0 },
};

/** No timeout may be longer, in seconds. */
export const timeoutMaxS = 7200;

export const origins = ['npm', 'git', 'directory'] as const;

export function manifestRuleProblems(
  document: YamlDocument,
  manifest: ParsedManifest,
  context: ManifestContext,
): readonly Diagnostic[] {
  const facts = { manifest, raw: document.value, context };
  return rules
    .flatMap((rule) => rule(facts))
    .map(({ code, path, message, hint, severity = 'error' as const, onKey }) => ({
      code,
      severity,
      message,
      hint,
      span: onKey === true ? document.keySpanOf(path) : document.spanOf(path),
    }));
}

const settleRule: Rule = ({ manifest: { driver, timeouts } }) => {
  const { minimum } = settleS[driver];
  if (timeouts.settle === undefined || timeouts.settle >= minimum) return [];
  const message = `With driver \`${driver}\` expected at least ${String(minimum)}.`;
  return [{ code: 'SC003', path: ['timeouts', 'settle'], message, hint: 'Wait longer.' }];
};

const sourceRule: Rule = ({ manifest: { source } }) => {
  const given = origins.filter((origin) => source[origin] !== undefined);
  const second = given[1];
  if (second === undefined) return [];
  const message = `Only one of ${list(origins)} may be given.`;
  return [{ code: 'SC003', path: ['source', second], message, hint: 'Keep one.', onKey: true }];
};

const overridesRule: Rule = ({ manifest: { source } }) =>
  source.overrides === undefined || source.npm !== undefined
    ? []
    : [
        {
          code: 'MF010',
          path: ['source', 'overrides'],
          message: '`npm` is required beside `overrides`.',
          hint: 'Name the package, or remove the overrides.',
          onKey: true,
        },
      ];

const processRule: Rule = ({ manifest }) =>
  manifest.driver !== 'process' || manifest.process !== undefined
    ? []
    : [
        {
          code: 'MF010',
          path: ['driver'],
          message: '`process` is required with driver `process`.',
          hint: 'Say how the app is started: `process.start`.',
        },
      ];

const healthRule: Rule = ({ manifest: { health, probes }, raw }) => {
  if (health.none === undefined) return [];
  const path = ['health', 'none'];
  const others = Object.keys(valueAt(raw, ['health']) as JsonObject).filter(
    (key) => key !== 'none',
  );
  const found: Found[] = others.map((key) => ({
    code: 'SC003',
    path: ['health', key],
    message: `\`${key}\` has no meaning beside \`none\`.`,
    hint: 'Remove one of them.',
    onKey: true,
  }));
  if (probes.length > 0) return found;
  const message = '`probes` is required for an app without HTTP.';
  return [...found, { code: 'MF010', path, message, hint: 'Add a probe.', onKey: true }];
};

const baseRule: Rule = ({ manifest: { base } }) =>
  base.release === undefined || base.skip === undefined
    ? []
    : [
        {
          code: 'SC003',
          path: ['base', 'skip'],
          message: 'Only one of `release`, `skip` may be given.',
          hint: 'Remove one of them.',
          onKey: true,
        },
      ];

const pairs: readonly (readonly [
  keyof ParsedManifest['backup'],
  keyof ParsedManifest['backup'],
])[] = [
  ['quiesce', 'resume'],
  ['resume', 'quiesce'],
  ['command', 'restoreCommand'],
  ['restoreCommand', 'command'],
];

const backupRule: Rule = ({ manifest: { backup } }) =>
  pairs
    .filter(([one, other]) => backup[one] !== undefined && backup[other] === undefined)
    .map(([one, other]) => ({
      code: 'MF010',
      path: ['backup', one],
      message: `\`${other}\` is required beside \`${one}\`.`,
      hint: 'Add it, or remove the other.',
      onKey: true,
    }));

const liveRule: Rule = ({ manifest: { backup } }) =>
  backup.how !== 'live' || backup.quiesce !== undefined || backup.command !== undefined
    ? []
    : [
        {
          code: 'MF010',
          path: ['backup', 'how'],
          message: '`quiesce` and `resume`, or `command`, are required for a live backup.',
          hint: 'Files that change while they are copied are no backup.',
        },
      ];

/** Declared not applicable although the manifest itself, or the driver, says that it works. */
const staleRule: Rule = ({ manifest: { notApplicable, backup, base }, context }) => {
  const supported: Readonly<Record<string, boolean>> = {
    upgrade: base.release !== undefined,
    backup: backup.capable === true || backup.command !== undefined,
    restore: backup.restoreCommand !== undefined,
    rebuild: context.supports?.includes('rebuild') ?? false,
  };
  return Object.keys(notApplicable)
    .filter((name) => supported[name] === true)
    .map((name) => ({
      code: 'MF013',
      path: ['notApplicable', name],
      message: `\`${name}\` is declared not applicable although it is supported.`,
      hint: 'It is skipped. Remove the line to have it judged.',
      severity: 'warning' as const,
      onKey: true as const,
    }));
};

const rules: readonly Rule[] = [
  settleRule,
  sourceRule,
  overridesRule,
  processRule,
  healthRule,
  baseRule,
  backupRule,
  liveRule,
  ...referenceRules,
  staleRule,
];
