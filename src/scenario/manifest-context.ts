import type { Json } from '../ports/json.ts';
import type { ParsedManifest } from './manifest-schema.ts';
import type { Path } from './yaml-document.ts';

/** What the loader may know about the world around a manifest. */
export type ManifestContext = {
  /**
   * Whether a file lies at this path, relative to the manifest's folder. A link that leads out of the
   * folder must count as absent. Called only for paths that stay in the folder by their text.
   */
  readonly exists: (path: string) => boolean;
  /** Whether an app of this name has a manifest; absent: nobody can say. */
  readonly hasApp?: (name: string) => boolean;
  /** Check ids of known registers; reserved layers are recognised without them. */
  readonly checkIds?: ReadonlySet<string>;
  /** Capabilities that the driver is known to have. */
  readonly supports?: readonly string[];
};

/** A problem by the path of the value it is about; `onKey`: its key is to be shown. */
export type RuleFound = {
  readonly code: string;
  readonly path: Path;
  readonly message: string;
  readonly hint: string;
  readonly severity?: 'warning';
  readonly onKey?: true;
};

/** `raw`: the file's value before defaults were filled in. */
export type ManifestRule = (facts: {
  readonly manifest: ParsedManifest;
  readonly raw: Json;
  readonly context: ManifestContext;
}) => readonly RuleFound[];
