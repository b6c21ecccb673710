import type { Ids } from '../ports/ids.ts';
import type { Secret } from './secret-forms.ts';
import { shapes, type Draw } from './secret-shapes.ts';

/** Inside every planted secret, so that one can be recognised when its value is long forgotten. */
export const canaryMarker = 'SEATCANARY';

export type CanarySecret = Secret & {
  /** Id of the shape it has. */
  readonly shape: string;
};

/** Fresh secrets to plant, one of each shape that a program may hold. */
export function makeCanarySecrets(ids: Ids): readonly CanarySecret[] {
  const draw: Draw = (alphabet, count) =>
    Array.from({ length: count }, () => {
      const random = Number.parseInt(ids.nonce(4), 16);
      return alphabet[random % alphabet.length] ?? '';
    }).join('');
  return shapes.flatMap(({ id, make }) =>
    make === undefined
      ? []
      : [{ name: `canary.${id}`, shape: id, value: make(draw, canaryMarker) }],
  );
}
