import type { Json } from '../ports/json.ts';

/**
 * Masks secrets. A property of the writers of a bundle, not a step that somebody calls: journal and
 * object store take one and nothing reaches the disk past it.
 */
export type Redactor = {
  /** From now on `value` is masked in all its forms as `[REDACTED:<name>]`. */
  readonly add: (secret: { name: string; value: string }) => void;
  readonly redactText: (text: string) => string;
  /** Masks every string of a value, keys included, and keeps its structure. */
  readonly redactJson: (value: Json) => Json;
  /** Masks a byte stream of any size; holds back what might be the start of a secret. */
  readonly stream: () => {
    push: (chunk: Uint8Array) => Uint8Array;
    end: () => Uint8Array;
  };
};
