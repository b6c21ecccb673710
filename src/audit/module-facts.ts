// What a module of a pack says of itself by its syntax: nothing of it is run.

import { parse, type Node } from 'acorn';
import type { ModuleFacts } from './pack.ts';

/** `code` is JavaScript whose lines are those of the file. */
export function moduleFacts(file: string, code: string): ModuleFacts {
  try {
    const program = parse(code, { ecmaVersion: 'latest', sourceType: 'module', locations: true });
    const facts = { file, exports: new Set<string>(), throwOnly: new Set<string>() };
    for (const statement of program.body) readExport(asNode(statement), facts);
    return {
      file,
      exports: [...facts.exports].sort(),
      throwOnly: [...facts.throwOnly].sort(),
      marks: marksIn(asNode(program)),
    };
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    return { file, exports: [], throwOnly: [], marks: [], problem };
  }
}

/** A node as a bag of children: every kind of syntax has its own. */
type Tree = Node & Readonly<Record<string, unknown>>;
const asNode = (node: Node): Tree => node as Tree;

const isNode = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && typeof (value as Tree).type === 'string';
const nodesIn = (value: unknown): readonly Tree[] =>
  Array.isArray(value) ? value.filter(isNode) : isNode(value) ? [value] : [];
const nodeIn = (value: unknown): Tree | undefined => (isNode(value) ? value : undefined);

type Exports = { readonly exports: Set<string>; readonly throwOnly: Set<string> };

function readExport(statement: Tree, { exports, throwOnly }: Exports): void {
  if (statement.type === 'ExportDefaultDeclaration') exports.add('default');
  if (statement.type !== 'ExportNamedDeclaration') return;
  for (const specifier of nodesIn(statement['specifiers'])) {
    const name = nameOf(specifier['exported']);
    if (name !== undefined) exports.add(name);
  }
  const declaration = nodeIn(statement['declaration']);
  if (declaration !== undefined) readDeclaration(declaration, { exports, throwOnly });
}

function readDeclaration(declaration: Tree, { exports, throwOnly }: Exports): void {
  // Of a declaration of constants its parts, of a function or class itself.
  const declared = nodesIn(declaration['declarations']);
  for (const each of declared.length === 0 ? [declaration] : declared) {
    const name = nameOf(each['id']);
    if (name === undefined) continue;
    exports.add(name);
    if (onlyThrows(nodeIn(each['init']) ?? each)) throwOnly.add(name);
  }
}

function nameOf(value: unknown): string | undefined {
  const name = nodeIn(value)?.['name'] ?? nodeIn(value)?.['value'];
  return typeof name === 'string' ? name : undefined;
}

function onlyThrows(made: Tree): boolean {
  const body = nodeIn(made['body']);
  if (body?.type !== 'BlockStatement') return false;
  const statements = nodesIn(body['body']);
  return statements.length > 0 && statements[0]?.type === 'ThrowStatement';
}

const words: ReadonlySet<string> = new Set(['pending', 'todo', 'skip', 'only']);
const runners: ReadonlySet<string> = new Set([
  ...['it', 'test', 'describe', 'suite', 'context', 'check', 'bench'],
]);
/** Names that say the same alone. */
const shorts: ReadonlySet<string> = new Set([
  ...['xit', 'xtest', 'xdescribe', 'fit', 'fdescribe', 'pending', 'todo'],
]);

function marksIn(root: Tree): ModuleFacts['marks'] {
  const marks: { name: string; line: number }[] = [];
  const waiting: Tree[] = [root];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    const name = markOf(node);
    if (name !== undefined) marks.push({ name, line: node.loc?.start.line ?? 1 });
    for (const value of Object.values(node)) waiting.push(...nodesIn(value));
  }
  return marks.sort((a, b) => a.line - b.line || (a.name < b.name ? -1 : 1));
}

/** `test.skip(…)`, `pending(…)`, or a member like `skip: true` of what describes a check. */
function markOf(node: Tree): string | undefined {
  if (node.type === 'CallExpression') return calledMark(nodeIn(node['callee']));
  if (node.type !== 'Property') return undefined;
  const key = nameOf(node['key']);
  const value = nodeIn(node['value']);
  const isSet = value?.type === 'Literal' && value['value'] !== false && value['value'] !== null;
  return key !== undefined && words.has(key) && isSet ? `${key}:` : undefined;
}

function calledMark(callee: Tree | undefined): string | undefined {
  const name = nameOf(callee) ?? '';
  if (callee?.type === 'Identifier') return shorts.has(name) ? `${name}()` : undefined;
  return callee?.type === 'MemberExpression' ? memberMark(callee) : undefined;
}

function memberMark(member: Tree): string | undefined {
  const object = nameOf(member['object']) ?? '';
  const property = nameOf(member['property']) ?? '';
  return runners.has(object) && words.has(property) ? `${object}.${property}()` : undefined;
}
