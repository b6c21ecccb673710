// What holds between the parts of a gates file and no registry can say.

import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { nearest } from '../diagnostics/nearest.ts';
import type { Path, YamlDocument } from '../scenario/yaml-document.ts';
import type { Gate, GatesFile } from './gate-schema.ts';
import { leakCheck } from './gate-plan.ts';
import { placeholdersIn, randomNames, reservedNames } from './placeholders.ts';

type Found = (path: Path, said: { code: string; message: string; hint: string }) => void;

export function gateRules(document: YamlDocument, file: GatesFile): readonly Diagnostic[] {
  const problems: Diagnostic[] = [];
  const found: Found = (path, said) =>
    problems.push({ ...said, severity: 'error', span: document.spanOf(path) });
  const owners = new Map<string, string>();
  for (const [name, gate] of Object.entries(file.gates)) {
    for (const [index, { id }] of gate.checks.entries()) {
      const path = ['gates', name, 'checks', index, 'id'];
      const owner = owners.get(id);
      if (owner !== undefined) found(path, twice(id, owner));
      else if (id.startsWith('gate.runner.') || id.startsWith('gate.manual.'))
        found(path, reserved(id));
      owners.set(id, name);
    }
    askedRules(name, gate, found);
    canaryRules(name, gate, found);
    referenceRules(name, gate, found);
  }
  placeholderRules(file, found);
  return problems;
}

const twice = (id: string, owner: string) => ({
  code: 'GT004',
  message: `The check ${id} is declared twice.`,
  hint: `Gate ${owner} has it already; ids are unique in the file.`,
});

const reserved = (id: string) => ({
  code: 'GT004',
  message: `The check ${id} belongs to the runner.`,
  hint: 'gate.runner.* and gate.manual.* are its own; choose another domain.',
});

function askedRules(name: string, gate: Gate, found: Found): void {
  if (gate.kind === 'manual' && gate.manual === undefined) {
    found(['gates', name, 'kind'], {
      code: 'GT006',
      message: 'A gate of kind manual needs `manual`.',
      hint: 'Say who must sign: manual: {signers: [<key id or owner>]}.',
    });
    return;
  }
  if (gate.checks.length > 0 || gate.manual !== undefined) return;
  found(['gates', name, 'kind'], {
    code: 'GT006',
    message: `The gate ${name} asks nothing; without a check there is no pass.`,
    hint: 'Add `checks`, or `manual`.',
  });
}

function canaryRules(name: string, gate: Gate, found: Found): void {
  const ids = gate.checks.map(({ id }) => id);
  const known = [...ids, leakCheck(name)];
  const red = new Set(gate.canary.flatMap((each) => each.red));
  for (const [index, { red: killed, also }] of gate.canary.entries())
    for (const id of [
      ...[killed].flat().filter((each) => !ids.includes(each)),
      ...also.filter((each) => !known.includes(each)),
    ])
      found(['gates', name, 'canary', index, also.includes(id) ? 'also' : 'red'], {
        code: 'GT005',
        message: `The gate ${name} has no check ${id}.`,
        hint: meant(id, ids),
      });
  for (const [index, id] of ids.entries())
    if (!red.has(id))
      found(['gates', name, 'checks', index, 'id'], {
        code: 'GT002',
        message: `No canary turns ${id} red: a check that nothing can fail proves nothing.`,
        hint: `Add to canary: {fault: …, red: ${id}}, or {env: …}, {put: …, from: …}, {stub: …}.`,
      });
}

const meant = (id: string, ids: readonly string[]): string => {
  const guess = nearest(id, ids);
  return guess === undefined ? `It has ${ids.join(', ')}.` : `Did you mean ${guess}?`;
};

/** `same_as` and `changed_since` look back, at checks of the same gate. */
function referenceRules(name: string, gate: Gate, found: Found): void {
  const before: string[] = [];
  for (const [index, check] of gate.checks.entries()) {
    walk(check, ['gates', name, 'checks', index], (path, value) => {
      const key = path.at(-1);
      if (key !== 'same_as' && key !== 'changed_since') return;
      if (key === 'same_as' && (value === '' || value.startsWith('/'))) return;
      if (before.includes(value)) return;
      found(path, {
        code: 'GT005',
        message: `No earlier check of this gate is called so.`,
        hint: before.length === 0 ? 'There is none before this one.' : meant(value, before),
      });
    });
    before.push(check.id);
  }
}

function walk(value: unknown, path: Path, visit: (path: Path, text: string) => void): void {
  if (typeof value === 'string') visit(path, value);
  else if (Array.isArray(value))
    for (const [index, item] of value.entries()) walk(item, [...path, index], visit);
  else if (typeof value === 'object' && value !== null)
    for (const [key, item] of Object.entries(value)) walk(item, [...path, key], visit);
}

/** Keys whose texts are filled in; elsewhere a dollar is a dollar. */
const filled = new Set([
  ...['env', 'start', 'run', 'request', 'cwd', 'stdin', 'via', 'tricks', 'get'],
  'workspace',
]);

function placeholderRules(file: GatesFile, found: Found): void {
  const own = randomNames(file.target);
  walk(file, [], (path, text) => {
    if (!path.some((key) => typeof key === 'string' && filled.has(key))) return;
    const gate = path[0] === 'gates' ? file.gates[String(path[1])] : undefined;
    const known = [...reservedNames, ...own, ...randomNames(gate)];
    for (const name of placeholdersIn(text)) {
      if (known.includes(name)) continue;
      const guess = nearest(name, known);
      found(path, {
        code: 'GT007',
        message: `Nothing is called $${name}.`,
        hint:
          guess === undefined
            ? `Known: ${known.map((each) => `$${each}`).join(', ')}; a dollar is $$.`
            : `Did you mean $${guess}?`,
      });
    }
  });
}
