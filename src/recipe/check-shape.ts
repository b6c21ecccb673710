// Whether a compose file, variables filled in, has only keys and values that Swarm takes.

import { canonicalJson } from '../evidence/canonical.ts';
import { nearest } from '../diagnostics/nearest.ts';
import { problemAt, type RecipeProblem } from './problem.ts';
import { ignoredKeys, refusedKeys, type Shape } from './shape.ts';
import {
  at,
  entriesAt,
  toJson,
  type Entry,
  type Mapping,
  type Node,
  type Place,
  type Scalar,
} from './tree.ts';

/** `minor`: version 3.`minor` of the format, as the file says. */
export function checkShape(tree: Mapping, shape: Shape, minor: number): readonly RecipeProblem[] {
  const problems: RecipeProblem[] = [];
  for (const pair of tree.entries) checkEntry(tree, pair, { shape, minor, problems, path: [] });
  for (const [name, { node }] of entriesAt(tree, 'services'))
    problems.push(...ignoredProblems(name, node));
  problems.push(...nameProblems(tree));
  return problems;
}

type Checking = {
  readonly shape: Shape;
  readonly minor: number;
  readonly problems: RecipeProblem[];
  readonly path: readonly string[];
};

function checkEntry(
  parent: Mapping,
  [key, entry]: readonly [string, Entry],
  { shape, minor, problems, path }: Checking,
): void {
  const below = shape.keys?.[key] ?? shape.other;
  const extension = below === undefined && isExtension(key, path);
  const since = below?.since ?? extensionSince(extension, path);
  const place = { source: parent.source, span: entry.key };
  if (since > minor) problems.push(tooNew(place, `The key \`${key}\``, { since, minor }));
  else if (below !== undefined)
    checkNode(entry.node, { shape: below, minor, problems, path: [...path, key] });
  else if (shape.open !== true && !extension) problems.push(refusedKey(place, key, shape));
}

const tooNew = (
  place: Place,
  what: string,
  { since, minor }: { readonly since: number; readonly minor: number },
): RecipeProblem =>
  problemAt(place, 'RCP002', `${what} is newer than version 3.${String(minor)} of this file.`, {
    hint: `Write version: "3.${String(Math.max(since, 8))}", in every compose file of the recipe.`,
  });

/** Of the file since 3.4, of its parts since 3.7. */
function extensionSince(extension: boolean, path: readonly string[]): number {
  if (!extension) return 0;
  return path.length === 0 ? 4 : 7;
}

/** Of the file, a service, a network and the like; Docker refuses them further down. */
const isExtension = (key: string, path: readonly string[]): boolean =>
  key.startsWith('x-') && path.length <= 2;

function refusedKey(place: Place, key: string, shape: Shape): RecipeProblem {
  const known = Object.keys(shape.keys ?? {});
  const close = nearest(key, known);
  const other =
    close === undefined ? `Allowed: ${known.join(', ')}.` : `Did you mean \`${close}\`?`;
  // These two bring in files, which may be anybody's.
  const code = key === 'extends' || key === 'include' ? 'RCP020' : 'RCP002';
  return problemAt(place, code, `The key \`${key}\` is not allowed here.`, {
    hint: refusedKeys[key] ?? other,
  });
}

function checkNode(node: Node, checking: Checking): void {
  const { shape } = checking;
  if (shape.open === true) return;
  if (node.kind === 'scalar') checkScalar(node, checking);
  else if (node.kind === 'list') checkList(node, checking);
  else checkMap(node, checking);
}

function checkList(node: Node & { kind: 'list' }, checking: Checking): void {
  const { shape, problems, path } = checking;
  const { items } = shape;
  if (items === undefined) {
    problems.push(wrong(node, path, `a list, where ${wanted(shape)} is expected`));
    return;
  }
  for (const item of node.items) checkNode(item, { ...checking, shape: items });
  const again = shape.unique === true ? repeated(node.items) : undefined;
  if (again !== undefined) problems.push(wrong(again, path, 'a list that has this twice'));
}

function repeated(items: readonly Node[]): Node | undefined {
  const seen = new Set<string>();
  return items.find((item) => {
    const text = canonicalJson(toJson(item));
    return seen.size === seen.add(text).size;
  });
}

function checkMap(node: Mapping, checking: Checking): void {
  const { shape, minor, problems, path } = checking;
  const { mappingSince: since = 0 } = shape;
  if (since > minor) {
    problems.push(tooNew(node, `A mapping for \`${path.join('.')}\``, { since, minor }));
    return;
  }
  if (shape.keys === undefined && shape.other === undefined) {
    problems.push(wrong(node, path, `a mapping, where ${wanted(shape)} is expected`));
    return;
  }
  for (const pair of node.entries) checkEntry(node, pair, checking);
  for (const name of shape.required ?? [])
    if (!node.entries.has(name)) problems.push(wrong(node, path, `without \`${name}\``));
}

function checkScalar(node: Scalar, { shape, problems, path }: Checking): void {
  const fault = faultOf(node, shape);
  if (fault === undefined) return;
  const from = node.template === undefined ? '' : `, from ${node.template}`;
  problems.push(
    problemAt(node, 'RCP003', `\`${path.join('.')}\` is ${fault}${from}.`, {
      ...hintFor(node, shape),
    }),
  );
}

