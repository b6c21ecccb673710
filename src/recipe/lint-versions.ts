// Versions: the recipe's own, which operators are told apart by, and those of configs, which the engine
// cannot change under one name.

import type { LintInput } from './lint-input.ts';
import type { Recipe } from './load-recipe.ts';
import { problemAt, type RecipeProblem } from './problem.ts';
import { entriesAt, type Scalar } from './tree.ts';
import { at } from './tree.ts';

export type VersionLabel = {
  readonly service: string;
  readonly label: Scalar;
  /** Undefined when the label names none. */
  readonly version?: string;
};

/** `coop-cloud.<stack>.version` on `app`, else on one other service. */
export function versionLabels({ tree, instance }: Recipe): readonly VersionLabel[] {
  const name = `coop-cloud.${instance.stack}.version`;
  return entriesAt(tree, 'services')
    .flatMap(([service, { node }]) => {
      const label = at(node, 'deploy', 'labels', name);
      if (label?.kind !== 'scalar') return [];
      const version = String(label.value ?? '');
      const known = /^v?\d/.test(version);
      return [{ service, label, ...(known ? { version } : {}) }];
    })
    .sort((a, b) => Number(b.service === 'app') - Number(a.service === 'app'));
}

export function versionLabelRule({ recipe }: LintInput): readonly RecipeProblem[] {
  const [found, other] = versionLabels(recipe);
  if (found === undefined) return [noLabel(recipe)];
  const problems: RecipeProblem[] = [];
  if (found.version === undefined)
    problems.push(
      problemAt(found.label, 'RCP028', 'The version label names no version.', {
        hint: 'Write the version of the recipe, `+`, and that of the app: 1.0.0+2.3.',
      }),
    );
  if (other !== undefined)
    problems.push(
      problemAt(other.label, 'RCP028', `\`${found.service}\` has the version label already.`, {
        hint: 'Keep one of them.',
      }),
    );
  return problems;
}

function noLabel({ tree, instance }: Recipe): RecipeProblem {
  const services = entriesAt(tree, 'services');
  const old = services.flatMap(([name, { node }]) => {
    const label = at(node, 'deploy', 'labels', `coop-cloud.${instance.stack}.${name}.version`);
    return label === undefined ? [] : [label];
  })[0];
  const hint = 'Add "coop-cloud.${STACK_NAME}.version=1.0.0+2.3" to deploy.labels of app.';
  if (old !== undefined)
    return problemAt(old, 'RCP028', 'Labels of single services do not say the version.', { hint });
  const [, entry] = services.find(([name]) => name === 'app') ?? services[0] ?? [];
  const place = entry === undefined ? tree : { source: entry.node.source, span: entry.key };
  return problemAt(
    place,
    'RCP011',
    'No service has the label that says which version of the recipe is deployed.',
    { hint },
  );
}

export function configVersionRule({ recipe }: LintInput): readonly RecipeProblem[] {
  return recipe.configs
    .filter(({ versioned }) => !versioned)
    .map(({ key, place }) =>
      problemAt(place, 'RCP012', `The name of the config \`${key}\` holds no version.`, {
        hint: `Name it \${STACK_NAME}_${key}_\${${key.toUpperCase().replace(/\W/g, '_')}_VERSION} and export that in abra.sh.`,
      }),
    );
}

export function changedConfigRule({ recipe, base }: LintInput): readonly RecipeProblem[] {
  if (base === undefined) return [];
  const before = new Map(base.configs.map((config) => [config.name, config]));
  return recipe.configs.flatMap(({ key, name, digest, file, variable, place }) => {
    const old = before.get(name);
    if (old === undefined || old.digest === digest) return [];
    return [
      problemAt(
        (variable === undefined ? undefined : recipe.exports.entries.get(variable)) ?? place,
        'RCP013',
        `The config \`${key}\` has other content (${file}) under the name it had before.`,
        { hint: `Raise ${variable ?? 'the version in its name'}: the engine refuses the change.` },
      ),
    ];
  });
}
