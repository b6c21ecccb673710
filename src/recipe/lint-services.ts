import type { LintInput } from './lint-input.ts';
import { problemAt, type RecipeProblem } from './problem.ts';
import { at, entriesAt, itemsAt, textAt, type Node } from './tree.ts';

export function imageRule({ recipe }: LintInput): readonly RecipeProblem[] {
  return entriesAt(recipe.tree, 'services').flatMap(([name, { key, node }]) => {
    const image = textAt(node, 'image');
    if (image !== undefined && image !== '') return [];
    const place = at(node, 'image') ?? { source: node.source, span: key };
    return [
      problemAt(place, 'RCP010', `The service \`${name}\` has no image.`, {
        hint: 'Swarm never builds: publish an image and name it.',
      }),
    ];
  });
}

type Published = { readonly service: string; readonly node: Node };

/** One port of a host can be held once, whichever service asks first. */
export function portRule({ recipe }: LintInput): readonly RecipeProblem[] {
  const taken = new Map<string, Published>();
  const problems: RecipeProblem[] = [];
  for (const [service, { node }] of entriesAt(recipe.tree, 'services'))
    for (const port of itemsAt(node, 'ports')) {
      const published = at(port, 'published');
      if (published?.kind !== 'scalar' || published.value === 0) continue;
      const key = `${String(published.value)}/${textAt(port, 'protocol') ?? 'tcp'}`;
      const other = taken.get(key);
      if (other === undefined) taken.set(key, { service, node: port });
      else
        problems.push(
          problemAt(port, 'RCP023', `Port ${key} is also published by \`${other.service}\`.`, {
            hint: 'Publish one of them under another number.',
          }),
        );
    }
  return problems;
}

/**
 * Each stack has a service `app`, and on a network that stacks share they all answer to that name. Only a
 * second service on that network looks it up there.
 */
export function sharedNameRule({ recipe: { tree } }: LintInput): readonly RecipeProblem[] {
  const shared = entriesAt(tree, 'networks')
    .filter(([, { node }]) => isTrue(at(node, 'external')))
    .map(([name]) => name);
  const services = entriesAt(tree, 'services');
  const app = services.find(([name]) => name === 'app')?.[1].node;
  return services.flatMap(([name, { node }]) => {
    if (name === 'app' || app === undefined) return [];
    const network = shared.find((each) => hasNetwork(node, each) && hasNetwork(app, each));
    const place = at(node, 'networks');
    if (network === undefined || place === undefined) return [];
    return [
      problemAt(
        place,
        'RCP027',
        `\`${name}\` may reach another stack's \`app\` on the shared network \`${network}\`.`,
        { hint: 'Address it as ${STACK_NAME}_app, or leave that network.' },
      ),
    ];
  });
}

/** What Docker ships beside `overlay`: networks of one machine. */
const localDrivers = new Set(['bridge', 'host', 'ipvlan', 'macvlan', 'none', 'null']);

/** The engine makes such a network and then refuses every service that names it, half-way through. */
export function networkRule({ recipe: { tree } }: LintInput): readonly RecipeProblem[] {
  return entriesAt(tree, 'networks').flatMap(([name, { node }]) => {
    const driver = textAt(node, 'driver') ?? '';
    const place = at(node, 'driver');
    if (place === undefined || isTrue(at(node, 'external')) || !localDrivers.has(driver)) return [];
    return [
      problemAt(place, 'RCP037', `The network \`${name}\` stays on one machine: \`${driver}\`.`, {
        hint: 'Leave out the driver, or say `overlay`.',
      }),
    ];
  });
}

export const isTrue = (node: Node | undefined): boolean =>
  node?.kind === 'scalar' && node.value === true;

const hasNetwork = (service: Node, network: string): boolean =>
  entriesAt(service, 'networks').some(([name]) => name === network);

/** Docker appends the words of a later file to those of an earlier one. */
export function healthcheckRule({ recipe }: LintInput): readonly RecipeProblem[] {
  const seen = new Set<string>();
  const problems: RecipeProblem[] = [];
  for (const part of recipe.parts)
    for (const [name, { node }] of entriesAt(part, 'services')) {
      const test = at(node, 'healthcheck', 'test');
      if (test === undefined) continue;
      if (seen.has(name))
        problems.push(
          problemAt(
            test,
            'RCP031',
            `The health check of \`${name}\` is joined to an earlier one.`,
            {
              hint: 'Write it in one of the files only.',
            },
          ),
        );
      seen.add(name);
    }
  return problems;
}
