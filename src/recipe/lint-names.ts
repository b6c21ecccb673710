// Names: those that must be declared, those that are not the recipe's to use, and those that are too long.

import type { LintInput } from './lint-input.ts';
import { isTrue } from './lint-services.ts';
import { nearest } from '../diagnostics/nearest.ts';
import { problemAt, type RecipeProblem } from './problem.ts';
import { at, entriesAt, itemsAt, textAt, type Entry, type Node, type Place } from './tree.ts';

type Reference = { readonly section: string; readonly name: string; readonly place: Place };

export function referenceRule({ recipe: { tree } }: LintInput): readonly RecipeProblem[] {
  return entriesAt(tree, 'services')
    .flatMap(([, { node }]) => referencesOf(node))
    .flatMap(({ section, name, place }) => {
      const declared = entriesAt(tree, section).map(([each]) => each);
      if (declared.includes(name) || (section === 'networks' && name === 'default')) return [];
      const close = nearest(name, declared);
      const hint =
        close === undefined ? `Declare it below \`${section}\`.` : `Did you mean \`${close}\`?`;
      return [
        problemAt(place, 'RCP008', `\`${name}\` is not declared below \`${section}\`.`, { hint }),
      ];
    });
}

function referencesOf(service: Node): readonly Reference[] {
  const files = ['secrets', 'configs'].flatMap((section) =>
    itemsAt(service, section).flatMap((item) => named(section, at(item, 'source'))),
  );
  const volumes = itemsAt(service, 'volumes').flatMap((item) =>
    textAt(item, 'type') === 'volume' ? named('volumes', at(item, 'source')) : [],
  );
  const networks = entriesAt(service, 'networks').map(([name, { key, node }]) => ({
    section: 'networks',
    name,
    place: { source: node.source, span: key },
  }));
  return [...files, ...volumes, ...networks];
}

const named = (section: string, node: Node | undefined): readonly Reference[] =>
  node?.kind === 'scalar' && typeof node.value === 'string'
    ? [{ section, name: node.value, place: node }]
    : [];

const reserved = /^(?:seatrial\.|com\.docker\.stack\.|com\.docker\.swarm\.)/;

/** Labels that mark whose a resource is, and things that belong to other stacks. */
export function reservedRule({ recipe }: LintInput): readonly RecipeProblem[] {
  const { tree, instance } = recipe;
  const labels = entriesAt(tree, 'services').flatMap(([, { node }]) => [
    ...entriesAt(node, 'labels'),
    ...entriesAt(node, 'deploy', 'labels'),
  ]);
  const objects = ['networks', 'volumes', 'secrets', 'configs'].flatMap((section) =>
    entriesAt(tree, section).flatMap(([, { node }]) => entriesAt(node, 'labels')),
  );
  const problems = [...labels, ...objects]
    .filter(([name]) => reserved.test(name))
    .map(([name, entry]) =>
      problemAt(placeOf(entry), 'RCP033', `The label \`${name}\` is reserved.`, {
        hint: 'Remove it.',
      }),
    );
  return [...problems, ...foreignProblems(tree, instance.stack)];
}

const placeOf = ({ key, node }: Entry): Place => ({ source: node.source, span: key });

function foreignProblems(tree: Node, stack: string): readonly RecipeProblem[] {
  return ['volumes', 'secrets', 'configs'].flatMap((section) =>
    entriesAt(tree, section).flatMap(([key, { node }]) => {
      if (!isTrue(at(node, 'external'))) return [];
      const name = textAt(node, 'name') ?? key;
      if (name.startsWith(`${stack}_`)) return [];
      return [
        problemAt(at(node, 'name') ?? node, 'RCP033', `\`${name}\` is not a name of this stack.`, {
          hint: `Begin it with \${STACK_NAME}_: other stacks are not the recipe's to use.`,
        }),
      ];
    }),
  );
}

/** What the engine takes, measured. */
const lengthMax = { services: 63, networks: 63, secrets: 64, configs: 64 } as const;

export function nameRule({ recipe: { tree, instance } }: LintInput): readonly RecipeProblem[] {
  return Object.entries(lengthMax).flatMap(([section, max]) =>
    entriesAt(tree, section).flatMap(([key, { key: span, node }]) => {
      const name = textAt(node, 'name') ?? `${instance.stack}_${key}`;
      if (name.length <= max) return [];
      const over = String(name.length - max);
      return [
        problemAt(
          at(node, 'name') ?? { source: node.source, span },
          'SWM001',
          `\`${name}\` has ${String(name.length)} characters, the engine takes ${String(max)}.`,
          { hint: `Shorten it, or the domain, by ${over}.` },
        ),
      ];
    }),
  );
}
