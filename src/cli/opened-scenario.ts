import type { Manifest } from '../scenario/manifest.ts';
import type { Plan } from '../scenario/plan.ts';
import type { RunScenario } from '../scenario/scenarios.ts';
import type { RunInputs } from './run-options.ts';

/** What a run must do, and what the file that says so says about the rest. */
export type OpenedScenario = {
  readonly scenario: RunScenario;
  /** With the manifest and the releases that the file names. */
  readonly inputs: RunInputs;
  /** Wall-clock limit of the whole run, cleanup not counted. */
  readonly limitMs?: number;
  /** What the file says about the manifest, and about the plan made from both. */
  readonly judge: {
    readonly manifest: (manifest: Manifest) => void;
    readonly plan: (plan: Plan) => void;
  };
  readonly notes: readonly { readonly code: string; readonly message: string }[];
};
