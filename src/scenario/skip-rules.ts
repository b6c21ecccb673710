// Which operations of a scenario are done, and which are skipped and why. A skip is declared before the
// run starts; whatever goes wrong later is never one.

import { nearest } from '../diagnostics/nearest.ts';
import type { Skip } from '../evidence/record.ts';
import type { Capability } from '../ports/app-driver.ts';
import type { Manifest } from './manifest.ts';
import type { OperationName } from './plan.ts';

export type SkipInputs = {
  /** Operations of the scenario in order. */
  readonly operations: readonly OperationName[];
  readonly manifest: Pick<Manifest, 'backup' | 'notApplicable'>;
  /** Why there is no base, and whether its owner says so; undefined when there is one. */
  readonly noBase?: { readonly reason: string; readonly declared: boolean };
  readonly capabilities: Readonly<Record<Capability, true | string>>;
  /** Whether an overlay or an action belongs to `custom`. */
  readonly hasCustom: boolean;
  /** `--ops`; undefined for all. */
  readonly selection?: readonly OperationName[];
};

export type OperationChoice = { readonly name: OperationName; readonly skip?: Skip };

export type Operations = {
  readonly operations: readonly OperationChoice[];
  /** `partial` when something was not asked for: never evidence of more than itself. */
  readonly selection: 'full' | 'partial';
};

export function chooseOperations(inputs: SkipInputs): Operations {
  const skips = new Map<OperationName, Skip>();
  for (const name of inputs.operations) {
    const skip = ownSkip(name, inputs, skips);
    if (skip !== undefined) skips.set(name, skip);
  }
  const wanted = wantedOperations(inputs, skips);
  const operations = inputs.operations.map((name) => {
    const skip = skips.get(name) ?? (wanted.has(name) ? undefined : notAsked);
    return { name, ...(skip === undefined ? {} : { skip }) };
  });
  const partial = operations.some(({ skip }) => skip?.kind === 'not-asked');
  return { operations, selection: partial ? 'partial' : 'full' };
}

/** Skip of an operation's floor checks; not of `recipe`, `run` and `remove`, which nobody may set aside. */
export function floorSkip(
  { skipFloor }: Pick<Manifest, 'skipFloor'>,
  operation: OperationName | 'recipe' | 'run',
): Skip | undefined {
  if (operation === 'recipe' || operation === 'run' || operation === 'remove') return undefined;
  const reason = skipFloor[operation] ?? skipFloor['all'];
  return reason === undefined ? undefined : { kind: 'declared', reason };
}

/** Skip of the lint check, which is an operation of its own only in declarations. */
export function lintSkip({ notApplicable }: Pick<Manifest, 'notApplicable'>): Skip | undefined {
  const reason = notApplicable['lint'];
  return reason === undefined ? undefined : { kind: 'declared', reason };
}

export type Selection =
  | { readonly operations: readonly OperationName[] }
  | { readonly unknown: string; readonly hint: string };

/** `--ops backup,restore`. */
export function readSelection(text: string, known: readonly OperationName[]): Selection {
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !known.some((each) => each === name));
  if (unknown === undefined) return { operations: known.filter((each) => names.includes(each)) };
  const meant = nearest(unknown, known);
  const hint = meant === undefined ? `Known: ${known.join(', ')}.` : `Did you mean ${meant}?`;
  return { unknown, hint };
}

const notAsked: Skip = { kind: 'not-asked', reason: 'not selected by --ops' };
const dataRung: readonly OperationName[] = ['backup', 'restore', 'rebuild'];

function ownSkip(
  name: OperationName,
  inputs: SkipInputs,
  earlier: ReadonlyMap<OperationName, Skip>,
): Skip | undefined {
  if (name === 'install' || name === 'remove') return undefined;
  return declaredSkip(name, inputs) ?? structuralSkip(name, inputs, earlier);
}

function declaredSkip(name: OperationName, inputs: SkipInputs): Skip | undefined {
  const { notApplicable } = inputs.manifest;
  const rung = dataRung.includes(name) ? notApplicable['data'] : undefined;
  const reason = notApplicable[name] ?? rung ?? declaredElsewhere(name, inputs);
  return reason === undefined ? undefined : { kind: 'declared', reason };
}

function declaredElsewhere(name: OperationName, inputs: SkipInputs): string | undefined {
  const { capable } = inputs.manifest.backup;
  if (name === 'backup') return typeof capable === 'object' ? capable.no : undefined;
  return name === 'upgrade' && inputs.noBase?.declared === true ? inputs.noBase.reason : undefined;
}

function structuralSkip(
  name: OperationName,
  inputs: SkipInputs,
  earlier: ReadonlyMap<OperationName, Skip>,
): Skip | undefined {
  const reason = structuralReasons[name]?.(inputs, earlier);
  return reason === undefined ? undefined : { kind: 'structural', reason };
}

type Reason = (inputs: SkipInputs, earlier: ReadonlyMap<OperationName, Skip>) => string | undefined;

const incapable = (capability: Capability, { capabilities }: SkipInputs): string | undefined => {
  const answer = capabilities[capability];
  return answer === true ? undefined : answer;
};

const structuralReasons: Readonly<Record<string, Reason | undefined>> = {
  upgrade: ({ noBase }) => noBase?.reason,
  backup: (inputs) => incapable('backup', inputs),
  restore: (inputs, earlier) =>
    earlier.has('backup') ? 'there is no backup to restore' : incapable('restore', inputs),
  rebuild: (inputs) => incapable('rebuild', inputs),
  custom: ({ hasCustom }) => (hasCustom ? undefined : 'no overlay and no action'),
};

/** What was asked for and what that needs: an upgrade comes first, since checks want head. */
function wantedOperations(
  { operations, selection }: SkipInputs,
  skips: ReadonlyMap<OperationName, Skip>,
): ReadonlySet<OperationName> {
  if (selection === undefined) return new Set(operations);
  const asked = selection.filter((name) => !skips.has(name));
  const needsHead = asked.some((name) => name !== 'install' && name !== 'remove');
  return new Set<OperationName>([
    ...asked,
    'install',
    'remove',
    ...(needsHead ? (['upgrade'] as const) : []),
    ...(asked.includes('restore') ? (['backup'] as const) : []),
  ]);
}
