import { Failure } from '../shared/failure.ts';
import type { Model, Sandbox } from './model.ts';
import { loadState, saveState } from './state-current.ts';

/** The one holder of the gateway's state: every change is on disk before it is believed. */
export type Store = {
  readonly model: () => Model;
  readonly change: (edit: (model: Model) => Model) => void;
};

export function openStore(folder: string): Store {
  let model = loadState(folder);
  return {
    model: () => model,
    change: (edit) => {
      const next = edit(model);
      saveState(folder, next);
      model = { ...next, generation: next.generation + 1 };
    },
  };
}

/** Throws exit 3 when there is none. */
export function sandboxNamed(model: Model, name: string): Sandbox {
  const found = model.sandboxes.find((each) => each.name === name);
  if (found === undefined) throw new Failure(3, `there is no sandbox ${name}`);
  return found;
}

export function withSandbox(model: Model, sandbox: Sandbox): Model {
  const others = model.sandboxes.filter(({ name }) => name !== sandbox.name);
  return { ...model, sandboxes: [...others, sandbox] };
}

export function withoutSandbox(model: Model, name: string): Model {
  return { ...model, sandboxes: model.sandboxes.filter((each) => each.name !== name) };
}
