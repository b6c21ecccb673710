// Labels for backups: what they select must be there, and labels that tools ignore promise a backup that
// nobody makes.

import type { LintInput } from './lint-input.ts';
import { problemAt, type RecipeProblem } from './problem.ts';
import { entriesAt, type Entry, type Place, type Scalar } from './tree.ts';

type Label = { readonly name: string; readonly value: string; readonly place: Place };

const known =
  /^backupbot\.(?:backup|backup\.volumes\.[^.]+|backup\.volumes\.[^.]+\.path|(?:backup|restore)\.(?:pre|post)-hook)$/;

export function backupRule({ recipe }: LintInput): readonly RecipeProblem[] {
  const labels = entriesAt(recipe.tree, 'services').flatMap(([, { node }]) =>
    entriesAt(node, 'deploy', 'labels').flatMap(readLabel),
  );
  const volumes = entriesAt(recipe.tree, 'volumes').map(([name]) => name);
  return [...labels.flatMap((label) => judge(label, volumes)), ...scopeProblems(labels, volumes)];
}

function readLabel([name, { node }]: readonly [string, Entry]): readonly Label[] {
  if (!name.startsWith('backupbot.') || node.kind !== 'scalar') return [];
  return [{ name, value: String(node.value ?? ''), place: node satisfies Scalar }];
}

function judge(
  { name, value, place }: Label,
  volumes: readonly string[],
): readonly RecipeProblem[] {
  if (!known.test(name))
    return [
      problemAt(place, 'RCP034', `Backup tools ignore \`${name}\`.`, {
        hint: 'Use backupbot.backup.volumes.<name>.path and the hooks.',
      }),
    ];
  const volume = volumeOf(name);
  if (volume !== undefined && !volumes.includes(volume))
    return [
      problemAt(place, 'RCP015', `There is no volume \`${volume}\`.`, {
        hint: volumes.length === 0 ? 'Declare it.' : `Volumes: ${volumes.join(', ')}.`,
      }),
    ];
  const out =
    name.endsWith('.path') && value.split(',').some((path) => path.split('/').includes('..'));
  return out
    ? [problemAt(place, 'RCP015', 'The path leads out of the volume.', { hint: 'Remove `..`.' })]
    : [];
}

const volumeOf = (name: string): string | undefined =>
  /^backupbot\.backup\.volumes\.([^.]+)(?:\.path)?$/.exec(name)?.[1];

function scopeProblems(labels: readonly Label[], volumes: readonly string[]): RecipeProblem[] {
  const asked = labels.find(({ name, value }) => name === 'backupbot.backup' && value === 'true');
  if (asked === undefined) return [];
  const excluded = new Set(
    labels.flatMap(({ name, value }) =>
      value === 'false' && /^backupbot\.backup\.volumes\.[^.]+$/.test(name)
        ? [volumeOf(name) ?? '']
        : [],
    ),
  );
  if (volumes.some((volume) => !excluded.has(volume))) return [];
  const why = volumes.length === 0 ? 'there is no volume' : 'every volume is excluded';
  return [
    problemAt(asked.place, 'RCP015', `A backup is asked for, and ${why}.`, {
      hint: 'Remove the label, or select a volume.',
    }),
  ];
}
