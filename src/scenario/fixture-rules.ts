// What a scenario's fixtures must have before anything runs: F13, F16, and inputs of their kind.

import type { Json } from '../ports/json.ts';
import type { ScenarioFound as Found, ScenarioRule as Rule } from './scenario-context.ts';
import { selfEndingKinds, type Scenario } from './scenario-schema.ts';
import type { Path } from './yaml-document.ts';

type Fixture = Scenario['spec']['fixtures'][number];

export const fixtureRule: Rule = ({ spec: { fixtures } }) => [
  ...fixtures.flatMap((fixture, index) => {
    const path = ['spec', 'fixtures', index];
    return [...budgetProblems(fixture, path), ...systemProblems(fixture, path)];
  }),
  ...sharedTargets(fixtures),
];

function budgetProblems({ id, kind, restore }: Fixture, path: Path): readonly Found[] {
  if (restore !== undefined || selfEndingKinds.includes(kind)) return [];
  return [
    {
      code: 'FX001',
      path: [...path, 'kind'],
      message: `The fixture \`${id}\` changes something and has no \`restore.budget\`.`,
      hint: 'Say how long its undo may take: `restore: {budget: 10s}`.',
    },
  ];
}

/** Places that are the host's whatever a scenario says; the home of whoever runs this is looked at when it runs. */
const systemPath =
  /^(?:\/(?:etc|usr|lib|lib64|bin|sbin|boot|dev|proc|sys|root|home|var|opt|srv)(?:\/|$)|~)/;

function systemProblems({ id, kind, with: inputs }: Fixture, path: Path): readonly Found[] {
  if (!['file', 'directory', 'key', 'policy'].includes(kind)) return [];
  const key = kind === 'key' || kind === 'policy' ? 'file' : 'path';
  const target = inputs[key];
  if (typeof target !== 'string' || !systemPath.test(target) || inputs['system'] === true)
    return [];
  return [
    {
      code: 'FX002',
      path: [...path, 'with', key],
      message: `The fixture \`${id}\` changes the host itself.`,
      hint:
        kind === 'policy'
          ? 'Use a file of the run.'
          : 'Use a place of the run, or say `system: true` and run with --allow-system.',
    },
  ];
}

function sharedTargets(fixtures: readonly Fixture[]): readonly Found[] {
  const seen = new Map<string, string>();
  return fixtures.flatMap((fixture, index): readonly Found[] => {
    const found: Found[] = [];
    for (const { target, key } of targetsOf(fixture)) {
      const first = seen.get(target);
      if (first === undefined) seen.set(target, fixture.id);
      else
        found.push({
          code: 'FX003',
          path: ['spec', 'fixtures', index, 'with', ...key],
          message: `\`${fixture.id}\` changes what \`${first}\` changes already.`,
          hint: 'Let one fixture do both: an undo needs a target of its own.',
        });
    }
    return found;
  });
}

type Target = { readonly target: string; readonly key: Path };

function targetsOf({ kind, with: inputs }: Fixture): readonly Target[] {
  const at = (key: string, prefix = ''): readonly Target[] =>
    typeof inputs[key] === 'string' ? [{ target: prefix + tidy(inputs[key]), key: [key] }] : [];
  if (kind === 'file' || kind === 'directory') return at('path');
  if (kind === 'key') return at('file');
  if (kind === 'policy') return [...at('sandbox', 'policy '), ...at('file')];
  if (kind === 'daemon-config') return [{ target: 'daemon', key: [] }];
  const { tags } = inputs;
  if (kind !== 'image-build' || !Array.isArray(tags)) return [];
  return tags.flatMap((tag: Json, index) =>
    typeof tag === 'string' ? [{ target: `tag ${tag}`, key: ['tags', index] }] : [],
  );
}

/** Two spellings of one path; links are found out when the lock is taken. */
const tidy = (path: string): string =>
  path
    .split('/')
    .filter((part, index) => part !== '.' && (part !== '' || index === 0))
    .join('/');
