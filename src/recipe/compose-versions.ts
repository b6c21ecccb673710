// Whether the `version` lines of a recipe's compose files are ones that clients read, and one and the same.

import { problemAt, type RecipeProblem } from './problem.ts';
import { newestMinor } from './shape.ts';
import { at, type Mapping, type Scalar } from './tree.ts';

const known = /^3(?:\.(?:[0-9]|1[0-3]))?$/;

export function versionProblems(trees: readonly Mapping[]): readonly RecipeProblem[] {
  const versions = trees.map((tree) => ({ tree, node: at(tree, 'version') }));
  const written = versions.flatMap(({ node }) => (node?.kind === 'scalar' ? [node] : []));
  const problems = written.flatMap((node) => unknownVersion(node));
  const [first] = written;
  const other = written.find(({ value }) => value !== first?.value);
  if (first !== undefined && other !== undefined)
    problems.push(
      problemAt(
        other,
        'RCP007',
        `This file has version ${String(other.value)}, ${first.source.path} has ${String(first.value)}.`,
        { hint: 'Docker refuses to join files of different versions: write the same.' },
      ),
    );
  const without = versions.find(({ node }) => node === undefined);
  if (first !== undefined && without !== undefined)
    problems.push(
      problemAt(
        { source: without.tree.source, span: { start: 0, end: 0 } },
        'RCP007',
        `This file has no version, ${first.source.path} has ${String(first.value)}.`,
        { hint: `Write version: "${String(first.value)}" into both, or into neither.` },
      ),
    );
  return problems;
}

/** Of version 3.x what stands behind the dot; the newest for a file that says none, or `3` alone. */
export function minorVersionOf(tree: Mapping): number {
  const node = at(tree, 'version');
  const text = node?.kind === 'scalar' ? String(node.value) : '';
  const minor = known.test(text) ? text.split('.')[1] : undefined;
  return minor === undefined ? newestMinor : Number(minor);
}

function unknownVersion(node: Scalar): RecipeProblem[] {
  if (typeof node.value === 'string' && known.test(node.value)) return [];
  return [
    problemAt(node, 'RCP007', `\`${String(node.value)}\` is no version that Swarm reads.`, {
      hint: 'Write version: "3.8".',
    }),
  ];
}
