// What a migration can do to a file, and why it may not.

export const plainTransforms = [
  'intent-to-goal',
  'quote-goal',
  'trailing-space',
  'blank-runs',
] as const;
/** Only on request. */
export const extraTransforms = ['quote-text', 'tabs', 'remember'] as const;
export const dialectTransforms = ['indent-to-c', 'arrow-to-c'] as const;
export type Transform =
  | (typeof plainTransforms)[number]
  | (typeof extraTransforms)[number]
  | (typeof dialectTransforms)[number];

export type MigrateRefusal = {
  readonly code: 'E_MIGRATE_UNSAFE' | 'E_MIGRATE_SIGNED' | 'E_MIGRATE_FORM';
  readonly message: string;
  /** Offset in the text where the reason stands, if it stands anywhere. */
  readonly at?: number;
};