function faultOf({ value }: Scalar, shape: Shape): string | undefined {
  if (value === null)
    return shape.none === true ? undefined : `empty, where ${wanted(shape)} is expected`;
  if (typeof value === 'boolean')
    return shape.boolean === true
      ? undefined
      : `${String(value)}, where ${wanted(shape)} is expected`;
  return typeof value === 'number' ? numberFault(value, shape) : textFault(value, shape);
}

function textFault(value: string, shape: Shape): string | undefined {
  if (shape.text === undefined) return `the text "${value}", where ${wanted(shape)} is expected`;
  if (shape.choices?.includes(value) === false)
    return `"${value}", where only ${shape.choices.join(' or ')} is allowed`;
  return shape.text === 'duration' && durationMs(value) === undefined
    ? `"${value}", where a duration like 1m30s is expected`
    : undefined;
}

function numberFault(value: number, shape: Shape): string | undefined {
  if (shape.number === 'integer' && !Number.isInteger(value))
    return `${String(value)}, where a whole number is expected`;
  return shape.number === undefined
    ? `the number ${String(value)}, where ${wanted(shape)} is expected`
    : undefined;
}

function hintFor({ value, template }: Scalar, shape: Shape): { readonly hint?: string } {
  if (template !== undefined) return { hint: 'Give the variable such a value, or a default.' };
  if (shape.text !== undefined && value !== null && typeof value !== 'string')
    return { hint: `Put it in quotes: "${String(value)}".` };
  if (shape.cast !== undefined && typeof value === 'string') return { hint: 'Remove the quotes.' };
  return {};
}

function wanted(shape: Shape): string {
  const kinds = [
    shape.text === 'duration' ? 'a duration' : shape.text && 'a text',
    shape.number === 'integer' ? 'a whole number' : shape.number && 'a number',
    shape.boolean && 'true or false',
    shape.items && 'a list',
    (shape.keys ?? shape.other) && 'a mapping',
  ];
  return kinds.filter((kind) => typeof kind === 'string').join(' or ');
}

const wrong = (node: Node, path: readonly string[], how: string): RecipeProblem =>
  problemAt(node, 'RCP003', `\`${path.join('.')}\` is ${how}.`);

function ignoredProblems(service: string, node: Node): readonly RecipeProblem[] {
  return entriesAt(node).flatMap(([key, entry]) => {
    if (key === 'env_file') return [variablesFromFile(node, entry)];
    if (key === 'networks') return fixedAddresses(service, entry.node);
    const hint = ignoredKeys[key];
    return hint === undefined
      ? []
      : [
          problemAt(
            { source: node.source, span: entry.key },
            'RCP025',
            `Swarm ignores \`${key}\` of service \`${service}\`.`,
            { hint },
          ),
        ];
  });
}

/** Tasks get whatever address of the network is free. */
const fixedAddresses = (service: string, networks: Node): readonly RecipeProblem[] =>
  entriesAt(networks).flatMap(([network, { node }]) =>
    entriesAt(node)
      .filter(([key]) => key === 'ipv4_address' || key === 'ipv6_address')
      .map(([key, { key: span }]) =>
        problemAt(
          { source: node.source, span },
          'RCP025',
          `Swarm ignores \`${key}\` of service \`${service}\` on \`${network}\`.`,
          { hint: 'Address the service by its name.' },
        ),
      ),
  );

/** Such a file lies on the host of whoever deploys, or is in the recipe and unseen by every tool. */
const variablesFromFile = ({ source }: Node, { key }: Entry): RecipeProblem =>
  problemAt({ source, span: key }, 'RCP020', 'Variables are not taken from other files.', {
    hint: 'Write them into `environment`, with defaults in .env.sample.',
  });

const nameForm = /^[a-zA-Z0-9._-]+$/;

function nameProblems(tree: Mapping): readonly RecipeProblem[] {
  return ['services', 'networks', 'volumes', 'secrets', 'configs'].flatMap((section) =>
    entriesAt(tree, section)
      .filter(([name]) => !nameForm.test(name))
      .map(([name, { key }]) =>
        problemAt(
          { source: at(tree, section)?.source ?? tree.source, span: key },
          'RCP003',
          `\`${name}\` is no name of one of the ${section}.`,
          { hint: 'Use letters, digits, `.`, `_` and `-`.' },
        ),
      ),
  );
}

const units: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** Milliseconds of a duration as Go writes it, `1m30s`; undefined for anything else. */
export function durationMs(text: string): number | undefined {
  const sign = text.startsWith('-') ? -1 : 1;
  const body = text.replace(/^[-+]/, '');
  if (body === '0') return 0;
  if (!/^(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/.test(body)) return undefined;
  let total = 0;
  for (const [, digits = '', unit = ''] of body.matchAll(/([\d.]+)(ns|us|µs|μs|ms|s|m|h)/g))
    total += Number(digits) * (units[unit] ?? 0);
  return sign * total;
}
