// What labels say about backup and restore (the labels of Co-op Cloud's backup bot). Pure.

import type { JsonObject } from '../../ports/json.ts';

export type VolumeScope = {
  readonly volume: string;
  /** Relative to the volume's root; undefined = all of it. */
  readonly paths?: readonly string[];
};

export type HookKind =
  'backup.pre-hook' | 'backup.post-hook' | 'restore.pre-hook' | 'restore.post-hook';
export type LabelHook = {
  readonly service: string;
  readonly kind: HookKind;
  readonly command: string;
};

export type BackupScope = {
  /** Services that ask for a backup. */
  readonly services: readonly string[];
  readonly volumes: readonly VolumeScope[];
  readonly hooks: readonly LabelHook[];
  readonly findings: readonly { readonly code: string; readonly message: string }[];
};

const prefix = 'backupbot.';
const hookKinds: readonly HookKind[] = [
  'backup.pre-hook',
  'backup.post-hook',
  'restore.pre-hook',
  'restore.post-hook',
];

/** `labels` by service, as the engine has them; `volumes` are the keys of the stack. `byLabel`: without a label, nothing. */
export function readScope(
  labels: Readonly<Record<string, JsonObject>>,
  volumes: readonly string[],
  byLabel = false,
): BackupScope {
  const own = Object.entries(labels).flatMap(([service, all]) =>
    Object.entries(all)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, value]) => ({ service, name: name.slice(prefix.length), value: asText(value) })),
  );
  const services = own
    .filter(({ name, value }) => name === 'backup' && value === 'true')
    .map(({ service }) => service);
  const hooks = own.flatMap(({ service, name, value }) =>
    hookKinds.filter((kind) => kind === name).map((kind) => ({ service, kind, command: value })),
  );
  const findings = [
    ...(services.length > 1
      ? [{ code: 'backup-label-repeated', message: `backup=true on ${services.join(', ')}` }]
      : []),
    ...(services.length === 0 && volumes.length > 0
      ? [
          {
            code: 'volumes-not-backed-up',
            message: `no service asks for a backup; ${byLabel ? 'nothing' : 'all'} is captured`,
          },
        ]
      : []),
    ...own.flatMap((label) => oddLabel(label, volumes)),
  ];
  const scopes =
    byLabel && services.length === 0 ? [] : volumes.flatMap((volume) => scopeOf(volume, own));
  return { services, volumes: scopes, hooks, findings };
}

const asText = (value: unknown): string => (typeof value === 'string' ? value : '');

type OwnLabel = { readonly service: string; readonly name: string; readonly value: string };

function scopeOf(volume: string, own: readonly OwnLabel[]): readonly VolumeScope[] {
  const last = (name: string): string | undefined =>
    own.filter((label) => label.name === name).at(-1)?.value;
  if (last(`backup.volumes.${volume}`) === 'false') return [];
  const paths = last(`backup.volumes.${volume}.path`);
  return paths === undefined
    ? [{ volume }]
    : [{ volume, paths: paths.split(',').map((path) => path.trim().replace(/^\/+|\/+$/g, '')) }];
}

const volumeLabel = /^backup\.volumes\.(.+?)(\.path)?$/;

function oddLabel({ name, service, value }: OwnLabel, volumes: readonly string[]) {
  const label = `${prefix}${name} of ${service}`;
  const volume = volumeLabel.exec(name)?.[1];
  if (volume !== undefined) {
    if (!volumes.includes(volume))
      return [{ code: 'backup-unknown-volume', message: `${label} names no volume of the stack` }];
    return name.endsWith('.path') && leadsOut(value)
      ? [{ code: 'backup-path-leads-out', message: `${label}: ${value}` }]
      : [];
  }
  const known = name === 'backup' || hookKinds.some((kind) => kind === name);
  return known ? [] : [{ code: 'backup-label-ignored', message: `${label} has no meaning here` }];
}

const leadsOut = (paths: string): boolean =>
  paths.split(',').some((path) => path.trim().split('/').includes('..'));

/** Whether a path of a volume is in scope: itself, below a named path, or a folder above one. */
export function isInScope({ paths }: VolumeScope, path: string): boolean {
  if (paths === undefined) return true;
  return paths.some((named) => path === named || named === '' || path.startsWith(`${named}/`));
}

/**
 * The program to run for a hook's text. An outer `sh -c '…'` is taken off, so that the pipeline in it can be run with
 * `pipefail`: a dump that failed left of a pipe is a failed dump.
 */
export function hookScript(command: string): string {
  const outer = /^\s*(?:\/(?:usr\/)?bin\/)?(?:ba|da|a)?sh\s+-c\s+(.+?)\s*$/s.exec(command)?.[1];
  const inner = outer === undefined ? undefined : unquoted(outer);
  return inner ?? command;
}

/** Undefined when the text is more than one quoted word. */
function unquoted(text: string): string | undefined {
  const quote = text[0];
  if (quote !== "'" && quote !== '"') return /\s/.test(text) ? undefined : text;
  const body = text.slice(1, -1);
  if (text.length < 2 || text.at(-1) !== quote) return undefined;
  if (quote === "'") return body.includes("'") ? undefined : body;
  return /(?<!\\)(?:\\\\)*"/.test(body) ? undefined : body.replaceAll(/\\(["\\$`])/g, '$1');
}
