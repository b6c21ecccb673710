// Fills variables into the values of one compose file and gives those that must be numbers or switches
// their type, as `docker stack deploy` does before it looks at types at all.

import { fillTemplate, parseTemplate, type VariableUse } from './interpolate.ts';
import { problemAt, type RecipeProblem } from './problem.ts';
import type { Shape } from './shape.ts';
import { listAt, mappingAt, type Entry, type Mapping, type Node, type Scalar } from './tree.ts';

/** A variable where it is used. The span is the value's, since escapes move offsets inside it. */
export type PlacedUse = VariableUse & {
  readonly scalar: Scalar;
  /** Keys from the root of the file. */
  readonly path: readonly string[];
  readonly shape: Shape | undefined;
};

export type FilledFile = {
  readonly tree: Mapping;
  readonly uses: readonly PlacedUse[];
  readonly problems: readonly RecipeProblem[];
};

export type Variables = ReadonlyMap<string, string>;

type Filling = {
  readonly variables: Variables;
  readonly uses: PlacedUse[];
  readonly problems: RecipeProblem[];
  readonly path: string[];
};

const filledSections = new Set(['services', 'networks', 'volumes', 'secrets', 'configs']);

export function fillVariables(tree: Mapping, shape: Shape, variables: Variables): FilledFile {
  const filling: Filling = { variables, uses: [], problems: [], path: [] };
  const entries = [...tree.entries].map(([key, entry]): readonly [string, Entry] => {
    if (!filledSections.has(key)) return [key, entry];
    return [key, fillEntry(filling, key, entry, shape.keys?.[key])];
  });
  const { uses, problems } = filling;
  return { tree: mappingAt(tree, entries), uses, problems };
}

function fillEntry(filling: Filling, key: string, entry: Entry, shape: Shape | undefined): Entry {
  filling.path.push(key);
  const node = fillNode(filling, entry.node, shape);
  filling.path.pop();
  return node === entry.node ? entry : { key: entry.key, node };
}

function fillNode(filling: Filling, node: Node, shape: Shape | undefined): Node {
  if (node.kind === 'scalar') return fillScalar(filling, node, shape);
  if (node.kind === 'list') {
    const items = node.items.map((item, index) => {
      filling.path.push(String(index));
      const filled = fillNode(filling, item, shape?.items);
      filling.path.pop();
      return filled;
    });
    return listAt(node, items);
  }
  const entries = [...node.entries].map(([key, entry]): readonly [string, Entry] => {
    checkKey(filling, node, key, entry);
    return [key, fillEntry(filling, key, entry, shape?.keys?.[key] ?? shape?.other)];
  });
  return mappingAt(node, entries);
}

const variableInKey = /\$\{?[A-Za-z_]/;

/** Docker leaves keys alone, so such a key names nothing that anybody looks for. */
function checkKey({ problems }: Filling, { source }: Mapping, key: string, entry: Entry): void {
  if (!variableInKey.test(key)) return;
  problems.push(
    problemAt(
      { source, span: entry.key },
      'RCP019',
      `No variable is filled in in the key \`${key}\`.`,
      { hint: 'Write the list form: - "name=value".' },
    ),
  );
}

function fillScalar(filling: Filling, scalar: Scalar, shape: Shape | undefined): Scalar {
  const { value } = scalar;
  if (typeof value !== 'string' || !value.includes('$')) return scalar;
  const template = parseTemplate(value);
  if (template.refusedAt !== undefined) {
    filling.problems.push(refused(scalar, value.slice(template.refusedAt)));
    return scalar;
  }
  const path = [...filling.path];
  for (const part of template.parts)
    if (part.kind === 'use') filling.uses.push({ ...part.use, scalar, path, shape });
  const filled = fillTemplate(template, (name) => filling.variables.get(name));
  if ('missing' in filled) {
    filling.problems.push(missing(scalar, filled.missing));
    return scalar;
  }
  if (filled.text === value) return scalar;
  const cast = castText(filled.text, shape?.cast);
  return { ...scalar, value: cast, template: value };
}

const refused = (scalar: Scalar, from: string): RecipeProblem =>
  problemAt(scalar, 'RCP004', `\`${from.slice(0, 30)}\` is no variable that Docker fills in.`, {
    hint: from.includes(':+')
      ? 'Docker knows ${X}, ${X-d}, ${X:-d}, ${X?m} and ${X:?m}; write $$ for a dollar sign.'
      : 'Write $$ for a dollar sign.',
  });

const missing = (scalar: Scalar, { name, required = '' }: VariableUse): RecipeProblem =>
  problemAt(scalar, 'RCP005', `\`${name}\` is required and has no value: ${required}`.trim(), {
    hint: 'Give it a value in .env.sample, or in `env` of the manifest.',
  });

const yes = new Set(['y', 'yes', 'true', 'on']);
const no = new Set(['n', 'no', 'false', 'off']);

/** Text that cannot be cast stays; the check of types then says where it came from. */
function castText(text: string, cast: Shape['cast']): Scalar['value'] {
  if (cast === 'integer') return /^[-+]?\d+$/.test(text) ? Number(text) : text;
  if (cast === 'number') {
    const value = Number(text);
    return text.trim() === '' || Number.isNaN(value) ? text : value;
  }
  if (cast !== 'boolean') return text;
  const word = text.toLowerCase();
  if (yes.has(word)) return true;
  return no.has(word) ? false : text;
}
