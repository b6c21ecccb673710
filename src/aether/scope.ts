// What is known about names at one point of a script. Branches are undone from a log and merged, so
// the cost of a branch is what it defines, not what the script holds.

export type Binding = 'defined' | 'awaited' | 'maybe' | 'pending';

export type Scope = {
  readonly bindings: Map<string, Binding>;
  readonly log: { readonly name: string; readonly before: Binding | undefined }[];
  /** Whether the point is behind `stop_execution()`. */
  stopped: boolean;
};

export type Changes = { readonly names: ReadonlyMap<string, Binding>; readonly stopped: boolean };

export function makeScope(): Scope {
  return { bindings: new Map(), log: [], stopped: false };
}

export function bind(scope: Scope, name: string, binding: Binding): void {
  scope.log.push({ name, before: scope.bindings.get(name) });
  scope.bindings.set(name, binding);
}

/** What `run` binds, with the scope as it was before. */
export function inBranch(scope: Scope, run: () => void): Changes {
  const mark = scope.log.length;
  const before = scope.stopped;
  scope.stopped = false;
  run();
  const names = new Map<string, Binding>();
  for (const { name } of scope.log.slice(mark)) {
    const binding = scope.bindings.get(name);
    if (binding !== undefined) names.set(name, binding);
  }
  const { stopped } = scope;
  undoTo(scope, mark);
  scope.stopped = before;
  return { names, stopped };
}

function undoTo({ bindings, log }: Scope, mark: number): void {
  while (log.length > mark) {
    const entry = log.pop();
    if (entry === undefined) return;
    if (entry.before === undefined) bindings.delete(entry.name);
    else bindings.set(entry.name, entry.before);
  }
}

/** Binds what holds whichever of the branches ran; a branch that stops leads nowhere. */
export function merge(scope: Scope, branches: readonly Changes[]): void {
  const live = branches.filter(({ stopped }) => !stopped);
  if (live.length === 0) scope.stopped = true;
  const names = new Set(live.flatMap((branch) => [...branch.names.keys()]));
  for (const name of names) {
    const before = scope.bindings.get(name);
    const merged = combine(live.map((branch) => branch.names.get(name) ?? before));
    if (merged !== before) bind(scope, name, merged);
  }
}

function combine(bindings: readonly (Binding | undefined)[]): Binding {
  const kinds = new Set(bindings);
  if (kinds.has('pending')) return 'pending';
  if (kinds.has('maybe') || kinds.has(undefined)) return 'maybe';
  return kinds.has('defined') ? 'defined' : 'awaited';
}
